//! [`PatchEmbed`]: an image as a sequence of embedded patches.
//!
//! Dosovitskiy et al. 2021, <https://arxiv.org/abs/2010.11929>, equation 1 without the class token
//! and the positions. Difference from the paper: none; the linear layer is a convolution here.

use burn::config::Config;
use burn::module::{Initializer, Module};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor};

use crate::config::{ConfigError, at_least_one, expect_valid};
use crate::convolve::convolve;
use crate::init::{initialise, normal};

/// Configuration of [`PatchEmbed`].
#[derive(Config, Debug)]
pub struct PatchEmbedConfig {
    /// Width of the tokens. At least 1.
    pub d_model: usize,
    /// Height and width of a patch. At least 1. Default: 16
    #[config(default = 16)]
    pub patch_size: usize,
    /// Channels of the images. At least 1. Default: 3
    #[config(default = 3)]
    pub channels: usize,
}

/// Cuts images into square patches and maps each one linearly to a token.
#[derive(Module, Debug)]
pub struct PatchEmbed {
    /// One step a patch.
    pub proj: Conv2d,
}

impl PatchEmbedConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a number is 0.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("d_model", self.d_model)?;
        at_least_one("patch_size", self.patch_size)?;
        at_least_one("channels", self.channels)
    }

    /// Draws the weights: normal with variance 1 over the numbers in a patch, biases 0.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> PatchEmbed {
        expect_valid("PatchEmbed", self.check());
        let patch = [self.patch_size; 2];
        let proj = Conv2dConfig::new([self.channels, self.d_model], patch)
            .with_stride(patch)
            .init(device);
        let fan_in = self.channels * self.patch_size * self.patch_size;
        initialise(PatchEmbed { proj }, |leaf| match leaf.field() {
            Some("bias") => Some(Initializer::Zeros),
            _ => Some(normal((fan_in as f64).powf(-0.5))),
        })
    }
}

impl PatchEmbed {
    /// Embeds the patches. Rows and columns that fill no patch are cut off.
    ///
    /// # Shapes
    ///
    /// - images: `[batch, channels, height, width]`
    /// - output: `[batch, height / patch_size * width / patch_size, d_model]`, row by row
    ///
    /// # Panics
    ///
    /// When dimension 1 is not `channels`, or no patch fits into the images.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<3> {
        let patches = convolve(&self.proj, images); // [batch, d_model, rows, columns]
        patches.flatten::<3>(2, 3).swap_dims(1, 2)
    }
}
