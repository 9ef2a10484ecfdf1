//! [`InceptionE`]: rows and columns side by side, for small maps.
//!
//! Szegedy et al. 2016, <https://arxiv.org/abs/1512.00567>, figure 7. Difference from the paper:
//! none.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::{InceptionConv, average, keeping};
use crate::config::{ConfigError, at_least_one, expect_valid};

/// Configuration of [`InceptionE`].
#[derive(Config, Debug)]
pub struct InceptionEConfig {
    /// Input channels. At least 1.
    pub in_channels: usize,
}

/// Looks at places, at rows and columns of areas side by side, and at means.
#[derive(Module, Debug)]
pub struct InceptionE {
    branch1x1: InceptionConv,
    branch3x3_1: InceptionConv,
    branch3x3_2a: InceptionConv,
    branch3x3_2b: InceptionConv,
    branch3x3dbl_1: InceptionConv,
    branch3x3dbl_2: InceptionConv,
    branch3x3dbl_3a: InceptionConv,
    branch3x3dbl_3b: InceptionConv,
    branch_pool: InceptionConv,
}

impl InceptionEConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a number is 0.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("in_channels", self.in_channels)
    }

    /// Draws the weights.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> InceptionE {
        expect_valid("InceptionE", self.check());
        let conv = |channels, kernel_size| keeping(channels, kernel_size, device);
        InceptionE {
            branch1x1: conv([self.in_channels, 320], [1, 1]),
            branch3x3_1: conv([self.in_channels, 384], [1, 1]),
            branch3x3_2a: conv([384, 384], [1, 3]),
            branch3x3_2b: conv([384, 384], [3, 1]),
            branch3x3dbl_1: conv([self.in_channels, 448], [1, 1]),
            branch3x3dbl_2: conv([448, 384], [3, 3]),
            branch3x3dbl_3a: conv([384, 384], [1, 3]),
            branch3x3dbl_3b: conv([384, 384], [3, 1]),
            branch_pool: conv([self.in_channels, 192], [1, 1]),
        }
    }
}

impl InceptionE {
    /// Runs the branches.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, in_channels, height, width]`
    /// - output: `[batch, 2048, height, width]`
    ///
    /// # Panics
    ///
    /// When dimension 1 is not `in_channels`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let places = self.branch1x1.forward(input.clone());
        let areas = self.branch3x3_1.forward(input.clone());
        let doubled = self.branch3x3dbl_1.forward(input.clone());
        let doubled = self.branch3x3dbl_2.forward(doubled);
        let pooled = self.branch_pool.forward(average(input));
        let branches = vec![
            places,
            self.branch3x3_2a.forward(areas.clone()),
            self.branch3x3_2b.forward(areas),
            self.branch3x3dbl_3a.forward(doubled.clone()),
            self.branch3x3dbl_3b.forward(doubled),
            pooled,
        ];
        Tensor::cat(branches, 1)
    }
}
