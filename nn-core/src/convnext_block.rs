//! [`ConvNextBlock`]: a residual block in the manner of transformers.
//!
//! Liu et al. 2022, <https://arxiv.org/abs/2201.03545>, figure 4 right. Difference from the paper:
//! none; its 1 x 1 convolutions are linear layers over channels that lie last, as in the authors'
//! code.

use burn::config::Config;
use burn::module::{Initializer, Module};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor};

use crate::activation::gelu;
use crate::config::{ConfigError, at_least_one, dropout, expect_valid, positive};
use crate::convolve::convolve;
use crate::drop_path::{DropPath, DropPathConfig};
use crate::init::{Leaf, initialise, normal};
use crate::layer_scale::{LayerScale, LayerScaleConfig};

/// Configuration of [`ConvNextBlock`].
#[derive(Config, Debug)]
pub struct ConvNextBlockConfig {
    /// Input and output channels. At least 1.
    pub channels: usize,
    /// What the factors of the [`LayerScale`] start at. Finite and above 0. Default: 1e-6
    #[config(default = 1e-6)]
    pub layer_scale: f64,
    /// The probability that an image skips the block in training, in [0, 1). Default: 0
    #[config(default = 0.0)]
    pub drop_path: f64,
}

/// A 7 x 7 convolution of each channel alone, normalisation, and two linear layers with four times
/// the width in between, beside a shortcut.
#[derive(Module, Debug)]
pub struct ConvNextBlock {
    /// Each channel alone.
    pub depthwise: Conv2d,
    /// Over the channels of each place.
    pub norm: LayerNorm,
    /// To four times the channels.
    pub expand: Linear,
    /// Back to the channels.
    pub project: Linear,
    /// Of what is added to the shortcut.
    pub layer_scale: LayerScale,
    /// Of the same.
    pub drop_path: DropPath,
}

impl ConvNextBlockConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When there are no channels, or a number is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("channels", self.channels)?;
        positive("layer_scale", self.layer_scale)?;
        dropout("drop_path", self.drop_path)
    }

    /// Draws the weights: normal with deviation 0.02, biases 0.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> ConvNextBlock {
        expect_valid("ConvNextBlock", self.check());
        let (width, hidden) = (self.channels, 4 * self.channels);
        let depthwise = Conv2dConfig::new([width; 2], [7, 7])
            .with_padding(PaddingConfig2d::Explicit(3, 3, 3, 3))
            .with_groups(width);
        let block = ConvNextBlock {
            depthwise: depthwise.init(device),
            norm: LayerNormConfig::new(width).with_epsilon(1e-6).init(device),
            expand: LinearConfig::new(width, hidden).init(device),
            project: LinearConfig::new(hidden, width).init(device),
            layer_scale: LayerScaleConfig::new(width)
                .with_initial(self.layer_scale)
                .init(device),
            drop_path: DropPathConfig::new(self.drop_path).init(),
        };
        initialise(block, convnext_values)
    }
}

/// The initial values of every convolution and linear layer of the family.
pub(crate) fn convnext_values(leaf: &Leaf<'_>) -> Option<Initializer> {
    if leaf.is("Conv2d", "weight") || leaf.is("Linear", "weight") {
        return Some(normal(0.02));
    }
    let bias = leaf.is("Conv2d", "bias") || leaf.is("Linear", "bias");
    bias.then_some(Initializer::Zeros)
}

impl ConvNextBlock {
    /// Runs the block.
    ///
    /// # Shapes
    ///
    /// - input, output: `[batch, channels, height, width]`
    ///
    /// # Panics
    ///
    /// When dimension 1 is not `channels`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let mixed = convolve(&self.depthwise, input.clone());
        let places = mixed.permute([0, 2, 3, 1]); // [batch, height, width, channels]
        let hidden = gelu(self.expand.forward(self.norm.forward(places)));
        let branch = self.project.forward(hidden).permute([0, 3, 1, 2]);
        input + self.drop_path.forward(self.layer_scale.forward(branch))
    }
}
