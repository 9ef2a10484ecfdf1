//! [`ConvNext`]: a convolutional network built in the manner of transformers.
//!
//! Liu et al. 2022, <https://arxiv.org/abs/2201.03545>, table 9. Differences from the paper: none;
//! names and probabilities of skipping a block are torchvision's.

mod parts;

pub use parts::{ConvNextDownsample, ConvNextHead, ConvNextPart, ConvNextStem};

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::{Encoder, expect_stages, freeze_first};
use crate::config::{ConfigError, at_least_one, each_at_least_one, expect_valid};
use crate::convnext_block::{ConvNextBlockConfig, convnext_values};
use crate::init::initialise;

/// Configuration of [`ConvNext`]; [`convnext_tiny`] and its siblings are ready ones.
#[derive(Config, Debug)]
pub struct ConvNextConfig {
    /// Blocks of each of the four stages. Each at least 1.
    pub depths: [usize; 4],
    /// Channels of each stage. Each at least 1.
    pub widths: [usize; 4],
    /// The probability that an image skips the last block in training, in [0, 1); it grows
    /// linearly from 0 at the first block. Default: 0
    #[config(default = 0.0)]
    pub drop_path: f64,
    /// What the factors of every block start at. Finite and above 0. Default: 1e-6
    #[config(default = 1e-6)]
    pub layer_scale: f64,
    /// Classes. At least 1. Default: 1000
    #[config(default = 1000)]
    pub n_classes: usize,
}

/// Four stages of [`ConvNextBlock`](crate::ConvNextBlock)s.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use nn_core::encoder::{Encoder, convnext_tiny};
///
/// let device = Device::default();
/// let encoder = convnext_tiny().init(&device);
/// let images = Tensor::<4>::zeros([1, 3, 64, 64], &device);
/// assert_eq!(encoder.feature_map(images.clone()).dims(), [1, 768, 2, 2]);
/// assert_eq!(encoder.tokens(images.clone()).dims(), [1, 4, 768]);
/// assert_eq!(encoder.classify(images).dims(), [1, 1000]);
/// ```
#[derive(Module, Debug)]
pub struct ConvNext {
    /// Stem, stage, and three times downsampling and stage.
    pub features: Vec<ConvNextPart>,
    /// From means to class scores.
    pub classifier: ConvNextHead,
}

/// `ConvNeXt`-T: 28.6 million parameters.
pub fn convnext_tiny() -> ConvNextConfig {
    ConvNextConfig::new([3, 3, 9, 3], [96, 192, 384, 768]).with_drop_path(0.1)
}

/// `ConvNeXt`-S: 50.2 million parameters.
pub fn convnext_small() -> ConvNextConfig {
    ConvNextConfig::new([3, 3, 27, 3], [96, 192, 384, 768]).with_drop_path(0.4)
}

/// `ConvNeXt`-B: 88.6 million parameters.
pub fn convnext_base() -> ConvNextConfig {
    ConvNextConfig::new([3, 3, 27, 3], [128, 256, 512, 1024]).with_drop_path(0.5)
}

/// `ConvNeXt`-L: 197.8 million parameters.
pub fn convnext_large() -> ConvNextConfig {
    ConvNextConfig::new([3, 3, 27, 3], [192, 384, 768, 1536]).with_drop_path(0.5)
}

impl ConvNextConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a count is 0, or a number is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        let depths = ["depths[0]", "depths[1]", "depths[2]", "depths[3]"];
        each_at_least_one(depths, self.depths)?;
        let widths = ["widths[0]", "widths[1]", "widths[2]", "widths[3]"];
        each_at_least_one(widths, self.widths)?;
        at_least_one("n_classes", self.n_classes)?;
        self.block(self.widths[0], self.drop_path).check()
    }

    /// Draws the weights: normal with deviation 0.02, biases 0.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> ConvNext {
        expect_valid("ConvNext", self.check());
        let [first, .., last] = self.widths;
        let mut features = vec![ConvNextPart::stem(first, device), self.stage(0, device)];
        for stage_idx in 1..4 {
            let channels = [self.widths[stage_idx - 1], self.widths[stage_idx]];
            features.push(ConvNextPart::downsample(channels, device));
            features.push(self.stage(stage_idx, device));
        }
        let classifier = ConvNextHead::init(last, self.n_classes, device);
        let model = ConvNext {
            features,
            classifier,
        };
        initialise(model, convnext_values)
    }

    fn stage(&self, stage_idx: usize, device: &Device) -> ConvNextPart {
        let last_block = self.depths.iter().sum::<usize>() - 1; // four stages: at least 3
        let first = self.depths[..stage_idx].iter().sum::<usize>();
        let blocks = (first..first + self.depths[stage_idx]).map(|block_idx| {
            let drop_path = self.drop_path * block_idx as f64 / last_block as f64;
            self.block(self.widths[stage_idx], drop_path).init(device)
        });
        ConvNextPart::Stage(blocks.collect())
    }

    fn block(&self, channels: usize, drop_path: f64) -> ConvNextBlockConfig {
        ConvNextBlockConfig::new(channels)
            .with_layer_scale(self.layer_scale)
            .with_drop_path(drop_path)
    }
}

impl Encoder for ConvNext {
    fn n_channels(&self) -> usize {
        self.classifier.linear.weight.dims()[0]
    }

    fn feature_map(&self, images: Tensor<4>) -> Tensor<4> {
        self.features
            .iter()
            .fold(images, |features, part| part.forward(features))
    }

    fn classify(&self, images: Tensor<4>) -> Tensor<2> {
        self.classifier.forward(self.feature_map(images))
    }

    fn n_stages(&self) -> usize {
        5
    }

    fn freeze_stages(mut self, n_stages: usize) -> Self {
        expect_stages(n_stages, self.n_stages());
        // Stages after the first one of blocks begin with their downsampling.
        let n_parts = match n_stages {
            0 | 1 => n_stages,
            _ => 2 * (n_stages - 1),
        };
        self.features = freeze_first(self.features, n_parts);
        self
    }
}
