//! [`InceptionV3`]: factorised convolutions in branches.
//!
//! Szegedy et al. 2016, <https://arxiv.org/abs/1512.00567>, table 1. Differences from the paper:
//! those of torchvision, the last pool averages whatever map there is, and there is no auxiliary
//! classifier, which only training from nothing uses.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Initializer, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::{Encoder, expect_stages, global_average};
use crate::config::{ConfigError, at_least_one, dropout, expect_valid};
use crate::inception::{
    InceptionA, InceptionAConfig, InceptionB, InceptionBConfig, InceptionC, InceptionCConfig,
    InceptionConv, InceptionD, InceptionDConfig, InceptionE, InceptionEConfig, keeping, max_pool,
    shrinking,
};
use crate::init::{Leaf, initialise, normal};

/// Configuration of [`InceptionV3`]; [`inception_v3`] is a ready one.
#[derive(Config, Debug)]
pub struct InceptionV3Config {
    /// The probability that training clears a feature before the classifier, in [0, 1).
    /// Default: 0.5
    #[config(default = 0.5)]
    pub dropout: f64,
    /// Classes. At least 1. Default: 1000
    #[config(default = 1000)]
    pub n_classes: usize,
}

/// An `Inception-v3`. Its stages are the stem and eleven blocks; images have at least 75 pixels a
/// side.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use nn_core::encoder::{Encoder, inception_v3};
///
/// let device = Device::default();
/// let encoder = inception_v3().init(&device);
/// let images = Tensor::<4>::zeros([1, 3, 75, 75], &device);
/// assert_eq!(encoder.feature_map(images.clone()).dims(), [1, 2048, 1, 1]);
/// assert_eq!(encoder.classify(images).dims(), [1, 1000]);
/// ```
#[derive(Module, Debug)]
pub struct InceptionV3 {
    conv2d_1a_3x3: InceptionConv,
    conv2d_2a_3x3: InceptionConv,
    conv2d_2b_3x3: InceptionConv,
    conv2d_3b_1x1: InceptionConv,
    conv2d_4a_3x3: InceptionConv,
    mixed_5b: InceptionA,
    mixed_5c: InceptionA,
    mixed_5d: InceptionA,
    mixed_6a: InceptionB,
    mixed_6b: InceptionC,
    mixed_6c: InceptionC,
    mixed_6d: InceptionC,
    mixed_6e: InceptionC,
    mixed_7a: InceptionD,
    mixed_7b: InceptionE,
    mixed_7c: InceptionE,
    dropout: Dropout,
    /// From means to class scores.
    pub fc: Linear,
}

/// Channels of the feature map.
const N_CHANNELS: usize = 2048;

/// `Inception-v3`: 23.8 million parameters.
pub fn inception_v3() -> InceptionV3Config {
    InceptionV3Config::new()
}

impl InceptionV3Config {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When there are no classes or `dropout` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        dropout("dropout", self.dropout)?;
        at_least_one("n_classes", self.n_classes)
    }

    /// Draws the weights with deviation 0.1.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> InceptionV3 {
        expect_valid("InceptionV3", self.check());
        let a = |in_channels, pool| InceptionAConfig::new(in_channels, pool).init(device);
        let c = |width| InceptionCConfig::new(768, width).init(device);
        let e = |in_channels| InceptionEConfig::new(in_channels).init(device);
        let model = InceptionV3 {
            conv2d_1a_3x3: shrinking([3, 32], 3, 2, device),
            conv2d_2a_3x3: shrinking([32, 32], 3, 1, device),
            conv2d_2b_3x3: keeping([32, 64], [3, 3], device),
            conv2d_3b_1x1: keeping([64, 80], [1, 1], device),
            conv2d_4a_3x3: shrinking([80, 192], 3, 1, device),
            mixed_5b: a(192, 32),
            mixed_5c: a(256, 64),
            mixed_5d: a(288, 64),
            mixed_6a: InceptionBConfig::new(288).init(device),
            mixed_6b: c(128),
            mixed_6c: c(160),
            mixed_6d: c(160),
            mixed_6e: c(192),
            mixed_7a: InceptionDConfig::new(768).init(device),
            mixed_7b: e(1280),
            mixed_7c: e(N_CHANNELS),
            dropout: DropoutConfig::new(self.dropout).init(),
            fc: LinearConfig::new(N_CHANNELS, self.n_classes).init(device),
        };
        initialise(model, initial_values)
    }
}

fn initial_values(leaf: &Leaf<'_>) -> Option<Initializer> {
    let drawn = leaf.is("Conv2d", "weight") || leaf.is("Linear", "weight");
    drawn.then(|| normal(0.1))
}

impl InceptionV3 {
    fn stem(&self, images: Tensor<4>) -> Tensor<4> {
        let hidden = self.conv2d_1a_3x3.forward(images); // half the size
        let hidden = self.conv2d_2a_3x3.forward(hidden);
        let hidden = max_pool(self.conv2d_2b_3x3.forward(hidden)); // a quarter
        let hidden = self.conv2d_3b_1x1.forward(hidden);
        max_pool(self.conv2d_4a_3x3.forward(hidden)) // an eighth
    }

    fn freeze_stem(&mut self) {
        let convs = [
            &mut self.conv2d_1a_3x3,
            &mut self.conv2d_2a_3x3,
            &mut self.conv2d_2b_3x3,
            &mut self.conv2d_3b_1x1,
            &mut self.conv2d_4a_3x3,
        ];
        for conv in convs {
            freeze(conv);
        }
    }
}

/// Freezes a layer in its place.
fn freeze<M: Module>(layer: &mut M) {
    *layer = layer.clone().freeze();
}

impl Encoder for InceptionV3 {
    fn n_channels(&self) -> usize {
        self.fc.weight.dims()[0]
    }

    fn feature_map(&self, images: Tensor<4>) -> Tensor<4> {
        let features = self.mixed_5b.forward(self.stem(images));
        let features = self.mixed_5c.forward(features);
        let features = self.mixed_5d.forward(features);
        let features = self.mixed_6a.forward(features); // a sixteenth
        let features = self.mixed_6b.forward(features);
        let features = self.mixed_6c.forward(features);
        let features = self.mixed_6d.forward(features);
        let features = self.mixed_6e.forward(features);
        let features = self.mixed_7a.forward(features); // a thirty-second
        let features = self.mixed_7b.forward(features);
        self.mixed_7c.forward(features)
    }

    fn classify(&self, images: Tensor<4>) -> Tensor<2> {
        let pooled = global_average(self.feature_map(images));
        self.fc.forward(self.dropout.forward(pooled))
    }

    fn n_stages(&self) -> usize {
        12
    }

    fn freeze_stages(mut self, n_stages: usize) -> Self {
        expect_stages(n_stages, self.n_stages());
        let stages: [fn(&mut Self); 12] = [
            Self::freeze_stem,
            |model| freeze(&mut model.mixed_5b),
            |model| freeze(&mut model.mixed_5c),
            |model| freeze(&mut model.mixed_5d),
            |model| freeze(&mut model.mixed_6a),
            |model| freeze(&mut model.mixed_6b),
            |model| freeze(&mut model.mixed_6c),
            |model| freeze(&mut model.mixed_6d),
            |model| freeze(&mut model.mixed_6e),
            |model| freeze(&mut model.mixed_7a),
            |model| freeze(&mut model.mixed_7b),
            |model| freeze(&mut model.mixed_7c),
        ];
        for freeze_stage in stages.into_iter().take(n_stages) {
            freeze_stage(&mut self);
        }
        self
    }
}
