//! [`MobileNetV3`]: networks found by search, with hard activations.
//!
//! Howard et al. 2019, <https://arxiv.org/abs/1905.02244>, tables 1 and 2. Differences from the
//! paper: those of torchvision, the last layers behind the pool are linear, with dropout (the
//! paper: 1 x 1 convolutions).

use burn::config::Config;
use burn::module::Module;
use burn::nn::activation::HardSwish;
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::initial_values;
use crate::activation::Activation;
use crate::config::{ConfigError, at_least_one, dropout, expect_valid};
use crate::conv::{ConvNormAct, ConvNormActConfig};
use crate::encoder::{Encoder, expect_stages, freeze_first, global_average};
use crate::init::initialise;
use crate::mb_conv::{MbConv, MbConvConfig};

/// The networks of the paper.
#[derive(Config, Debug, PartialEq, Eq)]
pub enum MobileNetV3Size {
    /// Table 1.
    Large,
    /// Table 2.
    Small,
}

/// Configuration of [`MobileNetV3`]; [`mobilenet_v3_large`] and [`mobilenet_v3_small`] are ready
/// ones.
#[derive(Config, Debug)]
pub struct MobileNetV3Config {
    /// Which table of blocks.
    pub size: MobileNetV3Size,
    /// The probability that training clears a feature before the classifier, in [0, 1).
    /// Default: 0.2
    #[config(default = 0.2)]
    pub dropout: f64,
    /// Classes. At least 1. Default: 1000
    #[config(default = 1000)]
    pub n_classes: usize,
}

/// A `MobileNetV3`. Its stages are the stem, each block, and the last convolution.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use nn_core::encoder::{Encoder, mobilenet_v3_small};
///
/// let device = Device::default();
/// let encoder = mobilenet_v3_small().init(&device);
/// let images = Tensor::<4>::zeros([1, 3, 64, 64], &device);
/// assert_eq!(encoder.feature_map(images.clone()).dims(), [1, 576, 2, 2]);
/// assert_eq!(encoder.classify(images).dims(), [1, 1000]);
/// ```
#[derive(Module, Debug)]
pub struct MobileNetV3 {
    features: Vec<Feature>,
    /// From means to class scores.
    pub classifier: (Linear, HardSwish, Dropout, Linear),
}

#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a network holds few")]
enum Feature {
    Conv(ConvNormAct),
    Block(MbConv),
}

/// A row of the paper's tables.
struct Row {
    kernel_size: usize,
    hidden: usize,
    channels: usize,
    excite: bool,
    activation: Activation,
    stride: usize,
}

const fn row(
    kernel_size: usize,
    hidden: usize,
    channels: usize,
    excite: bool,
    activation: Activation,
    stride: usize,
) -> Row {
    Row {
        kernel_size,
        hidden,
        channels,
        excite,
        activation,
        stride,
    }
}

const LARGE: &[Row] = &[
    row(3, 16, 16, false, Activation::Relu, 1),
    row(3, 64, 24, false, Activation::Relu, 2),
    row(3, 72, 24, false, Activation::Relu, 1),
    row(5, 72, 40, true, Activation::Relu, 2),
    row(5, 120, 40, true, Activation::Relu, 1),
    row(5, 120, 40, true, Activation::Relu, 1),
    row(3, 240, 80, false, Activation::HardSwish, 2),
    row(3, 200, 80, false, Activation::HardSwish, 1),
    row(3, 184, 80, false, Activation::HardSwish, 1),
    row(3, 184, 80, false, Activation::HardSwish, 1),
    row(3, 480, 112, true, Activation::HardSwish, 1),
    row(3, 672, 112, true, Activation::HardSwish, 1),
    row(5, 672, 160, true, Activation::HardSwish, 2),
    row(5, 960, 160, true, Activation::HardSwish, 1),
    row(5, 960, 160, true, Activation::HardSwish, 1),
];

const SMALL: &[Row] = &[
    row(3, 16, 16, true, Activation::Relu, 2),
    row(3, 72, 24, false, Activation::Relu, 2),
    row(3, 88, 24, false, Activation::Relu, 1),
    row(5, 96, 40, true, Activation::HardSwish, 2),
    row(5, 240, 40, true, Activation::HardSwish, 1),
    row(5, 240, 40, true, Activation::HardSwish, 1),
    row(5, 120, 48, true, Activation::HardSwish, 1),
    row(5, 144, 48, true, Activation::HardSwish, 1),
    row(5, 288, 96, true, Activation::HardSwish, 2),
    row(5, 576, 96, true, Activation::HardSwish, 1),
    row(5, 576, 96, true, Activation::HardSwish, 1),
];

