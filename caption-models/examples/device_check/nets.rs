//! The nets: both recurrent decoders and the Transformer's, behind a small convolutional network, and nets that codegen printed.

#![expect(clippy::pedantic, reason = "generated code keeps clippy's defaults")]

use std::error::Error;

use burn::tensor::Device;
use caption_models::harness::{Candidate, CaptionNet, Captioner};
use caption_models::system::{MemoryKind, SystemConfig, Training};
use caption_models::vocab::PAD;
use nn_core::decoder::{
    DecoderConfig, ImageInput, RecurrentCaptionDecoderConfig, RecurrentKind, RegionAttention,
    TransformerCaptionDecoderConfig,
};
use nn_core::encoder::DenseNetConfig;
use nn_core::{Activation, TransformerDecoderConfig, TransformerDecoderLayerConfig};

/// Nets that codegen printed, out of reach of rustfmt, which would print them otherwise.
macro_rules! generated {
    ($($name:ident $path:literal;)*) => {
        $(
            #[path = $path]
            #[expect(unreachable_pub, reason = "generated code is written for a crate of its own")]
            mod $name;
        )*
    };
}

generated! {
    gru_decoder "../../../codegen/tests/golden/gru_decoder/module.rs";
    transformer_masks "../../../codegen/tests/golden/transformer_masks/module.rs";
}

/// A net on its device.
type Built = Result<Box<dyn CaptionNet>, Box<dyn Error>>;

/// A net to be built on any device.
pub(crate) struct Net {
    pub(crate) name: &'static str,
    pub(crate) build: fn(&Device) -> Built,
}

/// All of them.
pub(crate) const NETS: &[Net] = &[
    Net {
        name: "an LSTM that attends to regions",
        build: |device| system(device, MemoryKind::Regions, lstm()),
    },
    Net {
        name: "a GRU of two layers",
        build: |device| system(device, MemoryKind::Pooled, gru()),
    },
    Net {
        name: "a Transformer",
        build: |device| system(device, MemoryKind::Regions, transformer()),
    },
    Net {
        name: "the generated net gru_decoder",
        build: generated::<gru_decoder::Net>,
    },
    Net {
        name: "the generated net transformer_masks",
        build: generated::<transformer_masks::Net>,
    },
];

const VOCAB: usize = 30;
const IMAGE: [usize; 3] = [3, 64, 64];
const WIDTH: usize = 32;
/// Stands for the width of the encoder's feature map, which the system sets when it is built.
const D_MEMORY: usize = 1;

fn system(device: &Device, memory: MemoryKind, decoder: DecoderConfig) -> Built {
    let config = SystemConfig {
        encoder: DenseNetConfig::new([1, 1, 2, 2])
            .with_growth(8)
            .with_stem_channels(16)
            .with_n_classes(1)
            .into(),
        memory,
        decoder,
        training: Training::default(),
    };
    Ok(config.build(IMAGE, device, 0)?)
}

fn generated<N: Captioner>(device: &Device) -> Built {
    Ok(Box::new(Candidate::<N>::new(device, 0)?))
}

fn lstm() -> DecoderConfig {
    RecurrentCaptionDecoderConfig::new(D_MEMORY, VOCAB, WIDTH, WIDTH)
        .with_image(ImageInput::InitialState(Activation::Tanh))
        .with_attention(Some(RegionAttention::Additive(WIDTH)))
        .with_dropout(0.1)
        .with_padding_idx(usize::try_from(PAD).ok())
        .into()
}

fn gru() -> DecoderConfig {
    RecurrentCaptionDecoderConfig::new(D_MEMORY, VOCAB, WIDTH, WIDTH)
        .with_kind(RecurrentKind::Gru)
        .with_num_layers(2)
        .with_image(ImageInput::FirstToken)
        .with_padding_idx(usize::try_from(PAD).ok())
        .into()
}

fn transformer() -> DecoderConfig {
    let layer = TransformerDecoderLayerConfig::new(WIDTH, 4)
        .with_d_feedforward(2 * WIDTH)
        .with_norm_first(true);
    let layers = TransformerDecoderConfig::new(layer, 2).with_norm(true);
    TransformerCaptionDecoderConfig::new(D_MEMORY, VOCAB, layers)
        .with_padding_idx(usize::try_from(PAD).ok())
        .into()
}
