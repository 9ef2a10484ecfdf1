//! [`Swin`]: a transformer whose attention stays inside windows, which move between its layers.
//!
//! Liu et al. 2021, <https://arxiv.org/abs/2103.14030>. Differences from the paper: those of
//! torchvision, which are the ones of [`WindowAttention`](crate::WindowAttention).

mod parts;

pub use parts::{SwinBlock, SwinPart, SwinStem};

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Initializer, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::{Encoder, expect_stages, freeze_first, global_average};
use crate::attention::WindowAttentionConfig;
use crate::config::{ConfigError, at_least_one, dropout, each_at_least_one, expect_valid};
use crate::init::{Leaf, initialise, normal};

/// Configuration of [`Swin`]; [`swin_t`] is a ready one.
#[derive(Config, Debug)]
pub struct SwinConfig {
    /// Channels of the first stage, which every later stage doubles: a multiple of the first
    /// number of heads. At least 1.
    pub d_model: usize,
    /// Blocks of each of the four stages; every other one has its windows shifted. Each at least 1.
    pub depths: [usize; 4],
    /// Attention heads of each stage. Each at least 1, and divides the stage's channels.
    pub n_heads: [usize; 4],
    /// Height and width of a window. At least 1. Default: 7
    #[config(default = 7)]
    pub window_size: usize,
    /// The probability that an image skips half of the last block in training, in [0, 1); it grows
    /// linearly from 0 at the first block. Default: 0
    #[config(default = 0.0)]
    pub drop_path: f64,
    /// Classes. At least 1. Default: 1000
    #[config(default = 1000)]
    pub n_classes: usize,
}

/// Four stages of attention in windows.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use nn_core::encoder::{Encoder, swin_t};
///
/// let device = Device::default();
/// let encoder = swin_t().init(&device);
/// let images = Tensor::<4>::zeros([1, 3, 64, 64], &device);
/// assert_eq!(encoder.feature_map(images.clone()).dims(), [1, 768, 2, 2]);
/// assert_eq!(encoder.tokens(images.clone()).dims(), [1, 4, 768]);
/// assert_eq!(encoder.classify(images).dims(), [1, 1000]);
/// ```
#[derive(Module, Debug)]
pub struct Swin {
    /// Stem, stage, and three times merging and stage.
    pub features: Vec<SwinPart>,
    /// Of the last stage's output.
    pub norm: LayerNorm,
    /// From means to class scores.
    pub head: Linear,
}

/// Swin-T: 28.3 million parameters.
pub fn swin_t() -> SwinConfig {
    SwinConfig::new(96, [2, 2, 6, 2], [3, 6, 12, 24]).with_drop_path(0.2)
}

impl SwinConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a count is 0, heads do not divide a width, or `drop_path` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        let depths = ["depths[0]", "depths[1]", "depths[2]", "depths[3]"];
        each_at_least_one(depths, self.depths)?;
        (0..4).try_for_each(|stage_idx| self.attention(stage_idx, false).check())?;
        dropout("drop_path", self.drop_path)?;
        at_least_one("n_classes", self.n_classes)
    }

    /// Draws the weights: linear layers normal with deviation 0.02, their biases 0.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> Swin {
        expect_valid("Swin", self.check());
        let mut features = vec![SwinPart::stem(self.d_model, device), self.stage(0, device)];
        for stage_idx in 1..4 {
            features.push(SwinPart::merging(self.width(stage_idx - 1), device));
            features.push(self.stage(stage_idx, device));
        }
        let model = Swin {
            features,
            norm: LayerNormConfig::new(self.width(3)).init(device),
            head: LinearConfig::new(self.width(3), self.n_classes).init(device),
        };
        initialise(model, initial_values)
    }

    fn stage(&self, stage_idx: usize, device: &Device) -> SwinPart {
        let last_block = self.depths.iter().sum::<usize>() - 1; // four stages: at least 3
        let first = self.depths[..stage_idx].iter().sum::<usize>();
        let blocks = (0..self.depths[stage_idx]).map(|idx| {
            let drop_path = self.drop_path * (first + idx) as f64 / last_block as f64;
            let attention = self.attention(stage_idx, idx % 2 == 1);
            SwinBlock::init(&attention, drop_path, device)
        });
        SwinPart::Stage(blocks.collect())
    }

    fn attention(&self, stage_idx: usize, shifted: bool) -> WindowAttentionConfig {
        WindowAttentionConfig::new(self.width(stage_idx), self.n_heads[stage_idx])
            .with_window_size(self.window_size)
            .with_shifted(shifted)
    }

    fn width(&self, stage_idx: usize) -> usize {
        self.d_model << stage_idx
    }
}

fn initial_values(leaf: &Leaf<'_>) -> Option<Initializer> {
    if leaf.is("Linear", "weight") {
        return Some(normal(0.02));
    }
    leaf.is("Linear", "bias").then_some(Initializer::Zeros)
}

impl Encoder for Swin {
    fn n_channels(&self) -> usize {
        self.head.weight.dims()[0]
    }

    fn feature_map(&self, images: Tensor<4>) -> Tensor<4> {
        let places = self
            .features
            .iter()
            .fold(images, |features, part| part.forward(features)); // [batch, height, width, ..]
        self.norm.forward(places).permute([0, 3, 1, 2])
    }

    fn classify(&self, images: Tensor<4>) -> Tensor<2> {
        self.head.forward(global_average(self.feature_map(images)))
    }

    /// The stem, then every stage with the merging before it, the last one with its normalisation.
    fn n_stages(&self) -> usize {
        5
    }

    fn freeze_stages(mut self, n_stages: usize) -> Self {
        expect_stages(n_stages, self.n_stages());
        let n_parts = match n_stages {
            0 | 1 => n_stages,
            _ => 2 * (n_stages - 1),
        };
        self.features = freeze_first(self.features, n_parts);
        if n_stages == self.n_stages() {
            self.norm = self.norm.freeze();
        }
        self
    }
}
