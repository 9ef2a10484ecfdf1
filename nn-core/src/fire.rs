//! [`Fire`]: the block of `SqueezeNet`.
//!
//! Iandola et al. 2016, <https://arxiv.org/abs/1602.07360>, figure 1. Difference from the paper:
//! none.

use burn::config::Config;
use burn::module::Module;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use crate::config::{ConfigError, at_least_one, expect_valid};
use crate::convolve::convolve;

/// Configuration of [`Fire`].
#[derive(Config, Debug)]
pub struct FireConfig {
    /// Input channels. At least 1.
    pub in_channels: usize,
    /// Channels inside. At least 1.
    pub squeeze: usize,
    /// Output channels of the 1 x 1 convolution. At least 1.
    pub expand1x1: usize,
    /// Output channels of the 3 x 3 convolution. At least 1.
    pub expand3x3: usize,
}

/// Narrows the features, then widens them with two kernels side by side.
#[derive(Module, Debug)]
pub struct Fire {
    /// To few channels.
    pub squeeze: Conv2d,
    /// Back to many, place by place.
    pub expand1x1: Conv2d,
    /// Back to many, with the places around.
    pub expand3x3: Conv2d,
}

impl FireConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a number is 0.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("in_channels", self.in_channels)?;
        at_least_one("squeeze", self.squeeze)?;
        at_least_one("expand1x1", self.expand1x1)?;
        at_least_one("expand3x3", self.expand3x3)
    }

    /// Draws the weights.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> Fire {
        expect_valid("Fire", self.check());
        let conv = |channels: [usize; 2], side| Conv2dConfig::new(channels, [side, side]);
        Fire {
            squeeze: conv([self.in_channels, self.squeeze], 1).init(device),
            expand1x1: conv([self.squeeze, self.expand1x1], 1).init(device),
            expand3x3: conv([self.squeeze, self.expand3x3], 3)
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(device),
        }
    }
}

impl Fire {
    /// Narrows and widens.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, in_channels, height, width]`
    /// - output: `[batch, expand1x1 + expand3x3, height, width]`
    ///
    /// # Panics
    ///
    /// When dimension 1 is not `in_channels`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let squeezed = relu(convolve(&self.squeeze, input)); // [batch, squeeze, height, width]
        let points = convolve(&self.expand1x1, squeezed.clone());
        let areas = convolve(&self.expand3x3, squeezed);
        relu(Tensor::cat(vec![points, areas], 1)) // [batch, expand1x1 + expand3x3, height, width]
    }
}
