//! The residual blocks of [`ResNet`](super::ResNet).

use burn::config::Config;
use burn::module::Module;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AvgPool2d, AvgPool2dConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use crate::attention::{Cbam, CbamConfig, SqueezeExcite, SqueezeExciteConfig};
use crate::batch_norm::{BatchNorm, BatchNormConfig};
use crate::convolve::convolve;

/// Which residual block a [`ResNet`](super::ResNet) consists of.
#[derive(Config, Debug, PartialEq, Eq)]
pub enum ResidualBlock {
    /// Two 3 x 3 convolutions.
    Basic,
    /// 1 x 1, 3 x 3, 1 x 1, the last one four times as wide.
    Bottleneck,
}

impl ResidualBlock {
    /// Output channels for each unit of width.
    pub(super) fn expansion(&self) -> usize {
        match self {
            Self::Basic => 1,
            Self::Bottleneck => 4,
        }
    }
}

/// What weighs the features of a block before the sum.
#[derive(Config, Debug, PartialEq, Eq)]
pub enum BlockAttention {
    /// Nothing.
    None,
    /// [`SqueezeExcite`] with reduction 16, the SE-ResNet of Hu et al. 2018.
    SqueezeExcite,
    /// [`Cbam`] with reduction 16, as in Woo et al. 2018.
    Cbam,
}

/// What a block needs to know of its network.
#[derive(Clone, Debug)]
pub(super) struct BlockSpec {
    pub(super) in_channels: usize,
    pub(super) width: usize,
    pub(super) stride: usize,
    pub(super) groups: usize,
    pub(super) width_per_group: usize,
    pub(super) block: ResidualBlock,
    pub(super) attention: BlockAttention,
    pub(super) average_shortcut: bool,
}

/// A residual block of either kind.
#[derive(Module, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a network holds blocks of one kind"
)]
pub enum ResNetBlock {
    /// Two 3 x 3 convolutions.
    Basic(BasicBlock),
    /// 1 x 1, 3 x 3, 1 x 1.
    Bottleneck(Bottleneck),
}

/// Two 3 x 3 convolutions beside a shortcut (He et al. 2016, figure 5 left).
#[derive(Module, Debug)]
pub struct BasicBlock {
    conv1: Conv2d,
    bn1: BatchNorm,
    conv2: Conv2d,
    bn2: BatchNorm,
    attention: Option<Weighing>,
    downsample: Option<Shortcut>,
}

/// 1 x 1, 3 x 3 and 1 x 1 convolutions beside a shortcut (He et al. 2016, figure 5 right). The
/// stride is in the 3 x 3 convolution, as in torchvision (the paper: in the first).
#[derive(Module, Debug)]
pub struct Bottleneck {
    conv1: Conv2d,
    bn1: BatchNorm,
    conv2: Conv2d,
    bn2: BatchNorm,
    conv3: Conv2d,
    bn3: BatchNorm,
    attention: Option<Weighing>,
    downsample: Option<Shortcut>,
}

#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a network weighs in one way")]
enum Weighing {
    SqueezeExcite(SqueezeExcite),
    Cbam(Cbam),
}

/// The shortcut of a block that changes the shape.
#[derive(Module, Debug)]
struct Shortcut {
    pool: Option<AvgPool2d>,
    conv: Conv2d,
    norm: BatchNorm,
}

impl BlockSpec {
    fn out_channels(&self) -> usize {
        self.width * self.block.expansion()
    }

    pub(super) fn init(&self, device: &Device) -> ResNetBlock {
        match self.block {
            ResidualBlock::Basic => ResNetBlock::Basic(self.basic(device)),
            ResidualBlock::Bottleneck => ResNetBlock::Bottleneck(self.bottleneck(device)),
        }
    }

    fn basic(&self, device: &Device) -> BasicBlock {
        BasicBlock {
            conv1: conv([self.in_channels, self.width], 3, self.stride, 1, device),
            bn1: BatchNormConfig::new(self.width).init(device),
            conv2: conv([self.width; 2], 3, 1, 1, device),
            bn2: BatchNormConfig::new(self.width).init(device),
            attention: self.weighing(device),
            downsample: self.shortcut(device),
        }
    }

