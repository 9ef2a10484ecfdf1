//! [`DenseNet`]: layers that see the channels of all layers before them.
//!
//! Huang et al. 2017, <https://arxiv.org/abs/1608.06993>, the form with bottlenecks and
//! compression 1/2. Difference from the paper: none.

use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AvgPool2d, AvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{Initializer, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::{Encoder, expect_stages, freeze_first, global_average};
use crate::batch_norm::{BatchNorm, BatchNormConfig};
use crate::config::{ConfigError, at_least_one, each_at_least_one, expect_valid};
use crate::convolve::convolve;
use crate::dense_layer::{DenseLayer, DenseLayerConfig};
use crate::init::{KAIMING_NORMAL, Leaf, initialise};

/// Configuration of [`DenseNet`]; [`densenet121`] is a ready one.
#[derive(Config, Debug)]
pub struct DenseNetConfig {
    /// Layers of each of the four blocks. Each at least 1.
    pub depths: [usize; 4],
    /// Channels every layer adds. At least 1. Default: 32
    #[config(default = 32)]
    pub growth: usize,
    /// Channels of the first convolution. At least 1. Default: 64
    #[config(default = 64)]
    pub stem_channels: usize,
    /// Hidden channels of a layer for each added one. At least 1. Default: 4
    #[config(default = 4)]
    pub bottleneck: usize,
    /// Dropout of added channels, in [0, 1). Default: 0
    #[config(default = 0.0)]
    pub dropout: f64,
    /// Classes. At least 1. Default: 1000
    #[config(default = 1000)]
    pub n_classes: usize,
}

/// Four blocks of [`DenseLayer`]s.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use nn_core::encoder::{Encoder, densenet121};
///
/// let device = Device::default();
/// let encoder = densenet121().init(&device);
/// let images = Tensor::<4>::zeros([1, 3, 64, 64], &device);
/// assert_eq!(encoder.feature_map(images.clone()).dims(), [1, 1024, 2, 2]);
/// assert_eq!(encoder.tokens(images.clone()).dims(), [1, 4, 1024]);
/// assert_eq!(encoder.classify(images).dims(), [1, 1000]);
/// ```
#[derive(Module, Debug)]
pub struct DenseNet {
    /// From images to the feature map.
    pub features: DenseFeatures,
    /// From means to class scores.
    pub classifier: Linear,
}

/// A stem, and blocks with transitions between them.
#[derive(Module, Debug)]
pub struct DenseFeatures {
    conv0: Conv2d,
    norm0: BatchNorm,
    pool0: MaxPool2d,
    blocks: Vec<DenseBlock>,
    transitions: Vec<Transition>,
    norm5: BatchNorm,
}

/// Layers that each add channels.
#[derive(Module, Debug)]
pub struct DenseBlock {
    layers: Vec<DenseLayer>,
}

/// Halves channels and map.
#[derive(Module, Debug)]
struct Transition {
    norm: BatchNorm,
    conv: Conv2d,
    pool: AvgPool2d,
}

/// DenseNet-121: 8.0 million parameters.
pub fn densenet121() -> DenseNetConfig {
    DenseNetConfig::new([6, 12, 24, 16])
}

impl DenseNetConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a count is 0 or `dropout` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        let depths = ["depths[0]", "depths[1]", "depths[2]", "depths[3]"];
        each_at_least_one(depths, self.depths)?;
        at_least_one("stem_channels", self.stem_channels)?;
        at_least_one("n_classes", self.n_classes)?;
        self.layer(self.stem_channels).check()
    }

    /// Draws the weights: convolutions as in He et al. 2015 by their inputs, the classifier
    /// uniformly by its inputs, its bias 0.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> DenseNet {
        expect_valid("DenseNet", self.check());
        let (mut blocks, mut transitions) = (Vec::new(), Vec::new());
        let mut channels = self.stem_channels;
        for (block_idx, depth) in self.depths.into_iter().enumerate() {
            if block_idx > 0 {
                transitions.push(transition(channels, device));
                channels /= 2;
            }
            blocks.push(self.block(channels, depth, device));
            channels += depth * self.growth;
        }
        let conv0 = Conv2dConfig::new([3, self.stem_channels], [7, 7])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(3, 3, 3, 3))
            .with_bias(false);
        let features = DenseFeatures {
            conv0: conv0.init(device),
            norm0: BatchNormConfig::new(self.stem_channels).init(device),
            pool0: MaxPool2dConfig::new([3, 3])
                .with_strides([2, 2])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(),
            blocks,
            transitions,
            norm5: BatchNormConfig::new(channels).init(device),
        };
        let classifier = LinearConfig::new(channels, self.n_classes).init(device);
        let model = DenseNet {
            features,
            classifier,
        };
        initialise(model, initial_values)
    }

    fn block(&self, channels: usize, depth: usize, device: &Device) -> DenseBlock {
        let layer = |layer_idx| self.layer(channels + layer_idx * self.growth).init(device);
        DenseBlock {
            layers: (0..depth).map(layer).collect(),
        }
    }

    fn layer(&self, in_channels: usize) -> DenseLayerConfig {
        DenseLayerConfig::new(in_channels, self.growth)
            .with_bottleneck(self.bottleneck)
            .with_dropout(self.dropout)
    }
}

