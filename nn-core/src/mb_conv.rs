//! [`MbConv`]: the block of `MobileNetV3` and `EfficientNet`.
//!
//! Howard et al. 2019, <https://arxiv.org/abs/1905.02244>, figure 4; Tan and Le 2019,
//! <https://arxiv.org/abs/1905.11946>. Difference from the papers: none; like torchvision, a block
//! that does not widen has no first convolution.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::activation::Activation;
use crate::attention::{SqueezeExcite, SqueezeExciteConfig};
use crate::config::{ConfigError, at_least_one, dropout, expect_valid, odd};
use crate::conv::{ConvNormAct, ConvNormActConfig};
use crate::drop_path::{DropPath, DropPathConfig};

/// Configuration of [`MbConv`].
#[derive(Config, Debug)]
pub struct MbConvConfig {
    /// Input and output channels. Each at least 1.
    pub channels: [usize; 2],
    /// Channels inside. At least 1.
    pub hidden: usize,
    /// Side of the kernel that filters each channel. Odd. Default: 3
    #[config(default = 3)]
    pub kernel_size: usize,
    /// Step in both directions. At least 1. Default: 1
    #[config(default = 1)]
    pub stride: usize,
    /// What follows the first two convolutions. Default: [`Activation::Silu`]
    #[config(default = "Activation::Silu")]
    pub activation: Activation,
    /// Hidden width of the squeeze-and-excitation. At least 1. Default: there is none
    #[config(default = "None")]
    pub squeeze: Option<usize>,
    /// What follows its first layer. Default: [`Activation::Silu`]
    #[config(default = "Activation::Silu")]
    pub squeeze_activation: Activation,
    /// What makes its gates. Default: [`Activation::Sigmoid`]
    #[config(default = "Activation::Sigmoid")]
    pub gate: Activation,
    /// The probability that training skips the layers for a sample where the input is added, in
    /// [0, 1). Default: 0
    #[config(default = 0.0)]
    pub drop_path: f64,
    /// Added to the variance. Finite and above 0. Default: 1e-5
    #[config(default = 1e-5)]
    pub epsilon: f64,
    /// The part of a batch's statistics in the new running statistics, in [0, 1]. Default: 0.1
    #[config(default = 0.1)]
    pub momentum: f64,
}

/// Widens the features, filters each channel on its own, weighs the channels, and narrows them
/// without an activation; where that keeps the shape, the input is added.
#[derive(Module, Debug)]
pub struct MbConv {
    block: Vec<Layer>,
    drop_path: DropPath,
    residual: bool,
}

#[derive(Module, Debug)]
enum Layer {
    Conv(ConvNormAct),
    SqueezeExcite(SqueezeExcite),
}

impl MbConvConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a number is 0, the kernel is even, or `drop_path`, `epsilon` or `momentum` is out of
    /// range.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("channels[0]", self.channels[0])?;
        at_least_one("channels[1]", self.channels[1])?;
        at_least_one("hidden", self.hidden)?;
        odd("kernel_size", self.kernel_size)?;
        at_least_one("stride", self.stride)?;
        at_least_one("squeeze", self.squeeze.unwrap_or(1))?;
        dropout("drop_path", self.drop_path)?;
        self.project().check()
    }

    /// Draws the weights.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> MbConv {
        expect_valid("MbConv", self.check());
        let [in_channels, out_channels] = self.channels;
        let mut block = Vec::new();
        if self.hidden != in_channels {
            let expand = self.conv([in_channels, self.hidden], 1);
            block.push(Layer::Conv(expand.init(device)));
        }
        let depthwise = self
            .conv([self.hidden; 2], self.kernel_size)
            .with_stride(self.stride)
            .with_groups(self.hidden);
        block.push(Layer::Conv(depthwise.init(device)));
        if let Some(width) = self.squeeze {
            let excite = SqueezeExciteConfig::new(self.hidden)
                .with_hidden(Some(width))
                .with_activation(self.squeeze_activation.clone())
                .with_gate(self.gate.clone());
            block.push(Layer::SqueezeExcite(excite.init(device)));
        }
        block.push(Layer::Conv(self.project().init(device)));
        MbConv {
            block,
            drop_path: DropPathConfig::new(self.drop_path).init(),
            residual: self.stride == 1 && in_channels == out_channels,
        }
    }

    fn project(&self) -> ConvNormActConfig {
        self.conv([self.hidden, self.channels[1]], 1)
            .with_activation(Activation::Identity)
    }

    fn conv(&self, channels: [usize; 2], side: usize) -> ConvNormActConfig {
        ConvNormActConfig::square(channels, side)
            .with_activation(self.activation.clone())
            .with_epsilon(self.epsilon)
            .with_momentum(self.momentum)
    }
}

impl MbConv {
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
        let features = self
            .block
            .iter()
            .fold(input.clone(), |features, layer| layer.forward(features));
        if self.residual {
            input + self.drop_path.forward(features)
        } else {
            features
        }
    }
}

impl Layer {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Conv(conv) => conv.forward(input),
            Self::SqueezeExcite(excite) => excite.forward(input),
        }
    }
}
