//! [`Cbam`]: attention over channels, then over places.
//!
//! Woo et al. 2018, <https://arxiv.org/abs/1807.06521>, equations 1 to 3. Difference from the
//! paper: none; as its equations have none, the layers have no biases (the authors' code adds
//! biases to the channel part and a batch norm to the spatial part).

use burn::config::Config;
use burn::module::Module;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::{Device, Tensor};

use crate::config::{ConfigError, at_least_one, expect_valid, odd};
use crate::convolve::convolve;

/// Configuration of [`Cbam`].
#[derive(Config, Debug)]
pub struct CbamConfig {
    /// Input and output channels. At least 1.
    pub channels: usize,
    /// Divides `channels` to give the hidden width (at least 1). At least 1. Default: 16
    #[config(default = 16)]
    pub reduction: usize,
    /// Side of the spatial convolution's kernel. Odd. Default: 7
    #[config(default = 7)]
    pub kernel_size: usize,
}

/// Scales channels, then places, by gates computed from the map.
#[derive(Module, Debug)]
pub struct Cbam {
    /// What to look at.
    pub channel: ChannelAttention,
    /// Where to look.
    pub spatial: SpatialAttention,
}

/// Scales each channel by a gate computed from the means and maxima of all channels (equation 2).
#[derive(Module, Debug)]
pub struct ChannelAttention {
    /// To the hidden width.
    pub reduce: Conv2d,
    /// Back to the channels.
    pub expand: Conv2d,
}

/// Scales each place by a gate computed from the means and maxima over channels (equation 3).
#[derive(Module, Debug)]
pub struct SpatialAttention {
    /// From mean and maximum to the gate.
    pub conv: Conv2d,
}

impl CbamConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a number is 0 or the kernel's side is even.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("channels", self.channels)?;
        at_least_one("reduction", self.reduction)?;
        odd("kernel_size", self.kernel_size)
    }

    /// Draws the weights.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> Cbam {
        expect_valid("Cbam", self.check());
        let hidden = (self.channels / self.reduction).max(1);
        let conv = |channels: [usize; 2], side: usize| {
            Conv2dConfig::new(channels, [side, side])
                .with_padding(PaddingConfig2d::Same)
                .with_bias(false)
                .init(device)
        };
        Cbam {
            channel: ChannelAttention {
                reduce: conv([self.channels, hidden], 1),
                expand: conv([hidden, self.channels], 1),
            },
            spatial: SpatialAttention {
                conv: conv([2, 1], self.kernel_size),
            },
        }
    }
}

impl Cbam {
    /// Scales channels, then places.
    ///
    /// # Shapes
    ///
    /// - input, output: `[batch, channels, height, width]`
    ///
    /// # Panics
    ///
    /// When dimension 1 is not `channels`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        self.spatial.forward(self.channel.forward(input))
    }
}

impl ChannelAttention {
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
        let mean = input.clone().mean_dim(2).mean_dim(3); // [batch, channels, 1, 1]
        let max = input.clone().max_dim(2).max_dim(3); // [batch, channels, 1, 1]
        let gate = sigmoid(self.shared(mean) + self.shared(max)); // [batch, channels, 1, 1]
        input * gate
    }

    /// The perceptron that mean and maximum share: `[batch, channels, 1, 1]`.
    fn shared(&self, pooled: Tensor<4>) -> Tensor<4> {
        convolve(&self.expand, relu(convolve(&self.reduce, pooled)))
    }
}

impl SpatialAttention {
    /// Scales the places.
    ///
    /// # Shapes
    ///
    /// - input, output: `[batch, channels, height, width]`
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let mean = input.clone().mean_dim(1);
        let max = input.clone().max_dim(1);
        let pooled = Tensor::cat(vec![mean, max], 1); // [batch, 2, height, width]
        let gate = sigmoid(convolve(&self.conv, pooled)); // [batch, 1, height, width]
        input * gate
    }
}
