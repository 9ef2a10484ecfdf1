//! A net, drawn: small enough to train on a processor in seconds.
use codegen::spec::{
    Activation, DecoderSpec, EncoderSpec, Family, Gate, MemorySpec, NetSpec, OptimizerSpec,
    RecipeSpec, RecurrentSpec, StageSpec, StemSpec, TransformerSpec,
};

use crate::llm::random::Random;

/// Kinds of decoders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoder {
    Lstm,
    Gru,
    Transformer,
}

impl Decoder {
    /// The kind that a word names; marks and white space around it do not matter.
    pub(super) fn of(word: &str) -> Option<Self> {
        let name = word.trim_matches(|c: char| !c.is_ascii_alphabetic());
        match name {
            "lstm" => Some(Self::Lstm),
            "gru" => Some(Self::Gru),
            "transformer" => Some(Self::Transformer),
            _ => None,
        }
    }

    /// The kind of a decoder.
    pub(super) fn of_spec(spec: &DecoderSpec) -> Self {
        match spec {
            DecoderSpec::Lstm(_) => Self::Lstm,
            DecoderSpec::Gru(_) => Self::Gru,
            DecoderSpec::Transformer(_) => Self::Transformer,
        }
    }
}

/// A net, with the decoder that is asked for.
pub(super) fn net(asked: Option<Decoder>, random: &mut Random) -> NetSpec {
    NetSpec {
        encoder: encoder(random),
        memory: memory(random),
        decoder: decoder(asked, random),
        recipe: recipe(random),
    }
}

pub(super) fn encoder(random: &mut Random) -> EncoderSpec {
    let stem = random.one([16, 24, 32]);
    let deep = random.chance(1, 2);
    let widths = [stem * 2, stem * 3];
    EncoderSpec {
        family: family(random),
        activation: random.one([Activation::Relu, Activation::Gelu, Activation::Silu]),
        stem: StemSpec {
            channels: stem,
            kernel: random.one([3, 5, 7]),
            stride: 2,
            pool: random.chance(1, 2),
        },
        stages: widths
            .into_iter()
            .take(if deep { 2 } else { 1 })
            .map(|channels| stage(channels, random))
            .collect(),
    }
}

pub(super) fn family(random: &mut Random) -> Family {
    random.one([
        Family::Plain,
        Family::Residual,
        Family::Bottleneck,
        Family::Convnext,
        Family::Mbconv,
    ])
}

fn stage(channels: usize, random: &mut Random) -> StageSpec {
    StageSpec {
        channels,
        depth: random.one([1, 2]),
        stride: 2,
        gate: gate(random),
    }
}

pub(super) fn gate(random: &mut Random) -> Gate {
    random.one([Gate::None, Gate::Se, Gate::Cbam])
}

pub(super) fn memory(random: &mut Random) -> MemorySpec {
    MemorySpec {
        side: random.one([2, 3, 4]),
        d_model: random.one([64, 96, 128]),
    }
}

pub(super) fn decoder(asked: Option<Decoder>, random: &mut Random) -> DecoderSpec {
    let drawn = random.one([Decoder::Lstm, Decoder::Gru, Decoder::Transformer]);
    match asked.unwrap_or(drawn) {
        Decoder::Lstm => DecoderSpec::Lstm(recurrent(random)),
        Decoder::Gru => DecoderSpec::Gru(recurrent(random)),
        Decoder::Transformer => DecoderSpec::Transformer(TransformerSpec {
            layers: random.one([1, 2]),
            heads: random.one([2, 4]),
            feedforward: random.one([128, 192, 256]),
            tied: random.chance(1, 2),
            dropout: dropout(random),
        }),
    }
}

fn recurrent(random: &mut Random) -> RecurrentSpec {
    RecurrentSpec {
        hidden: random.one([96, 128, 160]),
        layers: random.one([1, 1, 2]),
        attention: random.chance(1, 2),
        tied: random.chance(1, 2),
        dropout: dropout(random),
    }
}

pub(super) fn dropout(random: &mut Random) -> f64 {
    random.one([0.0, 0.1, 0.2])
}

pub(super) fn recipe(random: &mut Random) -> RecipeSpec {
    RecipeSpec {
        optimizer: random.one([OptimizerSpec::Adam, OptimizerSpec::Adamw]),
        weight_decay: random.one([0.0, 0.01, 0.05]),
        label_smoothing: random.one([0.0, 0.1]),
        clip_norm: random.one([1.0, 3.0, 5.0]),
    }
}
