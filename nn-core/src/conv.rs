//! [`ConvNormAct`]: convolution, batch normalisation, activation, as in torchvision's
//! `ops.misc.Conv2dNormActivation`.

use burn::config::Config;
use burn::module::Module;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor};

use crate::activation::Activation;
use crate::batch_norm::{BatchNorm, BatchNormConfig};
use crate::config::{ConfigError, at_least_one, divides, expect_valid};
use crate::convolve::convolve;

/// Configuration of [`ConvNormAct`].
#[derive(Config, Debug)]
pub struct ConvNormActConfig {
    /// Input and output channels. Each at least 1.
    pub channels: [usize; 2],
    /// Height and width of the kernel. Each at least 1.
    pub kernel_size: [usize; 2],
    /// Step in both directions. At least 1. Default: 1
    #[config(default = 1)]
    pub stride: usize,
    /// Zeros around the input, above and below and at both sides. Default: half the kernel, which
    /// keeps the size at stride 1 when the kernel is odd
    #[config(default = "None")]
    pub padding: Option<[usize; 2]>,
    /// Groups of channels that do not mix. Divides both channels. Default: 1
    #[config(default = 1)]
    pub groups: usize,
    /// What follows the normalisation. Default: [`Activation::Relu`]
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// Added to the variance. Finite and above 0. Default: 1e-5
    #[config(default = 1e-5)]
    pub epsilon: f64,
    /// The part of a batch's statistics in the new running statistics, in [0, 1]. Default: 0.1
    #[config(default = 0.1)]
    pub momentum: f64,
}

/// A convolution without bias, batch normalisation, and an activation.
///
/// torchvision's `Conv2dNormActivation`; its parameters have that module's names, `0` for the
/// convolution and `1` for the normalisation.
#[derive(Module, Debug)]
pub struct ConvNormAct {
    /// The convolution.
    pub conv: Conv2d,
    /// Its normalisation.
    pub norm: BatchNorm,
    #[module(skip)]
    activation: Activation,
}

impl ConvNormActConfig {
    /// A square kernel.
    pub fn square(channels: [usize; 2], kernel_size: usize) -> Self {
        Self::new(channels, [kernel_size; 2])
    }

    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a number is 0, `groups` does not divide the channels, or `epsilon` or `momentum` is
    /// out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("channels[0]", self.channels[0])?;
        at_least_one("channels[1]", self.channels[1])?;
        at_least_one("kernel_size[0]", self.kernel_size[0])?;
        at_least_one("kernel_size[1]", self.kernel_size[1])?;
        at_least_one("stride", self.stride)?;
        at_least_one("groups", self.groups)?;
        divides("groups", self.groups, "channels[0]", self.channels[0])?;
        divides("groups", self.groups, "channels[1]", self.channels[1])?;
        self.norm().check()
    }

    /// Draws the weights.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> ConvNormAct {
        expect_valid("ConvNormAct", self.check());
        let [above, beside] = self
            .padding
            .unwrap_or(self.kernel_size.map(|side| (side - 1) / 2));
        let conv = Conv2dConfig::new(self.channels, self.kernel_size)
            .with_stride([self.stride; 2])
            .with_padding(PaddingConfig2d::Explicit(above, beside, above, beside))
            .with_groups(self.groups)
            .with_bias(false);
        ConvNormAct {
            conv: conv.init(device),
            norm: self.norm().init(device),
            activation: self.activation.clone(),
        }
    }

    fn norm(&self) -> BatchNormConfig {
        BatchNormConfig::new(self.channels[1])
            .with_epsilon(self.epsilon)
            .with_momentum(self.momentum)
    }
}

impl ConvNormAct {
    /// Convolves, normalises, activates.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, channels[0], height, width]`
    /// - output: `[batch, channels[1], height / stride, width / stride]`, rounded up, with the
    ///   default padding and an odd kernel
    ///
    /// # Panics
    ///
    /// When dimension 1 is not `channels[0]`, or the kernel is larger than the padded input.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let normalised = self.norm.forward(convolve(&self.conv, input));
        self.activation.forward(normalised)
    }
}
