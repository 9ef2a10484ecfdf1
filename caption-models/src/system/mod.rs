//! Ready captioning systems: an encoder and a decoder of `nn-core` under one name, with a recipe.
//!
//! A system is a [`CaptionNet`](crate::harness::CaptionNet) like a generated net, so it trains, decodes and is scored
//! by the same code; it needs no compiler. It decodes word by word, where a generated net reads its prefix anew.

mod file;
mod freeze;
mod net;
mod registry;
mod state;

pub use file::SystemFile;
pub use freeze::{Freeze, FreezeError, Unfreeze};
pub use net::{CaptionSystem, SystemError};
pub use registry::{SYSTEMS, SystemEntry, find};
pub(crate) use state::is_head;

use std::path::PathBuf;

use nn_core::ConfigError;
use nn_core::decoder::DecoderConfig;
use nn_core::encoder::EncoderConfig;
use serde::{Deserialize, Serialize};

/// What of an image the decoder reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemoryKind {
    /// One vector a place of the feature map.
    Regions,
    /// One vector, the mean of them.
    Pooled,
}

/// A captioning system: its two networks, and how it is trained.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SystemConfig {
    /// The encoder; the classes of its head do not matter.
    pub encoder: EncoderConfig,
    /// What of an image the decoder reads.
    pub memory: MemoryKind,
    /// The decoder; its `d_memory` becomes the width of the encoder's feature map.
    pub decoder: DecoderConfig,
    /// How it is trained.
    pub training: Training,
}

/// Cross-entropy training by `AdamW` with PyTorch's other numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Training {
    /// Learning rate of the decoder. Default: 1e-3
    pub lr: f64,
    /// Learning rate of the encoder. Default: 1e-3
    pub encoder_lr: f64,
    /// Decay applied to the parameters. Default: 0.01
    pub weight_decay: f64,
    /// Norm that all gradients together are clipped to. Default: 5
    pub clip_norm: Option<f64>,
    /// Mass that every other word gets, Szegedy et al. 2016, <https://arxiv.org/abs/1512.00567>. Default: 0.1
    pub label_smoothing: f64,
    /// Whether an image's first caption alone is learned, as LEMUR does, rather than all. Default: false
    pub first_caption: bool,
    /// Stages of the encoder that keep their weights, see [`Encoder::freeze_stages`]. Default: none
    ///
    /// [`Encoder::freeze_stages`]: nn_core::encoder::Encoder::freeze_stages
    pub freeze: Freeze,
    /// Weights of the encoder to start from: torchvision's `.pth` or safetensors. Default: none
    pub weights: Option<PathBuf>,
}

impl Default for Training {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            encoder_lr: 1e-3,
            weight_decay: 0.01,
            clip_norm: Some(5.0),
            label_smoothing: 0.1,
            first_caption: false,
            freeze: Freeze::NOTHING,
            weights: None,
        }
    }
}

impl SystemConfig {
    /// The first rule that one of the networks breaks.
    ///
    /// # Errors
    ///
    /// When the encoder's or the decoder's own `check` fails.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.encoder.check()?;
        self.decoder.check()
    }
}