    fn bottleneck(&self, device: &Device) -> Bottleneck {
        let inner = self.width * self.width_per_group / 64 * self.groups;
        let outer = self.out_channels();
        Bottleneck {
            conv1: conv([self.in_channels, inner], 1, 1, 1, device),
            bn1: BatchNormConfig::new(inner).init(device),
            conv2: conv([inner; 2], 3, self.stride, self.groups, device),
            bn2: BatchNormConfig::new(inner).init(device),
            conv3: conv([inner, outer], 1, 1, 1, device),
            bn3: BatchNormConfig::new(outer).init(device),
            attention: self.weighing(device),
            downsample: self.shortcut(device),
        }
    }

    fn weighing(&self, device: &Device) -> Option<Weighing> {
        let channels = self.out_channels();
        match self.attention {
            BlockAttention::None => None,
            BlockAttention::SqueezeExcite => Some(Weighing::SqueezeExcite(
                SqueezeExciteConfig::new(channels).init(device),
            )),
            BlockAttention::Cbam => Some(Weighing::Cbam(CbamConfig::new(channels).init(device))),
        }
    }

    fn shortcut(&self, device: &Device) -> Option<Shortcut> {
        let channels = [self.in_channels, self.out_channels()];
        if self.stride == 1 && channels[0] == channels[1] {
            return None;
        }
        let pooled = self.average_shortcut && self.stride > 1;
        let pool = AvgPool2dConfig::new([self.stride; 2])
            .with_strides([self.stride; 2])
            .with_ceil_mode(true)
            .with_count_include_pad(false);
        let stride = if pooled { 1 } else { self.stride };
        Some(Shortcut {
            pool: pooled.then(|| pool.init()),
            conv: conv(channels, 1, stride, 1, device),
            norm: BatchNormConfig::new(channels[1]).init(device),
        })
    }
}

/// A convolution without bias that keeps the size at stride 1.
pub(super) fn conv(
    channels: [usize; 2],
    kernel: usize,
    stride: usize,
    groups: usize,
    device: &Device,
) -> Conv2d {
    let border = kernel / 2;
    Conv2dConfig::new(channels, [kernel; 2])
        .with_stride([stride; 2])
        .with_padding(PaddingConfig2d::Explicit(border, border, border, border))
        .with_groups(groups)
        .with_bias(false)
        .init(device)
}

impl ResNetBlock {
    /// # Shapes
    ///
    /// - input: `[batch, in_channels, height, width]`
    /// - output: `[batch, out_channels, height / stride, width / stride]`
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Basic(block) => block.forward(input),
            Self::Bottleneck(block) => block.forward(input),
        }
    }
}

impl BasicBlock {
    /// # Shapes
    ///
    /// - input: `[batch, in_channels, height, width]`
    /// - output: `[batch, width, height / stride, width / stride]`
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let hidden = relu(self.bn1.forward(convolve(&self.conv1, input.clone())));
        let hidden = self.bn2.forward(convolve(&self.conv2, hidden));
        join(
            hidden,
            self.attention.as_ref(),
            input,
            self.downsample.as_ref(),
        )
    }
}

impl Bottleneck {
    /// # Shapes
    ///
    /// - input: `[batch, in_channels, height, width]`
    /// - output: `[batch, 4 * width, height / stride, width / stride]`
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let hidden = relu(self.bn1.forward(convolve(&self.conv1, input.clone())));
        let hidden = relu(self.bn2.forward(convolve(&self.conv2, hidden)));
        let hidden = self.bn3.forward(convolve(&self.conv3, hidden));
        join(
            hidden,
            self.attention.as_ref(),
            input,
            self.downsample.as_ref(),
        )
    }
}

/// The end of both blocks: weighed features plus shortcut.
fn join(
    features: Tensor<4>,
    attention: Option<&Weighing>,
    input: Tensor<4>,
    downsample: Option<&Shortcut>,
) -> Tensor<4> {
    let features = match attention {
        None => features,
        Some(Weighing::SqueezeExcite(excite)) => excite.forward(features),
        Some(Weighing::Cbam(cbam)) => cbam.forward(features),
    };
    let shortcut = match downsample {
        None => input,
        Some(shortcut) => shortcut.forward(input),
    };
    relu(features + shortcut)
}

impl Shortcut {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let pooled = match &self.pool {
            None => input,
            Some(pool) => pool.forward(input),
        };
        self.norm.forward(convolve(&self.conv, pooled))
    }
}
