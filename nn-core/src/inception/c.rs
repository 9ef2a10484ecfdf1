//! [`InceptionC`]: 7 x 7 areas, seen by rows and columns.
//!
//! Szegedy et al. 2016, <https://arxiv.org/abs/1512.00567>, figure 6. Difference from the paper:
//! none.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::{InceptionConv, average, keeping};
use crate::config::{ConfigError, at_least_one, expect_valid};

/// Configuration of [`InceptionC`].
#[derive(Config, Debug)]
pub struct InceptionCConfig {
    /// Input channels. At least 1.
    pub in_channels: usize,
    /// Channels inside the branches of 7 x 7 areas. At least 1.
    pub width: usize,
}

/// Looks at places, 7 x 7 and 13 x 13 areas by rows and columns, and means, side by side.
#[derive(Module, Debug)]
pub struct InceptionC {
    branch1x1: InceptionConv,
    branch7x7_1: InceptionConv,
    branch7x7_2: InceptionConv,
    branch7x7_3: InceptionConv,
    branch7x7dbl_1: InceptionConv,
    branch7x7dbl_2: InceptionConv,
    branch7x7dbl_3: InceptionConv,
    branch7x7dbl_4: InceptionConv,
    branch7x7dbl_5: InceptionConv,
    branch_pool: InceptionConv,
}

impl InceptionCConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a number is 0.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("in_channels", self.in_channels)?;
        at_least_one("width", self.width)
    }

    /// Draws the weights.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> InceptionC {
        expect_valid("InceptionC", self.check());
        let conv = |channels, kernel_size| keeping(channels, kernel_size, device);
        let width = self.width;
        InceptionC {
            branch1x1: conv([self.in_channels, 192], [1, 1]),
            branch7x7_1: conv([self.in_channels, width], [1, 1]),
            branch7x7_2: conv([width, width], [1, 7]),
            branch7x7_3: conv([width, 192], [7, 1]),
            branch7x7dbl_1: conv([self.in_channels, width], [1, 1]),
            branch7x7dbl_2: conv([width, width], [7, 1]),
            branch7x7dbl_3: conv([width, width], [1, 7]),
            branch7x7dbl_4: conv([width, width], [7, 1]),
            branch7x7dbl_5: conv([width, 192], [1, 7]),
            branch_pool: conv([self.in_channels, 192], [1, 1]),
        }
    }
}

impl InceptionC {
    /// Runs the branches.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, in_channels, height, width]`
    /// - output: `[batch, 768, height, width]`
    ///
    /// # Panics
    ///
    /// When dimension 1 is not `in_channels`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let places = self.branch1x1.forward(input.clone());
        let areas = self.branch7x7_1.forward(input.clone());
        let areas = self.branch7x7_2.forward(areas);
        let areas = self.branch7x7_3.forward(areas);
        let doubled = self.branch7x7dbl_1.forward(input.clone());
        let doubled = self.branch7x7dbl_2.forward(doubled);
        let doubled = self.branch7x7dbl_3.forward(doubled);
        let doubled = self.branch7x7dbl_4.forward(doubled);
        let doubled = self.branch7x7dbl_5.forward(doubled);
        let pooled = self.branch_pool.forward(average(input));
        Tensor::cat(vec![places, areas, doubled, pooled], 1)
    }
}