/// Channels of the stem.
const STEM: usize = 16;

/// Of every normalisation.
const EPSILON: f64 = 1e-3;
const MOMENTUM: f64 = 0.01;

/// `MobileNetV3-Large`: 5.5 million parameters.
pub fn mobilenet_v3_large() -> MobileNetV3Config {
    MobileNetV3Config::new(MobileNetV3Size::Large)
}

/// `MobileNetV3-Small`: 2.5 million parameters.
pub fn mobilenet_v3_small() -> MobileNetV3Config {
    MobileNetV3Config::new(MobileNetV3Size::Small)
}

impl MobileNetV3Size {
    fn rows(&self) -> &'static [Row] {
        match self {
            Self::Large => LARGE,
            Self::Small => SMALL,
        }
    }

    /// Channels of the feature map and between the linear layers.
    fn ends(&self) -> [usize; 2] {
        match self {
            Self::Large => [960, 1280],
            Self::Small => [576, 1024],
        }
    }
}

impl MobileNetV3Config {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When there are no classes or `dropout` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        dropout("dropout", self.dropout)?;
        at_least_one("n_classes", self.n_classes)
    }

    /// Draws the weights: convolutions as in He et al. 2015 by their outputs, linear layers with
    /// deviation 0.01.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> MobileNetV3 {
        expect_valid("MobileNetV3", self.check());
        let [n_channels, hidden] = self.size.ends();
        let model = MobileNetV3 {
            features: self.features(device),
            classifier: (
                LinearConfig::new(n_channels, hidden).init(device),
                HardSwish::new(),
                DropoutConfig::new(self.dropout).init(),
                LinearConfig::new(hidden, self.n_classes).init(device),
            ),
        };
        initialise(model, initial_values)
    }

    fn features(&self, device: &Device) -> Vec<Feature> {
        let stem = conv([3, STEM], 3).with_stride(2);
        let mut features = vec![Feature::Conv(stem.init(device))];
        let mut in_channels = STEM;
        for row in self.size.rows() {
            features.push(Feature::Block(row.block(in_channels).init(device)));
            in_channels = row.channels;
        }
        let last = conv([in_channels, self.size.ends()[0]], 1);
        features.push(Feature::Conv(last.init(device)));
        features
    }
}

fn conv(channels: [usize; 2], side: usize) -> ConvNormActConfig {
    ConvNormActConfig::square(channels, side)
        .with_activation(Activation::HardSwish)
        .with_epsilon(EPSILON)
        .with_momentum(MOMENTUM)
}

impl Row {
    fn block(&self, in_channels: usize) -> MbConvConfig {
        MbConvConfig::new([in_channels, self.channels], self.hidden)
            .with_kernel_size(self.kernel_size)
            .with_stride(self.stride)
            .with_activation(self.activation.clone())
            .with_squeeze(self.excite.then(|| eights(self.hidden / 4)))
            .with_squeeze_activation(Activation::Relu)
            .with_gate(Activation::HardSigmoid)
            .with_epsilon(EPSILON)
            .with_momentum(MOMENTUM)
    }
}

/// The multiple of 8 nearest to `width`, at least 8, and never less than nine tenths of it.
fn eights(width: usize) -> usize {
    let nearest = ((width + 4) / 8 * 8).max(8);
    if nearest * 10 < width * 9 {
        nearest + 8
    } else {
        nearest
    }
}

impl Feature {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Conv(conv) => conv.forward(input),
            Self::Block(block) => block.forward(input),
        }
    }
}

impl Encoder for MobileNetV3 {
    fn n_channels(&self) -> usize {
        self.classifier.0.weight.dims()[0]
    }

    fn feature_map(&self, images: Tensor<4>) -> Tensor<4> {
        self.features
            .iter()
            .fold(images, |features, layer| layer.forward(features))
    }

    fn classify(&self, images: Tensor<4>) -> Tensor<2> {
        // Burn's module holds the place of PyTorch's; its slope at -3 and 3 is another.
        let (first, _, dropout, last) = &self.classifier;
        let pooled = global_average(self.feature_map(images)); // [batch, n_channels]
        let hidden = Activation::HardSwish.forward(first.forward(pooled)); // [batch, hidden]
        last.forward(dropout.forward(hidden))
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
