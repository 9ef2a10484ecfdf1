//! [`InvertedResidual`]: the block of `MobileNetV2`.
//!
//! Sandler et al. 2018, <https://arxiv.org/abs/1801.04381>, figure 4 (d). Difference from the
//! paper: none; like torchvision, a block of expansion 1 has no first convolution.

use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor};

use crate::activation::Activation;
use crate::batch_norm::{BatchNorm, BatchNormConfig};
use crate::config::{ConfigError, at_least_one, expect_valid};
use crate::conv::{ConvNormAct, ConvNormActConfig};
use crate::convolve::convolve;

/// Configuration of [`InvertedResidual`].
#[derive(Config, Debug)]
pub struct InvertedResidualConfig {
    /// Input and output channels. Each at least 1.
    pub channels: [usize; 2],
    /// The width inside, in input channels. At least 1. Default: 6
    #[config(default = 6)]
    pub expansion: usize,
    /// Step in both directions. At least 1. Default: 1
    #[config(default = 1)]
    pub stride: usize,
}

/// Widens the features, filters each channel on its own, and narrows them without an activation;
/// where that keeps the shape, the input is added.
#[derive(Module, Debug)]
pub struct InvertedResidual {
    conv: Layers,
    residual: bool,
}

/// The layers in the order in which they are numbered.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "most blocks are expanded")]
enum Layers {
    Plain((ConvNormAct, Conv2d, BatchNorm)),
    Expanded((ConvNormAct, ConvNormAct, Conv2d, BatchNorm)),
}

impl InvertedResidualConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a number is 0.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("channels[0]", self.channels[0])?;
        at_least_one("channels[1]", self.channels[1])?;
        at_least_one("expansion", self.expansion)?;
        at_least_one("stride", self.stride)
    }

    /// Draws the weights.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> InvertedResidual {
        expect_valid("InvertedResidual", self.check());
        let [in_channels, out_channels] = self.channels;
        let hidden = in_channels * self.expansion;
        let relu6 = |channels, side| {
            ConvNormActConfig::square(channels, side).with_activation(Activation::Relu6)
        };
        let depthwise = relu6([hidden, hidden], 3)
            .with_stride(self.stride)
            .with_groups(hidden)
            .init(device);
        let project = Conv2dConfig::new([hidden, out_channels], [1, 1]).with_bias(false);
        let (project, norm) = (
            project.init(device),
            BatchNormConfig::new(out_channels).init(device),
        );
        let conv = if self.expansion == 1 {
            Layers::Plain((depthwise, project, norm))
        } else {
            let expand = relu6([in_channels, hidden], 1).init(device);
            Layers::Expanded((expand, depthwise, project, norm))
        };
        InvertedResidual {
            conv,
            residual: self.stride == 1 && in_channels == out_channels,
        }
    }
}

impl InvertedResidual {
    /// Filters the features.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, channels[0], height, width]`
    /// - output: `[batch, channels[1], height / stride, width / stride]`, rounded up
    ///
    /// # Panics
    ///
    /// When dimension 1 is not `channels[0]`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let features = self.conv.forward(input.clone());
        if self.residual {
            input + features
        } else {
            features
        }
    }
}

impl Layers {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Plain((depthwise, project, norm)) => {
                norm.forward(convolve(project, depthwise.forward(input)))
            }
            Self::Expanded((expand, depthwise, project, norm)) => {
                let hidden = depthwise.forward(expand.forward(input));
                norm.forward(convolve(project, hidden))
            }
        }
    }
}
