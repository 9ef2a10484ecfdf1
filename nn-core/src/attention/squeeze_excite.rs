//! [`SqueezeExcite`]: gates that look at the whole map and scale its channels.
//!
//! Hu et al. 2018, <https://arxiv.org/abs/1709.01507>, equations 2 to 4. Difference from the
//! paper: none; its fully connected layers are 1 x 1 convolutions here, with biases. Other
//! functions in place of its rectifier and sigmoid are those of later networks.

use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor};

use crate::activation::Activation;
use crate::config::{ConfigError, at_least_one, expect_valid};
use crate::convolve::convolve;

/// Configuration of [`SqueezeExcite`].
#[derive(Config, Debug)]
pub struct SqueezeExciteConfig {
    /// Input and output channels. At least 1.
    pub channels: usize,
    /// Divides `channels` to give the hidden width (at least 1). At least 1. Default: 16
    #[config(default = 16)]
    pub reduction: usize,
    /// The hidden width itself, whatever `reduction` is. At least 1. Default: by `reduction`
    #[config(default = "None")]
    pub hidden: Option<usize>,
    /// What follows the first layer. Default: [`Activation::Relu`]
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// What makes gates of the second layer's outputs. Default: [`Activation::Sigmoid`]
    #[config(default = "Activation::Sigmoid")]
    pub gate: Activation,
}

/// Scales each channel by a gate computed from the means of all channels.
#[derive(Module, Debug)]
pub struct SqueezeExcite {
    /// To the hidden width.
    pub reduce: Conv2d,
    /// Back to the channels.
    pub expand: Conv2d,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    gate: Activation,
}

impl SqueezeExciteConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a number is 0.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("channels", self.channels)?;
        at_least_one("reduction", self.reduction)?;
        at_least_one("hidden", self.hidden.unwrap_or(1))
    }

    /// Draws the weights.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> SqueezeExcite {
        expect_valid("SqueezeExcite", self.check());
        let reduced = (self.channels / self.reduction).max(1);
        let hidden = self.hidden.unwrap_or(reduced);
        SqueezeExcite {
            reduce: Conv2dConfig::new([self.channels, hidden], [1, 1]).init(device),
            expand: Conv2dConfig::new([hidden, self.channels], [1, 1]).init(device),
            activation: self.activation.clone(),
            gate: self.gate.clone(),
        }
    }
}

impl SqueezeExcite {
    /// Scales the channels.
    ///
    /// # Shapes
    ///
    /// - input, output: `[batch, channels, height, width]`
    ///
    /// # Panics
    ///
    /// When dimension 1 is not `channels`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let squeezed = input.clone().mean_dim(2).mean_dim(3); // [batch, channels, 1, 1]
        let hidden = self.activation.forward(convolve(&self.reduce, squeezed)); // [batch, hidden, 1, 1]
        let gate = self.gate.forward(convolve(&self.expand, hidden)); // [batch, channels, 1, 1]
        input * gate
    }
}
