//! What a [`Swin`](super::Swin) consists of between image and feature map.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Tensor};

use crate::attention::{WindowAttention, WindowAttentionConfig};
use crate::convolve::convolve;
use crate::drop_path::{DropPath, DropPathConfig};
use crate::mlp::{Mlp, MlpConfig};
use crate::patch_merging::{PatchMerging, PatchMergingConfig};

/// One of the layers in a row after the first one.
#[derive(Module, Debug)]
pub enum SwinPart {
    /// From images to a map whose channels lie last.
    Stem(SwinStem),
    /// Blocks of one width.
    Stage(Vec<SwinBlock>),
    /// What lies between two stages.
    Merging(PatchMerging),
}

/// Patches of 4 x 4 pixels, each embedded and normalised.
#[derive(Module, Debug)]
pub struct SwinStem {
    conv: Conv2d,
    norm: LayerNorm,
}

/// Attention in windows, then two linear layers, each normalised before and beside a shortcut.
#[derive(Module, Debug)]
pub struct SwinBlock {
    norm1: LayerNorm,
    attn: WindowAttention,
    norm2: LayerNorm,
    mlp: Mlp,
    drop_path: DropPath,
}

impl SwinPart {
    pub(super) fn stem(width: usize, device: &Device) -> Self {
        let conv = Conv2dConfig::new([3, width], [4, 4]).with_stride([4, 4]);
        Self::Stem(SwinStem {
            conv: conv.init(device),
            norm: LayerNormConfig::new(width).init(device),
        })
    }

    pub(super) fn merging(channels: usize, device: &Device) -> Self {
        Self::Merging(PatchMergingConfig::new(channels).init(device))
    }

    /// # Shapes
    ///
    /// - input: `[batch, 3, height, width]` of the stem, `[batch, height, width, in_channels]` of
    ///   the others
    /// - output: `[batch, height / stride, width / stride, out_channels]`: stride 4 of the stem, 2
    ///   between stages, 1 in a stage
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Stem(stem) => {
                let patches = convolve(&stem.conv, input).permute([0, 2, 3, 1]);
                stem.norm.forward(patches)
            }
            Self::Stage(blocks) => blocks
                .iter()
                .fold(input, |features, block| block.forward(features)),
            Self::Merging(merging) => merging.forward(input),
        }
    }
}

impl SwinBlock {
    pub(super) fn init(attention: &WindowAttentionConfig, drop_path: f64, device: &Device) -> Self {
        let width = attention.d_model;
        Self {
            norm1: LayerNormConfig::new(width).init(device),
            attn: attention.init(device),
            norm2: LayerNormConfig::new(width).init(device),
            mlp: MlpConfig::new(width, 4 * width).init(device),
            drop_path: DropPathConfig::new(drop_path).init(),
        }
    }

    /// # Shapes
    ///
    /// - input, output: `[batch, height, width, channels]`
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let attended = self.attn.forward(self.norm1.forward(input.clone()));
        let hidden = input + self.drop_path.forward(attended);
        let output = self.mlp.forward(self.norm2.forward(hidden.clone()));
        hidden + self.drop_path.forward(output)
    }
}
