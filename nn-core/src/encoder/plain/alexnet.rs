//! [`AlexNet`]: five convolutions and three linear layers.
//!
//! Krizhevsky 2014, <https://arxiv.org/abs/1404.5997>, footnote 1: the network of Krizhevsky et
//! al. 2012 on one device. Differences from the paper: those of torchvision, 256 channels in the
//! fourth convolution (the paper: 384), and the last map is pooled to 6 x 6 whatever the image's
//! size is.

use burn::config::Config;
use burn::module::Module;
use burn::nn::pool::{AdaptiveAvgPool2d, AdaptiveAvgPool2dConfig};
use burn::tensor::{Device, Tensor};

use super::layers::{ClassifierLayer, PlainLayer, class_scores, last_channels, n_layers, run};
use crate::config::{ConfigError, at_least_one, dropout, expect_valid};
use crate::encoder::{Encoder, expect_stages, freeze_first};

/// Height and width of the map the classifier reads.
const POOLED: usize = 6;

/// Configuration of [`AlexNet`]; [`alexnet`] is a ready one.
#[derive(Config, Debug)]
pub struct AlexNetConfig {
    /// Width of the classifier's two hidden layers. At least 1. Default: 4096
    #[config(default = 4096)]
    pub d_hidden: usize,
    /// Dropout before the hidden layers, in [0, 1). Default: 0.5
    #[config(default = 0.5)]
    pub dropout: f64,
    /// Classes. At least 1. Default: 1000
    #[config(default = 1000)]
    pub n_classes: usize,
}

/// Five convolutions, three of them followed by a pool, and three linear layers.
///
/// Images are at least 63 pixels high and wide.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use nn_core::encoder::{Encoder, alexnet};
///
/// let device = Device::default();
/// let encoder = alexnet().with_d_hidden(64).init(&device);
/// let images = Tensor::<4>::zeros([1, 3, 96, 96], &device);
/// assert_eq!(encoder.feature_map(images.clone()).dims(), [1, 256, 2, 2]);
/// assert_eq!(encoder.tokens(images.clone()).dims(), [1, 4, 256]);
/// assert_eq!(encoder.classify(images).dims(), [1, 1000]);
/// ```
#[derive(Module, Debug)]
pub struct AlexNet {
    /// From images to the feature map.
    pub features: Vec<PlainLayer>,
    /// To 6 x 6.
    pub avgpool: AdaptiveAvgPool2d,
    /// To class scores.
    pub classifier: Vec<ClassifierLayer>,
}

/// `AlexNet`: 61.1 million parameters.
pub fn alexnet() -> AlexNetConfig {
    AlexNetConfig::new()
}

impl AlexNetConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a count is 0 or `dropout` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("d_hidden", self.d_hidden)?;
        dropout("dropout", self.dropout)?;
        at_least_one("n_classes", self.n_classes)
    }

    /// Draws the weights: all uniformly by the inputs.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> AlexNet {
        expect_valid("AlexNet", self.check());
        let linear = |d_input, d_output| ClassifierLayer::linear(d_input, d_output, device);
        let classifier = vec![
            ClassifierLayer::dropout(self.dropout),
            linear(256 * POOLED * POOLED, self.d_hidden),
            ClassifierLayer::relu(),
            ClassifierLayer::dropout(self.dropout),
            linear(self.d_hidden, self.d_hidden),
            ClassifierLayer::relu(),
            linear(self.d_hidden, self.n_classes),
        ];
        AlexNet {
            features: features(device),
            avgpool: AdaptiveAvgPool2dConfig::new([POOLED; 2]).init(),
            classifier,
        }
    }
}

fn features(device: &Device) -> Vec<PlainLayer> {
    vec![
        PlainLayer::conv([3, 64], 11, 4, 2, device), // a quarter of the size
        PlainLayer::relu(),
        PlainLayer::pool(3),
        PlainLayer::conv([64, 192], 5, 1, 2, device),
        PlainLayer::relu(),
        PlainLayer::pool(3),
        PlainLayer::conv([192, 384], 3, 1, 1, device),
        PlainLayer::relu(),
        PlainLayer::conv([384, 256], 3, 1, 1, device),
        PlainLayer::relu(),
        PlainLayer::conv([256, 256], 3, 1, 1, device),
        PlainLayer::relu(),
        PlainLayer::pool(3),
    ]
}

impl Encoder for AlexNet {
    fn n_channels(&self) -> usize {
        last_channels(&self.features)
    }

    fn feature_map(&self, images: Tensor<4>) -> Tensor<4> {
        run(&self.features, images)
    }

    fn classify(&self, images: Tensor<4>) -> Tensor<2> {
        let pooled = self.avgpool.forward(self.feature_map(images)); // [batch, 256, 6, 6]
        class_scores(&self.classifier, pooled)
    }

    /// Each ends with a pool; there is no stem before them.
    fn n_stages(&self) -> usize {
        super::layers::n_stages(&self.features)
    }

    fn freeze_stages(mut self, n_stages: usize) -> Self {
        expect_stages(n_stages, self.n_stages());
        let n_frozen = n_layers(&self.features, n_stages);
        self.features = freeze_first(self.features, n_frozen);
        self
    }
}
