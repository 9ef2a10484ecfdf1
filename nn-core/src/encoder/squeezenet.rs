//! [`SqueezeNet`]: a small network of fire modules.
//!
//! Iandola et al. 2016, <https://arxiv.org/abs/1602.07360>, table 1 (1.0); 1.1 is the authors'
//! later version, of 2.4 times less computation. Differences from the paper: those of torchvision,
//! initial values are those of He et al. 2015.

use burn::config::Config;
use burn::module::Module;
use burn::nn::activation::Relu;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Dropout, DropoutConfig, Initializer};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::{Encoder, expect_stages, global_average};
use crate::config::{ConfigError, at_least_one, dropout, expect_valid};
use crate::convolve::convolve;
use crate::fire::{Fire, FireConfig};
use crate::init::{KAIMING_UNIFORM, Leaf, initialise, normal};

/// The networks of the authors.
#[derive(Config, Debug, PartialEq, Eq)]
pub enum SqueezeNetVersion {
    /// Of the paper.
    V1_0,
    /// With a smaller stem and earlier pools.
    V1_1,
}

/// Configuration of [`SqueezeNet`]; [`squeezenet1_0`] and [`squeezenet1_1`] are ready ones.
#[derive(Config, Debug)]
pub struct SqueezeNetConfig {
    /// Which network.
    pub version: SqueezeNetVersion,
    /// The probability that training clears a feature before the classifier, in [0, 1).
    /// Default: 0.5
    #[config(default = 0.5)]
    pub dropout: f64,
    /// Classes. At least 1. Default: 1000
    #[config(default = 1000)]
    pub n_classes: usize,
}

/// A `SqueezeNet`. Its stages are the stem and eight fire modules.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use nn_core::encoder::{Encoder, squeezenet1_1};
///
/// let device = Device::default();
/// let encoder = squeezenet1_1().init(&device);
/// let images = Tensor::<4>::zeros([1, 3, 64, 64], &device);
/// assert_eq!(encoder.feature_map(images.clone()).dims(), [1, 512, 3, 3]);
/// assert_eq!(encoder.classify(images).dims(), [1, 1000]);
/// ```
#[derive(Module, Debug)]
pub struct SqueezeNet {
    features: Vec<Layer>,
    /// From features to class scores at each place.
    pub classifier: (Dropout, Conv2d),
}

#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "most are of the largest kind")]
enum Layer {
    Conv(Conv2d),
    Relu(Relu),
    Pool(MaxPool2d),
    Fire(Fire),
}

/// Width inside and of each half outside, fire module by fire module.
const FIRES: [[usize; 2]; 8] = [
    [16, 64],
    [16, 64],
    [32, 128],
    [32, 128],
    [48, 192],
    [48, 192],
    [64, 256],
    [64, 256],
];

/// Channels of the feature map.
const N_CHANNELS: usize = 512;

/// `SqueezeNet` 1.0: 1.2 million parameters.
pub fn squeezenet1_0() -> SqueezeNetConfig {
    SqueezeNetConfig::new(SqueezeNetVersion::V1_0)
}

/// `SqueezeNet` 1.1: 1.2 million parameters.
pub fn squeezenet1_1() -> SqueezeNetConfig {
    SqueezeNetConfig::new(SqueezeNetVersion::V1_1)
}

impl SqueezeNetVersion {
    /// Channels and side of the first convolution.
    fn stem(&self) -> [usize; 2] {
        match self {
            Self::V1_0 => [96, 7],
            Self::V1_1 => [64, 3],
        }
    }

    /// The fire modules that a pool precedes.
    fn pools(&self) -> [usize; 3] {
        match self {
            Self::V1_0 => [0, 3, 7],
            Self::V1_1 => [0, 2, 4],
        }
    }
}

impl SqueezeNetConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When there are no classes or `dropout` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        dropout("dropout", self.dropout)?;
        at_least_one("n_classes", self.n_classes)
    }

    /// Draws the weights: uniformly as in He et al. 2015 by inputs, the classifier with deviation
    /// 0.01.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> SqueezeNet {
        expect_valid("SqueezeNet", self.check());
        let model = SqueezeNet {
            features: self.features(device),
            classifier: (
                DropoutConfig::new(self.dropout).init(),
                Conv2dConfig::new([N_CHANNELS, self.n_classes], [1, 1]).init(device),
            ),
        };
        initialise(model, |leaf| Some(initial_values(leaf)))
    }

    fn features(&self, device: &Device) -> Vec<Layer> {
        let [mut in_channels, side] = self.version.stem();
        let stem = Conv2dConfig::new([3, in_channels], [side, side]).with_stride([2, 2]);
        let mut features = vec![Layer::Conv(stem.init(device)), Layer::Relu(Relu::new())];
        for (idx, [squeeze, expand]) in FIRES.into_iter().enumerate() {
            if self.version.pools().contains(&idx) {
                let pool = MaxPool2dConfig::new([3, 3])
                    .with_strides([2, 2])
                    .with_ceil_mode(true);
                features.push(Layer::Pool(pool.init()));
            }
            let fire = FireConfig::new(in_channels, squeeze, expand, expand);
            features.push(Layer::Fire(fire.init(device)));
            in_channels = 2 * expand;
        }
        features
    }
}

fn initial_values(leaf: &Leaf<'_>) -> Initializer {
    if leaf.is("Conv2d", "bias") {
        Initializer::Zeros
    } else if leaf.name() == "classifier.1.weight" {
        normal(0.01)
    } else {
        KAIMING_UNIFORM
    }
}

impl Layer {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Conv(conv) => convolve(conv, input),
            Self::Relu(relu) => relu.forward(input),
            Self::Pool(pool) => pool.forward(input),
            Self::Fire(fire) => fire.forward(input),
        }
    }

    fn has_weights(&self) -> bool {
        matches!(self, Self::Conv(_) | Self::Fire(_))
    }
}

impl Encoder for SqueezeNet {
    fn n_channels(&self) -> usize {
        N_CHANNELS
    }

    fn feature_map(&self, images: Tensor<4>) -> Tensor<4> {
        self.features
            .iter()
            .fold(images, |features, layer| layer.forward(features))
    }

    fn classify(&self, images: Tensor<4>) -> Tensor<2> {
        let (dropout, conv) = &self.classifier;
        let features = dropout.forward(self.feature_map(images));
        let scores = relu(convolve(conv, features)); // [batch, n_classes, height, width]
        global_average(scores)
    }

    fn n_stages(&self) -> usize {
        let stages = self.features.iter().filter(|layer| layer.has_weights());
        stages.count()
    }

    fn freeze_stages(mut self, n_stages: usize) -> Self {
        expect_stages(n_stages, self.n_stages());
        let mut n_frozen = 0;
        let frozen = |layer: Layer| {
            if n_frozen == n_stages || !layer.has_weights() {
                return layer;
            }
            n_frozen += 1;
            layer.freeze()
        };
        self.features = self.features.into_iter().map(frozen).collect();
        self
    }
}
