//! The systems by name.

use nn_core::Activation;
use nn_core::decoder::{
    DecoderConfig, ImageInput, RecurrentCaptionDecoderConfig, RecurrentKind, RegionAttention,
    TransformerCaptionDecoderConfig, show_and_tell, show_attend_and_tell,
};
use nn_core::encoder::{self, EncoderEntry};
use nn_core::{TransformerDecoderConfig, TransformerDecoderLayerConfig};

use super::{MemoryKind, SystemConfig, SystemError, Training};
use crate::vocab::PAD;

/// Stands for the width of the encoder's feature map, which the system sets when it is built.
const D_MEMORY: usize = 1;

/// A system that has a name.
#[derive(Clone, Copy, Debug)]
pub struct SystemEntry {
    /// What it is called.
    pub name: &'static str,
    /// One line about it.
    pub about: &'static str,
    /// The name of its encoder in [`encoder::ENCODERS`], unless another one is asked for.
    pub encoder: &'static str,
    memory: MemoryKind,
    /// From the number of words to the decoder.
    decoder: fn(usize) -> DecoderConfig,
}

/// The entry of that name.
///
/// ```
/// let config = caption_models::system::find("resnet-lstm").unwrap().config(60);
/// assert_eq!(config.decoder.vocab(), 60);
/// ```
pub fn find(name: &str) -> Option<&'static SystemEntry> {
    SYSTEMS.iter().find(|entry| entry.name == name)
}

/// All systems.
pub const SYSTEMS: &[SystemEntry] = &[
    entry(
        "show-and-tell",
        "Vinyals et al. 2015: an LSTM reads the image as its first word",
        "resnet50",
        MemoryKind::Pooled,
        |vocab| show_and_tell(D_MEMORY, vocab).into(),
    ),
    entry(
        "show-attend-and-tell",
        "Xu et al. 2015: an LSTM looks at regions before each word",
        "resnet50",
        MemoryKind::Regions,
        |vocab| show_attend_and_tell(D_MEMORY, vocab).into(),
    ),
    entry(
        "resnet-lstm",
        "ResNet-18 and an attending LSTM of 256 units",
        "resnet18",
        MemoryKind::Regions,
        lstm,
    ),
    entry(
        "resnet-gru",
        "ResNet-18 and an attending GRU of 256 units",
        "resnet18",
        MemoryKind::Regions,
        gru,
    ),
    entry(
        "resnet-transformer",
        "ResNet-18 and a Transformer of 3 layers, 256 wide",
        "resnet18",
        MemoryKind::Regions,
        transformer,
    ),
    entry(
        "convnext-lstm",
        "ConvNeXt-T and an attending LSTM of 256 units",
        "convnext_tiny",
        MemoryKind::Regions,
        lstm,
    ),
    entry(
        "convnext-transformer",
        "ConvNeXt-T and a Transformer of 3 layers, 256 wide",
        "convnext_tiny",
        MemoryKind::Regions,
        transformer,
    ),
    entry(
        "mobilenet-lstm",
        "MobileNetV2 and an attending LSTM of 256 units",
        "mobilenet_v2",
        MemoryKind::Regions,
        lstm,
    ),
    entry(
        "se-resnet-lstm",
        "ResNet-18 with squeeze and excitation, and an attending LSTM",
        "seresnet18",
        MemoryKind::Regions,
        lstm,
    ),
    entry(
        "se-resnet-transformer",
        "ResNet-18 with squeeze and excitation, and a Transformer",
        "seresnet18",
        MemoryKind::Regions,
        transformer,
    ),
    entry(
        "cbam-resnet-lstm",
        "ResNet-18 with CBAM, and an attending LSTM",
        "cbam_resnet18",
        MemoryKind::Regions,
        lstm,
    ),
    entry(
        "cbam-resnet-transformer",
        "ResNet-18 with CBAM, and a Transformer",
        "cbam_resnet18",
        MemoryKind::Regions,
        transformer,
    ),
];

const fn entry(
    name: &'static str,
    about: &'static str,
    encoder: &'static str,
    memory: MemoryKind,
    decoder: fn(usize) -> DecoderConfig,
) -> SystemEntry {
    SystemEntry {
        name,
        about,
        encoder,
        memory,
        decoder,
    }
}

impl SystemEntry {
    /// The system with its own encoder, for a vocabulary of so many words.
    ///
    /// # Panics
    ///
    /// If no encoder had the entry's name, which a test excludes.
    pub fn config(&self, vocab: usize) -> SystemConfig {
        let entry = encoder::find(self.encoder).expect("a test builds every entry");
        self.on(entry, vocab)
    }

    /// The system on another encoder.
    ///
    /// # Errors
    ///
    /// When no encoder has that name.
    pub fn config_on(&self, encoder: &str, vocab: usize) -> Result<SystemConfig, SystemError> {
        let entry = encoder::find(encoder).ok_or_else(|| SystemError::NoEncoder {
            name: encoder.to_owned(),
        })?;
        Ok(self.on(entry, vocab))
    }

    fn on(&self, entry: &EncoderEntry, vocab: usize) -> SystemConfig {
        SystemConfig {
            // A head of one class costs least; nothing reads it.
            encoder: (entry.config)().with_n_classes(1),
            decoder: (self.decoder)(vocab),
            memory: self.memory,
            training: Training::default(),
        }
    }
}

fn padding() -> Option<usize> {
    usize::try_from(PAD).ok()
}

fn lstm(vocab: usize) -> DecoderConfig {
    attending(RecurrentKind::Lstm, vocab)
}

fn gru(vocab: usize) -> DecoderConfig {
    attending(RecurrentKind::Gru, vocab)
}

fn attending(kind: RecurrentKind, vocab: usize) -> DecoderConfig {
    RecurrentCaptionDecoderConfig::new(D_MEMORY, vocab, 256, 256)
        .with_kind(kind)
        .with_image(ImageInput::InitialState(Activation::Tanh))
        .with_attention(Some(RegionAttention::Additive(256)))
        .with_dropout(0.1)
        .with_padding_idx(padding())
        .into()
}

fn transformer(vocab: usize) -> DecoderConfig {
    let layer = TransformerDecoderLayerConfig::new(256, 4)
        .with_d_feedforward(512)
        .with_norm_first(true);
    let layers = TransformerDecoderConfig::new(layer, 3).with_norm(true);
    TransformerCaptionDecoderConfig::new(D_MEMORY, vocab, layers)
        .with_padding_idx(padding())
        .into()
}
