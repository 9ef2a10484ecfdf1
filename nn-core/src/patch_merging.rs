//! [`PatchMerging`]: halves a map by joining squares of four places.
//!
//! Liu et al. 2021, <https://arxiv.org/abs/2103.14030>, section 3.1. Difference from the paper:
//! an odd map gets a row or column of zeros, as in the authors' code.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::ops::PadMode;
use burn::tensor::{Device, Tensor};

use crate::config::{ConfigError, at_least_one, expect_valid};

/// Configuration of [`PatchMerging`].
#[derive(Config, Debug)]
pub struct PatchMergingConfig {
    /// Input channels. At least 1.
    pub channels: usize,
}

/// Joins the channels of four neighbours, normalises them, and maps them to twice the channels.
///
/// torchvision's `PatchMerging`.
#[derive(Module, Debug)]
pub struct PatchMerging {
    /// From four times the channels to twice.
    pub reduction: Linear,
    /// Of four times the channels.
    pub norm: LayerNorm,
}

impl PatchMergingConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When there are no channels.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("channels", self.channels)
    }

    /// Draws the weights.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> PatchMerging {
        expect_valid("PatchMerging", self.check());
        let (joined, reduced) = (4 * self.channels, 2 * self.channels);
        PatchMerging {
            reduction: LinearConfig::new(joined, reduced)
                .with_bias(false)
                .init(device),
            norm: LayerNormConfig::new(joined).init(device),
        }
    }
}

impl PatchMerging {
    /// Halves the map.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, height, width, channels]`
    /// - output: `[batch, height / 2, width / 2, 2 * channels]`, rounded up
    ///
    /// # Panics
    ///
    /// When the last dimension is not `channels`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let [batch, height, width, channels] = input.dims();
        let (rows, columns) = (height.div_ceil(2), width.div_ceil(2));
        let odd = [(0, height % 2), (0, width % 2), (0, 0)];
        let joined = input
            .pad(odd, PadMode::Constant(0.0))
            .reshape([batch, rows, 2, columns, 2, channels])
            .permute([0, 1, 3, 4, 2, 5]) // the upper left, lower left, upper right, lower right
            .reshape([batch, rows, columns, 4 * channels]);
        self.reduction.forward(self.norm.forward(joined))
    }
}
