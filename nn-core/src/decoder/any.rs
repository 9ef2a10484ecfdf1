//! [`AnyDecoder`]: a decoder of either family, for code that knows which only at run time.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};

use super::{
    CaptionDecoder, Memory, MemoryAttention, RecurrentCaptionDecoder,
    RecurrentCaptionDecoderConfig, RecurrentCaptionState, TransformerCaptionDecoder,
    TransformerCaptionDecoderConfig, TransformerCaptionState,
};
use crate::config::ConfigError;

/// The configuration of a decoder of either family.
#[derive(Config, Debug)]
pub enum DecoderConfig {
    /// Of [`RecurrentCaptionDecoder`].
    Recurrent(RecurrentCaptionDecoderConfig),
    /// Of [`TransformerCaptionDecoder`].
    Transformer(TransformerCaptionDecoderConfig),
}

/// A decoder of either family.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a program holds few decoders")]
pub enum AnyDecoder {
    /// Recurrent layers.
    Recurrent(RecurrentCaptionDecoder),
    /// Transformer layers.
    Transformer(TransformerCaptionDecoder),
}

/// What an [`AnyDecoder`] keeps between tokens.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a search holds one")]
pub enum AnyDecoderState {
    /// Of recurrent layers.
    Recurrent(RecurrentCaptionState),
    /// Of Transformer layers.
    Transformer(TransformerCaptionState),
}

impl DecoderConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When the family's own `check` fails.
    pub fn check(&self) -> Result<(), ConfigError> {
        match self {
            Self::Recurrent(config) => config.check(),
            Self::Transformer(config) => config.check(),
        }
    }

    /// Draws the weights.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> AnyDecoder {
        match self {
            Self::Recurrent(config) => AnyDecoder::Recurrent(config.init(device)),
            Self::Transformer(config) => AnyDecoder::Transformer(config.init(device)),
        }
    }

    /// The same for a memory of another width.
    #[must_use]
    pub fn with_d_memory(mut self, d_memory: usize) -> Self {
        match &mut self {
            Self::Recurrent(config) => config.d_memory = d_memory,
            Self::Transformer(config) => config.d_memory = d_memory,
        }
        self
    }

    /// Words that it scores.
    pub fn vocab(&self) -> usize {
        match self {
            Self::Recurrent(config) => config.vocab,
            Self::Transformer(config) => config.vocab,
        }
    }
}

impl From<RecurrentCaptionDecoderConfig> for DecoderConfig {
    fn from(config: RecurrentCaptionDecoderConfig) -> Self {
        Self::Recurrent(config)
    }
}

impl From<TransformerCaptionDecoderConfig> for DecoderConfig {
    fn from(config: TransformerCaptionDecoderConfig) -> Self {
        Self::Transformer(config)
    }
}

impl AnyDecoderState {
    /// Where the decoder looked to score the last token's successor, `[batch, regions]`; of a Transformer the weights of
    /// the last layer, averaged over its heads. None without attention to the memory, and before the first token.
    pub fn attention_weights(&self) -> Option<Tensor<2>> {
        match self {
            Self::Recurrent(state) => state.attention_weights(),
            Self::Transformer(state) => state.attention_weights(),
        }
    }
}

impl AnyDecoder {
    /// What [`AnyDecoderState::attention_weights`] are, in words; `None` without attention to the memory.
    pub fn attention_name(&self) -> Option<String> {
        match self {
            Self::Recurrent(decoder) => match decoder.attention.as_ref()? {
                MemoryAttention::Additive(_) => Some("additive attention".to_owned()),
                MemoryAttention::Dot(_) => Some("dot-product attention".to_owned()),
            },
            Self::Transformer(decoder) => {
                let layers = &decoder.layers.layers;
                let n_heads = layers.last()?.multihead_attn.n_heads();
                Some(format!(
                    "cross attention of the last of {} layers, mean over {n_heads} heads",
                    layers.len()
                ))
            }
        }
    }
}

/// Panics: a state goes back to the decoder that made it.
#[track_caller]
fn foreign_state() -> ! {
    panic!("the state comes from a decoder of the other family")
}

impl CaptionDecoder for AnyDecoder {
    type State = AnyDecoderState;

    fn forward(&self, memory: Memory, tokens: Tensor<2, Int>) -> Tensor<3> {
        match self {
            Self::Recurrent(decoder) => decoder.forward(memory, tokens),
            Self::Transformer(decoder) => decoder.forward(memory, tokens),
        }
    }

    fn start(&self, memory: Memory) -> AnyDecoderState {
        match self {
            Self::Recurrent(decoder) => AnyDecoderState::Recurrent(decoder.start(memory)),
            Self::Transformer(decoder) => AnyDecoderState::Transformer(decoder.start(memory)),
        }
    }

    /// # Panics
    ///
    /// When the state comes from a decoder of the other family.
    fn step(&self, token: Tensor<1, Int>, state: AnyDecoderState) -> (Tensor<2>, AnyDecoderState) {
        match (self, state) {
            (Self::Recurrent(decoder), AnyDecoderState::Recurrent(state)) => {
                let (scores, state) = decoder.step(token, state);
                (scores, AnyDecoderState::Recurrent(state))
            }
            (Self::Transformer(decoder), AnyDecoderState::Transformer(state)) => {
                let (scores, state) = decoder.step(token, state);
                (scores, AnyDecoderState::Transformer(state))
            }
            _ => foreign_state(),
        }
    }

    /// # Panics
    ///
    /// When the state comes from a decoder of the other family.
    fn select(&self, state: AnyDecoderState, rows: Tensor<1, Int>) -> AnyDecoderState {
        match (self, state) {
            (Self::Recurrent(decoder), AnyDecoderState::Recurrent(state)) => {
                AnyDecoderState::Recurrent(decoder.select(state, rows))
            }
            (Self::Transformer(decoder), AnyDecoderState::Transformer(state)) => {
                AnyDecoderState::Transformer(decoder.select(state, rows))
            }
            _ => foreign_state(),
        }
    }

    fn vocab(&self) -> usize {
        match self {
            Self::Recurrent(decoder) => decoder.vocab(),
            Self::Transformer(decoder) => decoder.vocab(),
        }
    }

    fn max_length(&self) -> Option<usize> {
        match self {
            Self::Recurrent(decoder) => decoder.max_length(),
            Self::Transformer(decoder) => decoder.max_length(),
        }
    }
}
