//! [`ResNet`]: residual networks and their descendants.
//!
//! He et al. 2016, <https://arxiv.org/abs/1512.03385>; `ResNeXt` of Xie et al. 2017,
//! <https://arxiv.org/abs/1611.05431>; wide networks of Zagoruyko and Komodakis 2016,
//! <https://arxiv.org/abs/1605.07146>; the -D form (three 3 x 3 convolutions as stem, average
//! pooling in shortcuts) of He et al. 2019, <https://arxiv.org/abs/1812.01187>.
//!
//! Differences from the paper: those of torchvision, the stride of a bottleneck is in its 3 x 3
//! convolution.

mod block;
mod stem;

pub use block::{BasicBlock, BlockAttention, Bottleneck, ResNetBlock, ResidualBlock};
pub use stem::{DeepStem, ResNetStem};

use burn::config::Config;
use burn::module::Module;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Initializer, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::{Encoder, expect_stages, global_average};
use crate::batch_norm::{BatchNorm, BatchNormConfig};
use crate::config::{ConfigError, at_least_one, expect_valid};
use crate::init::{KAIMING_NORMAL_FAN_OUT, Leaf, initialise};
use block::BlockSpec;

/// Configuration of [`ResNet`]; [`resnet50`] and its siblings are ready ones.
#[derive(Config, Debug)]
pub struct ResNetConfig {
    /// The kind of block.
    pub block: ResidualBlock,
    /// Blocks of each of the four stages. Each at least 1.
    pub depths: [usize; 4],
    /// Groups of a bottleneck's 3 x 3 convolution. At least 1. Default: 1
    #[config(default = 1)]
    pub groups: usize,
    /// Channels of each group where the stage's width is 64. At least 1. Default: 64
    #[config(default = 64)]
    pub width_per_group: usize,
    /// What weighs a block's features before the sum. Default: nothing
    #[config(default = "BlockAttention::None")]
    pub attention: BlockAttention,
    /// Whether three 3 x 3 convolutions are the stem and shortcuts pool: ResNet-D. Default: false
    #[config(default = false)]
    pub deep_stem: bool,
    /// Classes. At least 1. Default: 1000
    #[config(default = 1000)]
    pub n_classes: usize,
}

/// A residual network.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use nn_core::encoder::{Encoder, resnet18};
///
/// let device = Device::default();
/// let encoder = resnet18().init(&device);
/// let images = Tensor::<4>::zeros([1, 3, 64, 64], &device);
/// assert_eq!(encoder.feature_map(images.clone()).dims(), [1, 512, 2, 2]);
/// assert_eq!(encoder.tokens(images.clone()).dims(), [1, 4, 512]);
/// assert_eq!(encoder.classify(images).dims(), [1, 1000]);
/// ```
#[derive(Module, Debug)]
pub struct ResNet {
    /// The first convolution, or three.
    pub conv1: ResNetStem,
    /// Its normalisation.
    pub bn1: BatchNorm,
    /// Quarters the map.
    pub maxpool: MaxPool2d,
    /// Blocks of width 64.
    pub layer1: Vec<ResNetBlock>,
    /// Blocks of width 128.
    pub layer2: Vec<ResNetBlock>,
    /// Blocks of width 256.
    pub layer3: Vec<ResNetBlock>,
    /// Blocks of width 512.
    pub layer4: Vec<ResNetBlock>,
    /// From means to class scores.
    pub fc: Linear,
}

/// ResNet-18: 11.7 million parameters.
pub fn resnet18() -> ResNetConfig {
    ResNetConfig::new(ResidualBlock::Basic, [2, 2, 2, 2])
}

/// ResNet-34: 21.8 million parameters.
pub fn resnet34() -> ResNetConfig {
    ResNetConfig::new(ResidualBlock::Basic, [3, 4, 6, 3])
}

/// ResNet-50: 25.6 million parameters.
pub fn resnet50() -> ResNetConfig {
    ResNetConfig::new(ResidualBlock::Bottleneck, [3, 4, 6, 3])
}

/// ResNet-101: 44.5 million parameters.
pub fn resnet101() -> ResNetConfig {
    ResNetConfig::new(ResidualBlock::Bottleneck, [3, 4, 23, 3])
}

/// ResNet-152: 60.2 million parameters.
pub fn resnet152() -> ResNetConfig {
    ResNetConfig::new(ResidualBlock::Bottleneck, [3, 8, 36, 3])
}

/// ResNeXt-50 with 32 groups of 4 channels: 25.0 million parameters.
pub fn resnext50_32x4d() -> ResNetConfig {
    resnet50().with_groups(32).with_width_per_group(4)
}

/// ResNet-50 with bottlenecks of twice the width: 68.9 million parameters.
pub fn wide_resnet50_2() -> ResNetConfig {
    resnet50().with_width_per_group(128)
}

