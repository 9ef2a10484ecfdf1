//! The layers in a row: torchvision numbers all of them, those without parameters included.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig, PaddingConfig2d, Relu};
use burn::tensor::{Device, Tensor};

use crate::batch_norm::{BatchNorm, BatchNormConfig};
use crate::convolve::convolve;
use crate::linear;

/// A layer between image and feature map.
#[derive(Module, Debug)]
pub enum PlainLayer {
    /// A convolution with bias.
    Conv(Conv2d),
    /// Its normalisation.
    Norm(BatchNorm),
    /// Its activation.
    Relu(Relu),
    /// The end of a stage.
    Pool(MaxPool2d),
}

/// A layer between pooled features and class scores.
#[derive(Module, Debug)]
pub enum ClassifierLayer {
    /// Changes the width.
    Linear(Linear),
    /// Its activation.
    Relu(Relu),
    /// Between linear layers.
    Dropout(Dropout),
}

impl PlainLayer {
    /// A convolution with a square kernel.
    pub(super) fn conv(
        channels: [usize; 2],
        kernel: usize,
        stride: usize,
        border: usize,
        device: &Device,
    ) -> Self {
        let conv = Conv2dConfig::new(channels, [kernel; 2])
            .with_stride([stride; 2])
            .with_padding(PaddingConfig2d::Explicit(border, border, border, border));
        Self::Conv(conv.init(device))
    }

    pub(super) fn norm(channels: usize, device: &Device) -> Self {
        Self::Norm(BatchNormConfig::new(channels).init(device))
    }

    pub(super) fn relu() -> Self {
        Self::Relu(Relu::new())
    }

    /// Takes the largest value of every other window.
    pub(super) fn pool(window: usize) -> Self {
        let pool = MaxPool2dConfig::new([window; 2]).with_strides([2, 2]);
        Self::Pool(pool.init())
    }

    /// # Shapes
    ///
    /// - input: `[batch, in_channels, height, width]`
    /// - output: `[batch, out_channels, height / stride, width / stride]`
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Conv(conv) => convolve(conv, input),
            Self::Norm(norm) => norm.forward(input),
            Self::Relu(relu) => relu.forward(input),
            Self::Pool(pool) => pool.forward(input),
        }
    }
}

impl ClassifierLayer {
    pub(super) fn linear(d_input: usize, d_output: usize, device: &Device) -> Self {
        Self::Linear(LinearConfig::new(d_input, d_output).init(device))
    }

    pub(super) fn relu() -> Self {
        Self::Relu(Relu::new())
    }

    pub(super) fn dropout(prob: f64) -> Self {
        Self::Dropout(DropoutConfig::new(prob).init())
    }

    /// # Shapes
    ///
    /// - input: `[batch, d_input]`
    /// - output: `[batch, d_output]`
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Linear(layer) => linear::apply(layer, input),
            Self::Relu(relu) => relu.forward(input),
            Self::Dropout(dropout) => dropout.forward(input),
        }
    }
}

/// Runs the layers before the classifier.
pub(super) fn run(layers: &[PlainLayer], images: Tensor<4>) -> Tensor<4> {
    layers
        .iter()
        .fold(images, |features, layer| layer.forward(features))
}

/// Runs the classifier over pooled features: `[batch, channels, height, width]` to
/// `[batch, n_classes]`.
pub(super) fn class_scores(layers: &[ClassifierLayer], pooled: Tensor<4>) -> Tensor<2> {
    let flat = pooled.flatten::<2>(1, 3); // [batch, channels * height * width]
    layers
        .iter()
        .fold(flat, |hidden, layer| layer.forward(hidden))
}

/// Channels after the last convolution.
pub(super) fn last_channels(layers: &[PlainLayer]) -> usize {
    let mut convs = layers.iter().filter_map(|layer| match layer {
        PlainLayer::Conv(conv) => Some(conv.weight.dims()[0]),
        _ => None,
    });
    convs.next_back().unwrap_or(0)
}

/// Stages, each of which ends with a pool.
pub(super) fn n_stages(layers: &[PlainLayer]) -> usize {
    pools(layers).count()
}

/// Layers of the first `n_stages` stages.
pub(super) fn n_layers(layers: &[PlainLayer], n_stages: usize) -> usize {
    pools(layers)
        .take(n_stages)
        .last()
        .map_or(0, |pool_idx| pool_idx + 1)
}

fn pools(layers: &[PlainLayer]) -> impl Iterator<Item = usize> {
    let is_pool = |(idx, layer)| matches!(layer, &PlainLayer::Pool(_)).then_some(idx);
    layers.iter().enumerate().filter_map(is_pool)
}
