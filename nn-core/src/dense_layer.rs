//! [`DenseLayer`]: a layer that adds channels to a map.
//!
//! Huang et al. 2017, <https://arxiv.org/abs/1608.06993>, the bottleneck layer of section 3.
//! Difference from the paper: none.

use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Dropout, DropoutConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use crate::batch_norm::{BatchNorm, BatchNormConfig};
use crate::config::{ConfigError, at_least_one, dropout, expect_valid};
use crate::convolve::convolve;
use crate::init::{KAIMING_NORMAL, initialise};

/// Configuration of [`DenseLayer`].
#[derive(Config, Debug)]
pub struct DenseLayerConfig {
    /// Input channels. At least 1.
    pub in_channels: usize,
    /// Channels the layer adds. At least 1.
    pub growth: usize,
    /// Hidden channels for each added one. At least 1. Default: 4
    #[config(default = 4)]
    pub bottleneck: usize,
    /// Dropout of the added channels, in [0, 1). Default: 0
    #[config(default = 0.0)]
    pub dropout: f64,
}

/// Normalisation, activation and a 1 x 1 convolution, then the same with a 3 x 3 convolution.
#[derive(Module, Debug)]
pub struct DenseLayer {
    /// Of the input.
    pub norm1: BatchNorm,
    /// To the hidden channels.
    pub conv1: Conv2d,
    /// Of the hidden channels.
    pub norm2: BatchNorm,
    /// To the added channels.
    pub conv2: Conv2d,
    /// Of the added channels.
    pub dropout: Dropout,
}

impl DenseLayerConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a count is 0 or `dropout` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("in_channels", self.in_channels)?;
        at_least_one("growth", self.growth)?;
        at_least_one("bottleneck", self.bottleneck)?;
        dropout("dropout", self.dropout)
    }

    /// Draws the weights as in He et al. 2015, by the inputs.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> DenseLayer {
        expect_valid("DenseLayer", self.check());
        let hidden = self.bottleneck * self.growth;
        let conv1 = Conv2dConfig::new([self.in_channels, hidden], [1, 1]).with_bias(false);
        let conv2 = Conv2dConfig::new([hidden, self.growth], [3, 3])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_bias(false);
        let layer = DenseLayer {
            norm1: BatchNormConfig::new(self.in_channels).init(device),
            conv1: conv1.init(device),
            norm2: BatchNormConfig::new(hidden).init(device),
            conv2: conv2.init(device),
            dropout: DropoutConfig::new(self.dropout).init(),
        };
        initialise(layer, |leaf| {
            leaf.is("Conv2d", "weight").then_some(KAIMING_NORMAL)
        })
    }
}

impl DenseLayer {
    /// The added channels alone; the caller joins them to `features`.
    ///
    /// # Shapes
    ///
    /// - features: `[batch, in_channels, height, width]`
    /// - output: `[batch, growth, height, width]`
    ///
    /// # Panics
    ///
    /// When dimension 1 is not `in_channels`.
    pub fn forward(&self, features: Tensor<4>) -> Tensor<4> {
        let hidden = convolve(&self.conv1, relu(self.norm1.forward(features))); // [batch, hidden, ..]
        let added = convolve(&self.conv2, relu(self.norm2.forward(hidden))); // [batch, growth, ..]
        self.dropout.forward(added)
    }
}
