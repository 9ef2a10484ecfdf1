//! [`InceptionB`]: halves the map and more than doubles its channels.
//!
//! Szegedy et al. 2016, <https://arxiv.org/abs/1512.00567>, figure 10. Difference from the paper:
//! none.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::{InceptionConv, keeping, max_pool, shrinking};
use crate::config::{ConfigError, at_least_one, expect_valid};

/// Configuration of [`InceptionB`].
#[derive(Config, Debug)]
pub struct InceptionBConfig {
    /// Input channels. At least 1.
    pub in_channels: usize,
}

/// Halves the map in three branches, one of them a pool.
#[derive(Module, Debug)]
pub struct InceptionB {
    branch3x3: InceptionConv,
    branch3x3dbl_1: InceptionConv,
    branch3x3dbl_2: InceptionConv,
    branch3x3dbl_3: InceptionConv,
}

impl InceptionBConfig {
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
    pub fn init(&self, device: &Device) -> InceptionB {
        expect_valid("InceptionB", self.check());
        let conv = |channels, kernel_size| keeping(channels, kernel_size, device);
        let halving = |channels| shrinking(channels, 3, 2, device);
        InceptionB {
            branch3x3: halving([self.in_channels, 384]),
            branch3x3dbl_1: conv([self.in_channels, 64], [1, 1]),
            branch3x3dbl_2: conv([64, 96], [3, 3]),
            branch3x3dbl_3: halving([96, 96]),
        }
    }
}

impl InceptionB {
    /// Runs the branches.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, in_channels, height, width]`
    /// - output: `[batch, 480 + in_channels, (height - 1) / 2, (width - 1) / 2]`
    ///
    /// # Panics
    ///
    /// When dimension 1 is not `in_channels`, or the map is smaller than 3 x 3.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let areas = self.branch3x3.forward(input.clone());
        let doubled = self.branch3x3dbl_1.forward(input.clone());
        let doubled = self.branch3x3dbl_2.forward(doubled);
        let doubled = self.branch3x3dbl_3.forward(doubled);
        let pooled = max_pool(input);
        Tensor::cat(vec![areas, doubled, pooled], 1)
    }
}
