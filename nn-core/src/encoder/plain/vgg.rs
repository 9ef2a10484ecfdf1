//! [`Vgg`]: deep rows of 3 x 3 convolutions.
//!
//! Simonyan and Zisserman 2015, <https://arxiv.org/abs/1409.1556>, table 1. Differences from the
//! paper: those of torchvision, the last map is pooled to 7 x 7 whatever the image's size is, and
//! convolutions may be normalised (Ioffe and Szegedy 2015).

use burn::config::Config;
use burn::module::Module;
use burn::nn::Initializer;
use burn::nn::pool::{AdaptiveAvgPool2d, AdaptiveAvgPool2dConfig};
use burn::tensor::{Device, Tensor};

use super::layers::{ClassifierLayer, PlainLayer, class_scores, last_channels, n_layers, run};
use crate::config::{ConfigError, at_least_one, dropout, each_at_least_one, expect_valid};
use crate::encoder::{Encoder, expect_stages, freeze_first};
use crate::init::{KAIMING_NORMAL_FAN_OUT, Leaf, initialise, normal};

/// Channels of the five stages.
const WIDTHS: [usize; 5] = [64, 128, 256, 512, 512];

/// Height and width of the map the classifier reads.
const POOLED: usize = 7;

/// Configuration of [`Vgg`]; [`vgg16`] and [`vgg16_bn`] are ready ones.
#[derive(Config, Debug)]
pub struct VggConfig {
    /// Convolutions of each of the five stages. Each at least 1.
    pub depths: [usize; 5],
    /// Whether a batch normalisation follows each convolution. Default: false
    #[config(default = false)]
    pub batch_norm: bool,
    /// Width of the classifier's two hidden layers. At least 1. Default: 4096
    #[config(default = 4096)]
    pub d_hidden: usize,
    /// Dropout of the hidden layers, in [0, 1). Default: 0.5
    #[config(default = 0.5)]
    pub dropout: f64,
    /// Classes. At least 1. Default: 1000
    #[config(default = 1000)]
    pub n_classes: usize,
}

/// Five stages of 3 x 3 convolutions, each with a pool at its end, and three linear layers.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use nn_core::encoder::{Encoder, vgg16};
///
/// let device = Device::default();
/// let encoder = vgg16().with_d_hidden(64).init(&device);
/// let images = Tensor::<4>::zeros([1, 3, 64, 64], &device);
/// assert_eq!(encoder.feature_map(images.clone()).dims(), [1, 512, 2, 2]);
/// assert_eq!(encoder.tokens(images.clone()).dims(), [1, 4, 512]);
/// assert_eq!(encoder.classify(images).dims(), [1, 1000]);
/// ```
#[derive(Module, Debug)]
pub struct Vgg {
    /// From images to the feature map.
    pub features: Vec<PlainLayer>,
    /// To 7 x 7.
    pub avgpool: AdaptiveAvgPool2d,
    /// To class scores.
    pub classifier: Vec<ClassifierLayer>,
}

/// VGG-16: 138.4 million parameters.
pub fn vgg16() -> VggConfig {
    VggConfig::new([2, 2, 3, 3, 3])
}

/// VGG-16 with batch normalisation: 138.4 million parameters.
pub fn vgg16_bn() -> VggConfig {
    vgg16().with_batch_norm(true)
}

impl VggConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a count is 0 or `dropout` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        let depths = [
            "depths[0]",
            "depths[1]",
            "depths[2]",
            "depths[3]",
            "depths[4]",
        ];
        each_at_least_one(depths, self.depths)?;
        at_least_one("d_hidden", self.d_hidden)?;
        dropout("dropout", self.dropout)?;
        at_least_one("n_classes", self.n_classes)
    }

    /// Draws the weights: convolutions as in He et al. 2015 by their outputs, linear layers normal
    /// with deviation 0.01, biases 0.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> Vgg {
        expect_valid("Vgg", self.check());
        let linear = |d_input, d_output| ClassifierLayer::linear(d_input, d_output, device);
        let classifier = vec![
            linear(WIDTHS[4] * POOLED * POOLED, self.d_hidden),
            ClassifierLayer::relu(),
            ClassifierLayer::dropout(self.dropout),
            linear(self.d_hidden, self.d_hidden),
            ClassifierLayer::relu(),
            ClassifierLayer::dropout(self.dropout),
            linear(self.d_hidden, self.n_classes),
        ];
        let model = Vgg {
            features: self.features(device),
            avgpool: AdaptiveAvgPool2dConfig::new([POOLED; 2]).init(),
            classifier,
        };
        initialise(model, initial_values)
    }

    fn features(&self, device: &Device) -> Vec<PlainLayer> {
        let (mut layers, mut channels) = (Vec::new(), 3);
        for (depth, width) in self.depths.into_iter().zip(WIDTHS) {
            for _ in 0..depth {
                layers.push(PlainLayer::conv([channels, width], 3, 1, 1, device));
                if self.batch_norm {
                    layers.push(PlainLayer::norm(width, device));
                }
                layers.push(PlainLayer::relu());
                channels = width;
            }
            layers.push(PlainLayer::pool(2));
        }
        layers
    }
}

fn initial_values(leaf: &Leaf<'_>) -> Option<Initializer> {
    if leaf.is("Conv2d", "weight") {
        return Some(KAIMING_NORMAL_FAN_OUT);
    }
    if leaf.is("Linear", "weight") {
        return Some(normal(0.01));
    }
    let bias = leaf.is("Conv2d", "bias") || leaf.is("Linear", "bias");
    bias.then_some(Initializer::Zeros)
}

impl Encoder for Vgg {
    fn n_channels(&self) -> usize {
        last_channels(&self.features)
    }

    fn feature_map(&self, images: Tensor<4>) -> Tensor<4> {
        run(&self.features, images)
    }

    fn classify(&self, images: Tensor<4>) -> Tensor<2> {
        let pooled = self.avgpool.forward(self.feature_map(images)); // [batch, 512, 7, 7]
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
