//! [`InceptionD`]: halves the map a second time.
//!
//! Szegedy et al. 2016, <https://arxiv.org/abs/1512.00567>, section 5. Difference from the
//! paper: none, which draws no picture of it.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::{InceptionConv, keeping, max_pool, shrinking};
use crate::config::{ConfigError, at_least_one, expect_valid};

/// Configuration of [`InceptionD`].
#[derive(Config, Debug)]
pub struct InceptionDConfig {
    /// Input channels. At least 1.
    pub in_channels: usize,
}

/// Halves the map in three branches, one of them a pool.
#[derive(Module, Debug)]
pub struct InceptionD {
    branch3x3_1: InceptionConv,
    branch3x3_2: InceptionConv,
    branch7x7x3_1: InceptionConv,
    branch7x7x3_2: InceptionConv,
    branch7x7x3_3: InceptionConv,
    branch7x7x3_4: InceptionConv,
}

impl InceptionDConfig {
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
    pub fn init(&self, device: &Device) -> InceptionD {
        expect_valid("InceptionD", self.check());
        let conv = |channels, kernel_size| keeping(channels, kernel_size, device);
        let halving = |channels| shrinking(channels, 3, 2, device);
        InceptionD {
            branch3x3_1: conv([self.in_channels, 192], [1, 1]),
            branch3x3_2: halving([192, 320]),
            branch7x7x3_1: conv([self.in_channels, 192], [1, 1]),
            branch7x7x3_2: conv([192, 192], [1, 7]),
            branch7x7x3_3: conv([192, 192], [7, 1]),
            branch7x7x3_4: halving([192, 192]),
        }
    }
}

impl InceptionD {
    /// Runs the branches.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, in_channels, height, width]`
    /// - output: `[batch, 512 + in_channels, (height - 1) / 2, (width - 1) / 2]`
    ///
    /// # Panics
    ///
    /// When dimension 1 is not `in_channels`, or the map is smaller than 3 x 3.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let areas = self.branch3x3_1.forward(input.clone());
        let areas = self.branch3x3_2.forward(areas);
        let wide = self.branch7x7x3_1.forward(input.clone());
        let wide = self.branch7x7x3_2.forward(wide);
        let wide = self.branch7x7x3_3.forward(wide);
        let wide = self.branch7x7x3_4.forward(wide);
        let pooled = max_pool(input);
        Tensor::cat(vec![areas, wide, pooled], 1)
    }
}
