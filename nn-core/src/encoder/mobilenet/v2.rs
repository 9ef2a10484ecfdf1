//! [`MobileNetV2`]: inverted residuals with linear bottlenecks.
//!
//! Sandler et al. 2018, <https://arxiv.org/abs/1801.04381>, table 2. Differences from the paper:
//! those of torchvision, the classifier is a linear layer behind dropout (the paper: a 1 x 1
//! convolution).

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::initial_values;
use crate::activation::Activation;
use crate::config::{ConfigError, at_least_one, dropout, expect_valid};
use crate::conv::{ConvNormAct, ConvNormActConfig};
use crate::encoder::{Encoder, expect_stages, freeze_first, global_average};
use crate::init::initialise;
use crate::inverted_residual::{InvertedResidual, InvertedResidualConfig};

/// Configuration of [`MobileNetV2`]; [`mobilenet_v2`] is a ready one.
#[derive(Config, Debug)]
pub struct MobileNetV2Config {
    /// The probability that training clears a feature before the classifier, in [0, 1).
    /// Default: 0.2
    #[config(default = 0.2)]
    pub dropout: f64,
    /// Classes. At least 1. Default: 1000
    #[config(default = 1000)]
    pub n_classes: usize,
}

/// A `MobileNetV2`. Its stages are the stem, 17 blocks, and the last convolution.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use nn_core::encoder::{Encoder, mobilenet_v2};
///
/// let device = Device::default();
/// let encoder = mobilenet_v2().init(&device);
/// let images = Tensor::<4>::zeros([1, 3, 64, 64], &device);
/// assert_eq!(encoder.feature_map(images.clone()).dims(), [1, 1280, 2, 2]);
/// assert_eq!(encoder.classify(images).dims(), [1, 1000]);
/// ```
#[derive(Module, Debug)]
pub struct MobileNetV2 {
    features: Vec<Feature>,
    /// From means to class scores.
    pub classifier: (Dropout, Linear),
}

#[derive(Module, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are of the larger kind"
)]
enum Feature {
    Conv(ConvNormAct),
    Block(InvertedResidual),
}

/// Expansion, channels, depth and stride of each row of blocks.
const ROWS: [(usize, usize, usize, usize); 7] = [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
];

/// Channels of the stem and of the feature map.
const ENDS: [usize; 2] = [32, 1280];

/// `MobileNetV2` of width 1: 3.5 million parameters.
pub fn mobilenet_v2() -> MobileNetV2Config {
    MobileNetV2Config::new()
}

impl MobileNetV2Config {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When there are no classes or `dropout` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        dropout("dropout", self.dropout)?;
        at_least_one("n_classes", self.n_classes)
    }

    /// Draws the weights: convolutions as in He et al. 2015 by their outputs, the classifier with
    /// deviation 0.01.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> MobileNetV2 {
        expect_valid("MobileNetV2", self.check());
        let model = MobileNetV2 {
            features: features(device),
            classifier: (
                DropoutConfig::new(self.dropout).init(),
                LinearConfig::new(ENDS[1], self.n_classes).init(device),
            ),
        };
        initialise(model, initial_values)
    }
}

fn features(device: &Device) -> Vec<Feature> {
    let relu6 = |channels, side| {
        ConvNormActConfig::square(channels, side).with_activation(Activation::Relu6)
    };
    let stem = relu6([3, ENDS[0]], 3).with_stride(2);
    let mut features = vec![Feature::Conv(stem.init(device))];
    let mut in_channels = ENDS[0];
    for (expansion, channels, depth, stride) in ROWS {
        for idx in 0..depth {
            let block = InvertedResidualConfig::new([in_channels, channels])
                .with_expansion(expansion)
                .with_stride(if idx == 0 { stride } else { 1 });
            features.push(Feature::Block(block.init(device)));
            in_channels = channels;
        }
    }
    let last = relu6([in_channels, ENDS[1]], 1);
    features.push(Feature::Conv(last.init(device)));
    features
}

impl Feature {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Conv(conv) => conv.forward(input),
            Self::Block(block) => block.forward(input),
        }
    }
}

impl Encoder for MobileNetV2 {
    fn n_channels(&self) -> usize {
        self.classifier.1.weight.dims()[0]
    }

    fn feature_map(&self, images: Tensor<4>) -> Tensor<4> {
        self.features
            .iter()
            .fold(images, |features, layer| layer.forward(features))
    }

    fn classify(&self, images: Tensor<4>) -> Tensor<2> {
        let (dropout, linear) = &self.classifier;
        linear.forward(dropout.forward(global_average(self.feature_map(images))))
    }

    fn n_stages(&self) -> usize {
        self.features.len()
    }

    fn freeze_stages(mut self, n_stages: usize) -> Self {
        expect_stages(n_stages, self.n_stages());
        self.features = freeze_first(self.features, n_stages);
        self
    }
}