/// ResNet-50-D: 25.6 million parameters.
pub fn resnet50d() -> ResNetConfig {
    resnet50().with_deep_stem(true)
}

/// SE-ResNet-18: 11.8 million parameters.
pub fn seresnet18() -> ResNetConfig {
    resnet18().with_attention(BlockAttention::SqueezeExcite)
}

/// SE-ResNet-50: 28.1 million parameters.
pub fn seresnet50() -> ResNetConfig {
    resnet50().with_attention(BlockAttention::SqueezeExcite)
}

/// ResNet-18 with CBAM: 11.8 million parameters.
pub fn cbam_resnet18() -> ResNetConfig {
    resnet18().with_attention(BlockAttention::Cbam)
}

/// ResNet-50 with CBAM: 28.1 million parameters.
pub fn cbam_resnet50() -> ResNetConfig {
    resnet50().with_attention(BlockAttention::Cbam)
}

impl ResNetConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a count is 0.
    pub fn check(&self) -> Result<(), ConfigError> {
        const DEPTHS: [&str; 4] = ["depths[0]", "depths[1]", "depths[2]", "depths[3]"];
        for (field, depth) in DEPTHS.into_iter().zip(self.depths) {
            at_least_one(field, depth)?;
        }
        at_least_one("groups", self.groups)?;
        at_least_one("width_per_group", self.width_per_group)?;
        at_least_one("n_classes", self.n_classes)
    }

    /// Draws the weights: convolutions as in He et al. 2015 by their outputs, the classifier
    /// uniformly by its inputs.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> ResNet {
        expect_valid("ResNet", self.check());
        let expansion = self.block.expansion();
        let stage = |in_channels, width, depth, stride| {
            self.stage(in_channels, width, depth, stride, device)
        };
        let [depth1, depth2, depth3, depth4] = self.depths;
        let model = ResNet {
            conv1: ResNetStem::init(self.deep_stem, device),
            bn1: BatchNormConfig::new(64).init(device),
            maxpool: MaxPool2dConfig::new([3, 3])
                .with_strides([2, 2])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(),
            layer1: stage(64, 64, depth1, 1),
            layer2: stage(64 * expansion, 128, depth2, 2),
            layer3: stage(128 * expansion, 256, depth3, 2),
            layer4: stage(256 * expansion, 512, depth4, 2),
            fc: LinearConfig::new(512 * expansion, self.n_classes).init(device),
        };
        initialise(model, initial_values)
    }

    fn stage(
        &self,
        in_channels: usize,
        width: usize,
        depth: usize,
        stride: usize,
        device: &Device,
    ) -> Vec<ResNetBlock> {
        let first = BlockSpec {
            in_channels,
            width,
            stride,
            groups: self.groups,
            width_per_group: self.width_per_group,
            block: self.block.clone(),
            attention: self.attention.clone(),
            average_shortcut: self.deep_stem,
        };
        let other = BlockSpec {
            in_channels: width * self.block.expansion(),
            stride: 1,
            ..first.clone()
        };
        let specs = std::iter::once(first).chain(std::iter::repeat_n(other, depth - 1));
        specs.map(|spec| spec.init(device)).collect()
    }
}

fn initial_values(leaf: &Leaf<'_>) -> Option<Initializer> {
    leaf.is("Conv2d", "weight")
        .then_some(KAIMING_NORMAL_FAN_OUT)
}

impl ResNet {
    fn stem(&self, images: Tensor<4>) -> Tensor<4> {
        let hidden = relu(self.bn1.forward(self.conv1.forward(images))); // half the size
        self.maxpool.forward(hidden) // a quarter
    }
}

/// Runs a stage: blocks in a row.
fn run(stage: &[ResNetBlock], input: Tensor<4>) -> Tensor<4> {
    stage
        .iter()
        .fold(input, |features, block| block.forward(features))
}

impl Encoder for ResNet {
    fn n_channels(&self) -> usize {
        self.fc.weight.dims()[0]
    }

    fn feature_map(&self, images: Tensor<4>) -> Tensor<4> {
        let stages = [&self.layer1, &self.layer2, &self.layer3, &self.layer4];
        stages
            .into_iter()
            .fold(self.stem(images), |features, stage| run(stage, features))
    }

    fn classify(&self, images: Tensor<4>) -> Tensor<2> {
        self.fc.forward(global_average(self.feature_map(images)))
    }

    fn n_stages(&self) -> usize {
        5
    }

    fn freeze_stages(mut self, n_stages: usize) -> Self {
        expect_stages(n_stages, self.n_stages());
        if n_stages > 0 {
            self.conv1 = self.conv1.freeze();
            self.bn1 = self.bn1.freeze();
        }
        let stages = [
            &mut self.layer1,
            &mut self.layer2,
            &mut self.layer3,
            &mut self.layer4,
        ];
        for stage in stages.into_iter().take(n_stages.saturating_sub(1)) {
            *stage = std::mem::take(stage).freeze();
        }
        self
    }
}
