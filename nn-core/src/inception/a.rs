//! [`InceptionA`]: four branches of kernels up to 5 x 5.
//!
//! Szegedy et al. 2016, <https://arxiv.org/abs/1512.00567>, figure 5. Difference from the paper:
//! one branch ends in a 5 x 5 convolution (the figure: 3 x 3).

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::{InceptionConv, average, keeping};
use crate::config::{ConfigError, at_least_one, expect_valid};

/// Configuration of [`InceptionA`].
#[derive(Config, Debug)]
pub struct InceptionAConfig {
    /// Input channels. At least 1.
    pub in_channels: usize,
    /// Output channels of the branch that pools. At least 1.
    pub pool_channels: usize,
}

/// Looks at places, 5 x 5 areas of two kinds, and means, side by side.
#[derive(Module, Debug)]
pub struct InceptionA {
    branch1x1: InceptionConv,
    branch5x5_1: InceptionConv,
    branch5x5_2: InceptionConv,
    branch3x3dbl_1: InceptionConv,
    branch3x3dbl_2: InceptionConv,
    branch3x3dbl_3: InceptionConv,
    branch_pool: InceptionConv,
}

impl InceptionAConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a number is 0.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("in_channels", self.in_channels)?;
        at_least_one("pool_channels", self.pool_channels)
    }

    /// Draws the weights.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> InceptionA {
        expect_valid("InceptionA", self.check());
        let conv = |channels, kernel_size| keeping(channels, kernel_size, device);
        InceptionA {
            branch1x1: conv([self.in_channels, 64], [1, 1]),
            branch5x5_1: conv([self.in_channels, 48], [1, 1]),
            branch5x5_2: conv([48, 64], [5, 5]),
            branch3x3dbl_1: conv([self.in_channels, 64], [1, 1]),
            branch3x3dbl_2: conv([64, 96], [3, 3]),
            branch3x3dbl_3: conv([96, 96], [3, 3]),
            branch_pool: conv([self.in_channels, self.pool_channels], [1, 1]),
        }
    }
}

impl InceptionA {
    /// Runs the branches.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, in_channels, height, width]`
    /// - output: `[batch, 224 + pool_channels, height, width]`
    ///
    /// # Panics
    ///
    /// When dimension 1 is not `in_channels`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let places = self.branch1x1.forward(input.clone());
        let areas = self.branch5x5_1.forward(input.clone());
        let areas = self.branch5x5_2.forward(areas);
        let doubled = self.branch3x3dbl_1.forward(input.clone());
        let doubled = self.branch3x3dbl_2.forward(doubled);
        let doubled = self.branch3x3dbl_3.forward(doubled);
        let pooled = self.branch_pool.forward(average(input));
        Tensor::cat(vec![places, areas, doubled, pooled], 1)
    }
}