fn transition(channels: usize, device: &Device) -> Transition {
    let conv = Conv2dConfig::new([channels, channels / 2], [1, 1]).with_bias(false);
    let pool = AvgPool2dConfig::new([2, 2]).with_strides([2, 2]);
    Transition {
        norm: BatchNormConfig::new(channels).init(device),
        conv: conv.init(device),
        pool: pool.init(),
    }
}

fn initial_values(leaf: &Leaf<'_>) -> Option<Initializer> {
    if leaf.is("Linear", "bias") {
        return Some(Initializer::Zeros);
    }
    leaf.is("Conv2d", "weight").then_some(KAIMING_NORMAL)
}

impl DenseFeatures {
    fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        let hidden = relu(self.norm0.forward(convolve(&self.conv0, images))); // half the size
        let mut features = self.pool0.forward(hidden); // a quarter
        for (block_idx, block) in self.blocks.iter().enumerate() {
            features = block.forward(features);
            if let Some(transition) = self.transitions.get(block_idx) {
                features = transition.forward(features); // half the size again
            }
        }
        relu(self.norm5.forward(features))
    }
}

impl DenseBlock {
    /// # Shapes
    ///
    /// - input: `[batch, channels, height, width]`
    /// - output: `[batch, channels + depth * growth, height, width]`
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        self.layers.iter().fold(input, |features, layer| {
            let added = layer.forward(features.clone());
            Tensor::cat(vec![features, added], 1)
        })
    }
}

impl Transition {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let halved = convolve(&self.conv, relu(self.norm.forward(input)));
        self.pool.forward(halved)
    }
}

impl Encoder for DenseNet {
    fn n_channels(&self) -> usize {
        self.classifier.weight.dims()[0]
    }

    fn feature_map(&self, images: Tensor<4>) -> Tensor<4> {
        self.features.forward(images)
    }

    fn classify(&self, images: Tensor<4>) -> Tensor<2> {
        self.classifier
            .forward(global_average(self.feature_map(images)))
    }

    /// The stem, then every block with the transition after it or, at the end, the normalisation.
    fn n_stages(&self) -> usize {
        1 + self.features.blocks.len()
    }

    fn freeze_stages(mut self, n_stages: usize) -> Self {
        let all = self.n_stages();
        expect_stages(n_stages, all);
        let mut features = self.features;
        if n_stages > 0 {
            features.conv0 = features.conv0.freeze();
            features.norm0 = features.norm0.freeze();
        }
        let n_blocks = n_stages.saturating_sub(1);
        features.blocks = freeze_first(features.blocks, n_blocks);
        features.transitions = freeze_first(features.transitions, n_blocks);
        if n_stages == all {
            features.norm5 = features.norm5.freeze();
        }
        self.features = features;
        self
    }
}
