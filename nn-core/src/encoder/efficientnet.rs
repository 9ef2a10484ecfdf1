//! [`EfficientNet`]: depth, width and resolution scaled together.
//!
//! Tan and Le 2019, <https://arxiv.org/abs/1905.11946>, table 1. Difference from the paper: none;
//! stochastic depth and dropout are those of the authors' code, as in torchvision.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Initializer, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::{Encoder, expect_stages, freeze_first, global_average};
use crate::activation::Activation;
use crate::config::{ConfigError, at_least_one, dropout, expect_valid};
use crate::conv::{ConvNormAct, ConvNormActConfig};
use crate::init::{KAIMING_NORMAL_FAN_OUT, Leaf, initialise};
use crate::mb_conv::{MbConv, MbConvConfig};

/// Configuration of [`EfficientNet`]; [`efficientnet_b0`] is a ready one.
#[derive(Config, Debug)]
pub struct EfficientNetConfig {
    /// The probability that training skips a block, which grows from 0 at the first block to
    /// this behind the last one, in [0, 1). Default: 0.2
    #[config(default = 0.2)]
    pub drop_path: f64,
    /// The probability that training clears a feature before the classifier, in [0, 1).
    /// Default: 0.2
    #[config(default = 0.2)]
    pub dropout: f64,
    /// Classes. At least 1. Default: 1000
    #[config(default = 1000)]
    pub n_classes: usize,
}

/// An `EfficientNet`. Its stages are the nine of the paper's table.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use nn_core::encoder::{Encoder, efficientnet_b0};
///
/// let device = Device::default();
/// let encoder = efficientnet_b0().init(&device);
/// let images = Tensor::<4>::zeros([1, 3, 64, 64], &device);
/// assert_eq!(encoder.feature_map(images.clone()).dims(), [1, 1280, 2, 2]);
/// assert_eq!(encoder.classify(images).dims(), [1, 1000]);
/// ```
#[derive(Module, Debug)]
pub struct EfficientNet {
    features: Vec<Stage>,
    /// From means to class scores.
    pub classifier: (Dropout, Linear),
}

#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a network holds nine")]
enum Stage {
    Conv(ConvNormAct),
    Blocks(Vec<MbConv>),
}

/// Stages 2 to 8 of the table.
const ROWS: [Row; 7] = [
    row(1, 3, 16, 1, 1),
    row(6, 3, 24, 2, 2),
    row(6, 5, 40, 2, 2),
    row(6, 3, 80, 3, 2),
    row(6, 5, 112, 3, 1),
    row(6, 5, 192, 4, 2),
    row(6, 3, 320, 1, 1),
];

/// Channels of the stem and of the feature map.
const ENDS: [usize; 2] = [32, 1280];

struct Row {
    expansion: usize,
    kernel_size: usize,
    channels: usize,
    depth: usize,
    stride: usize,
}

const fn row(
    expansion: usize,
    kernel_size: usize,
    channels: usize,
    depth: usize,
    stride: usize,
) -> Row {
    Row {
        expansion,
        kernel_size,
        channels,
        depth,
        stride,
    }
}

/// `EfficientNet-B0`: 5.3 million parameters.
pub fn efficientnet_b0() -> EfficientNetConfig {
    EfficientNetConfig::new()
}

impl EfficientNetConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When there are no classes, or `drop_path` or `dropout` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        dropout("drop_path", self.drop_path)?;
        dropout("dropout", self.dropout)?;
        at_least_one("n_classes", self.n_classes)
    }

    /// Draws the weights: convolutions as in He et al. 2015 by their outputs, the classifier
    /// uniformly by its outputs.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> EfficientNet {
        expect_valid("EfficientNet", self.check());
        let model = EfficientNet {
            features: self.features(device),
            classifier: (
                DropoutConfig::new(self.dropout).init(),
                LinearConfig::new(ENDS[1], self.n_classes).init(device),
            ),
        };
        initialise(model, |leaf| self.initial_values(leaf))
    }

    fn features(&self, device: &Device) -> Vec<Stage> {
        let silu = |channels, side| {
            ConvNormActConfig::square(channels, side).with_activation(Activation::Silu)
        };
        let stem = silu([3, ENDS[0]], 3).with_stride(2);
        let mut features = vec![Stage::Conv(stem.init(device))];
        let mut in_channels = ENDS[0];
        let mut n_before = 0;
        for row in &ROWS {
            features.push(Stage::Blocks(self.stage(
                row,
                in_channels,
                n_before,
                device,
            )));
            in_channels = row.channels;
            n_before += row.depth;
        }
        let last = silu([in_channels, ENDS[1]], 1);
        features.push(Stage::Conv(last.init(device)));
        features
    }

    /// The blocks of a row that `n_before` blocks precede.
    fn stage(
        &self,
        row: &Row,
        in_channels: usize,
        n_before: usize,
        device: &Device,
    ) -> Vec<MbConv> {
        let n_blocks: usize = ROWS.iter().map(|row| row.depth).sum();
        let block = |idx: usize| {
            let (in_channels, stride) = if idx == 0 {
                (in_channels, row.stride)
            } else {
                (row.channels, 1)
            };
            let part = (n_before + idx) as f64 / n_blocks as f64;
            MbConvConfig::new([in_channels, row.channels], in_channels * row.expansion)
                .with_kernel_size(row.kernel_size)
                .with_stride(stride)
                .with_squeeze(Some((in_channels / 4).max(1)))
                .with_drop_path(self.drop_path * part)
                .init(device)
        };
        (0..row.depth).map(block).collect()
    }

    fn initial_values(&self, leaf: &Leaf<'_>) -> Option<Initializer> {
        if leaf.is("Conv2d", "weight") {
            Some(KAIMING_NORMAL_FAN_OUT)
        } else if leaf.is("Linear", "weight") {
            let bound = 1.0 / (self.n_classes as f64).sqrt();
            Some(Initializer::Uniform {
                min: -bound,
                max: bound,
            })
        } else if leaf.is("Conv2d", "bias") || leaf.is("Linear", "bias") {
            Some(Initializer::Zeros)
        } else {
            None
        }
    }
}

impl Stage {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Conv(conv) => conv.forward(input),
            Self::Blocks(blocks) => blocks
                .iter()
                .fold(input, |features, block| block.forward(features)),
        }
    }
}

impl Encoder for EfficientNet {
    fn n_channels(&self) -> usize {
        self.classifier.1.weight.dims()[0]
    }

    fn feature_map(&self, images: Tensor<4>) -> Tensor<4> {
        self.features
            .iter()
            .fold(images, |features, stage| stage.forward(features))
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
