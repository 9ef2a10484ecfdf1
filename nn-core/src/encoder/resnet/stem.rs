//! The first convolutions of a [`ResNet`](super::ResNet).

use burn::module::Module;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::block::conv;
use crate::batch_norm::{BatchNorm, BatchNormConfig};
use crate::convolve::convolve;

/// What halves the image and makes 64 channels of it.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a network has one stem")]
pub enum ResNetStem {
    /// One 7 x 7 convolution.
    Plain(Conv2d),
    /// Three 3 x 3 convolutions.
    Deep(DeepStem),
}

/// Three 3 x 3 convolutions, normalised and activated in between (He et al. 2019, figure 2 b).
#[derive(Module, Debug)]
pub struct DeepStem {
    conv1: Conv2d,
    bn1: BatchNorm,
    conv2: Conv2d,
    bn2: BatchNorm,
    conv3: Conv2d,
}

impl ResNetStem {
    pub(super) fn init(deep: bool, device: &Device) -> Self {
        if deep {
            return Self::Deep(DeepStem {
                conv1: conv([3, 32], 3, 2, 1, device),
                bn1: BatchNormConfig::new(32).init(device),
                conv2: conv([32, 32], 3, 1, 1, device),
                bn2: BatchNormConfig::new(32).init(device),
                conv3: conv([32, 64], 3, 1, 1, device),
            });
        }
        let plain = Conv2dConfig::new([3, 64], [7, 7])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(3, 3, 3, 3))
            .with_bias(false);
        Self::Plain(plain.init(device))
    }

    /// # Shapes
    ///
    /// - input: `[batch, 3, height, width]`
    /// - output: `[batch, 64, height / 2, width / 2]`
    pub fn forward(&self, images: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Plain(conv) => convolve(conv, images),
            Self::Deep(deep) => {
                let hidden = relu(deep.bn1.forward(convolve(&deep.conv1, images)));
                let hidden = relu(deep.bn2.forward(convolve(&deep.conv2, hidden)));
                convolve(&deep.conv3, hidden)
            }
        }
    }
}
