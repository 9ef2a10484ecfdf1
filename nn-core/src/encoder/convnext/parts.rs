//! What a [`ConvNext`](super::ConvNext) consists of between image and feature map, and its head.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use crate::convnext_block::ConvNextBlock;
use crate::convolve::convolve;
use crate::encoder::global_average;
use crate::layer_norm_2d::{LayerNorm2d, LayerNorm2dConfig};

/// One of the layers in a row.
#[derive(Module, Debug)]
pub enum ConvNextPart {
    /// The first one.
    Stem(ConvNextStem),
    /// Blocks of one width.
    Stage(Vec<ConvNextBlock>),
    /// What lies between two stages.
    Downsample(ConvNextDownsample),
}

/// Patches of 4 x 4 pixels, each embedded and normalised.
#[derive(Module, Debug)]
pub struct ConvNextStem {
    conv: Conv2d,
    norm: LayerNorm2d,
}

/// Halves the map and changes the width.
#[derive(Module, Debug)]
pub struct ConvNextDownsample {
    norm: LayerNorm2d,
    conv: Conv2d,
}

/// From means to class scores.
#[derive(Module, Debug)]
pub struct ConvNextHead {
    /// Of the means.
    pub norm: LayerNorm2d,
    /// To class scores.
    pub linear: Linear,
}

/// A convolution whose windows lie side by side.
fn patches(channels: [usize; 2], size: usize, device: &Device) -> Conv2d {
    Conv2dConfig::new(channels, [size; 2])
        .with_stride([size; 2])
        .init(device)
}

impl ConvNextPart {
    pub(super) fn stem(width: usize, device: &Device) -> Self {
        Self::Stem(ConvNextStem {
            conv: patches([3, width], 4, device),
            norm: LayerNorm2dConfig::new(width).init(device),
        })
    }

    pub(super) fn downsample(channels: [usize; 2], device: &Device) -> Self {
        Self::Downsample(ConvNextDownsample {
            norm: LayerNorm2dConfig::new(channels[0]).init(device),
            conv: patches(channels, 2, device),
        })
    }

    /// # Shapes
    ///
    /// - input: `[batch, in_channels, height, width]`
    /// - output: `[batch, out_channels, height / stride, width / stride]`: stride 4 of the stem, 2
    ///   between stages, 1 in a stage
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Stem(stem) => stem.norm.forward(convolve(&stem.conv, input)),
            Self::Stage(blocks) => blocks
                .iter()
                .fold(input, |features, block| block.forward(features)),
            Self::Downsample(between) => convolve(&between.conv, between.norm.forward(input)),
        }
    }
}

impl ConvNextHead {
    pub(super) fn init(width: usize, n_classes: usize, device: &Device) -> Self {
        Self {
            norm: LayerNorm2dConfig::new(width).init(device),
            linear: LinearConfig::new(width, n_classes).init(device),
        }
    }

    /// # Shapes
    ///
    /// - features: `[batch, channels, height, width]`
    /// - output: `[batch, n_classes]`
    pub fn forward(&self, features: Tensor<4>) -> Tensor<2> {
        let means = global_average(features); // [batch, channels]
        self.linear.forward(self.norm.norm.forward(means))
    }
}
