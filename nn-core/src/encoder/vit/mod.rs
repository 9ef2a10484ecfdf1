//! [`VisionTransformer`]: a transformer over patches of the image.
//!
//! Dosovitskiy et al. 2021, <https://arxiv.org/abs/2010.11929>; the small sizes of Touvron et al.
//! 2021, <https://arxiv.org/abs/2012.12877>. Differences from the papers: those of torchvision,
//! no hidden layer in the classifier, no second (distillation) token.

mod layers;

pub use layers::{VitBlock, VitEncoder};

use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::{Encoder, expect_stages, freeze_first};
use crate::config::{ConfigError, at_least_one, divides, dropout, expect_valid};
use crate::init::initialise;
use crate::patch_embed::{PatchEmbed, PatchEmbedConfig};

/// Configuration of [`VisionTransformer`]; [`vit_b_16`] and its siblings are ready ones.
#[derive(Config, Debug)]
pub struct VisionTransformerConfig {
    /// Width of the tokens: a multiple of `n_heads`.
    pub d_model: usize,
    /// Layers. At least 1.
    pub n_layers: usize,
    /// Attention heads of a layer. At least 1.
    pub n_heads: usize,
    /// Width between the two linear layers of a layer. At least 1.
    pub d_mlp: usize,
    /// Height and width of a patch. At least 1. Default: 16
    #[config(default = 16)]
    pub patch_size: usize,
    /// Height and width of the images, which fix the number of positions: a multiple of
    /// `patch_size`, at least 1. Default: 224
    #[config(default = 224)]
    pub image_size: usize,
    /// Dropout of the tokens and of each block, in [0, 1). Default: 0
    #[config(default = 0.0)]
    pub dropout: f64,
    /// Dropout of attention weights, in [0, 1). Default: 0
    #[config(default = 0.0)]
    pub attention_dropout: f64,
    /// Classes. At least 1. Default: 1000
    #[config(default = 1000)]
    pub n_classes: usize,
}

/// A transformer over patches and a class token.
///
/// Images have one size, [`image_size`](VisionTransformerConfig::image_size): the methods of
/// [`Encoder`] panic at any other. Memory tokens are the class token and one token a patch,
/// `[batch, 1 + regions, d_model]`; the pooled token is the class token; the feature map consists
/// of the patches' tokens.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use nn_core::encoder::{Encoder, vit_ti_16};
///
/// let device = Device::default();
/// let encoder = vit_ti_16().with_image_size(64).init(&device);
/// let images = Tensor::<4>::zeros([1, 3, 64, 64], &device);
/// assert_eq!(encoder.feature_map(images.clone()).dims(), [1, 192, 4, 4]);
/// assert_eq!(encoder.tokens(images.clone()).dims(), [1, 17, 192]);
/// assert_eq!(encoder.classify(images).dims(), [1, 1000]);
/// ```
#[derive(Module, Debug)]
pub struct VisionTransformer {
    /// The first token of every image: `[1, 1, d_model]`, starts at 0.
    pub class_token: Param<Tensor<3>>,
    /// From patches to tokens.
    pub conv_proj: PatchEmbed,
    /// Positions and layers.
    pub encoder: VitEncoder,
    /// From the class token to class scores.
    pub heads: VitHead,
    image_size: usize,
}

/// From the class token to class scores.
#[derive(Module, Debug)]
pub struct VitHead {
    /// Starts at 0.
    pub head: Linear,
}

/// `ViT`-B/16: 86.6 million parameters.
pub fn vit_b_16() -> VisionTransformerConfig {
    VisionTransformerConfig::new(768, 12, 12, 3072)
}

/// `ViT`-S/16, the size of DeiT-S: 22.1 million parameters.
pub fn vit_s_16() -> VisionTransformerConfig {
    VisionTransformerConfig::new(384, 12, 6, 1536)
}

/// `ViT`-Ti/16, the size of DeiT-Ti: 5.7 million parameters.
pub fn vit_ti_16() -> VisionTransformerConfig {
    VisionTransformerConfig::new(192, 12, 3, 768)
}

impl VisionTransformerConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a count is 0, the heads do not divide the width, the patches do not divide the image,
    /// or a number is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        dropout("attention_dropout", self.attention_dropout)?;
        self.attention().check()?;
        at_least_one("n_layers", self.n_layers)?;
        at_least_one("d_mlp", self.d_mlp)?;
        at_least_one("patch_size", self.patch_size)?;
        at_least_one("image_size", self.image_size)?;
        divides("patch_size", self.patch_size, "image_size", self.image_size)?;
        dropout("dropout", self.dropout)?;
        at_least_one("n_classes", self.n_classes)
    }

    /// Draws the weights; the classifier starts at 0.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> VisionTransformer {
        expect_valid("VisionTransformer", self.check());
        let head = LinearConfig::new(self.d_model, self.n_classes).init(device);
        VisionTransformer {
            class_token: Initializer::Zeros.init([1, 1, self.d_model], device),
            conv_proj: PatchEmbedConfig::new(self.d_model)
                .with_patch_size(self.patch_size)
                .init(device),
            encoder: self.encoder(device),
            heads: initialise(VitHead { head }, |_| Some(Initializer::Zeros)),
            image_size: self.image_size,
        }
    }

    /// Patches of an image.
    fn regions(&self) -> usize {
        (self.image_size / self.patch_size).pow(2)
    }
}

impl VisionTransformer {
    /// The class token of normalised features, `[batch, 1, d_model]` of
    /// `[batch, 1 + regions, d_model]`.
    fn class_of(tokens: Tensor<3>) -> Tensor<3> {
        tokens.narrow(1, 0, 1)
    }
}

impl Encoder for VisionTransformer {
    fn n_channels(&self) -> usize {
        self.encoder.ln.gamma.dims()[0]
    }

    /// # Panics
    ///
    /// When the images are not `[batch, 3, image_size, image_size]`.
    fn feature_map(&self, images: Tensor<4>) -> Tensor<4> {
        let tokens = self.tokens(images);
        let [batch, length, d_model] = tokens.dims();
        let side = (length - 1).isqrt();
        tokens
            .narrow(1, 1, length - 1) // [batch, regions, d_model]
            .swap_dims(1, 2)
            .reshape([batch, d_model, side, side])
    }

    fn classify(&self, images: Tensor<4>) -> Tensor<2> {
        let class = Self::class_of(self.tokens(images)).squeeze_dim(1); // [batch, d_model]
        self.heads.head.forward(class)
    }

    fn tokens(&self, images: Tensor<4>) -> Tensor<3> {
        let [batch, _, height, width] = images.dims();
        assert!(
            [height, width] == [self.image_size; 2],
            "the encoder has positions for images of {0} x {0} pixels, but got {height} x {width}",
            self.image_size
        );
        let patches = self.conv_proj.forward(images); // [batch, regions, d_model]
        let class = self.class_token.val().repeat_dim(0, batch); // [batch, 1, d_model]
        let tokens = Tensor::cat(vec![class, patches], 1); // [batch, 1 + regions, d_model]
        self.encoder.forward(tokens)
    }

    fn pooled(&self, images: Tensor<4>) -> Tensor<3> {
        Self::class_of(self.tokens(images))
    }

    /// The patches and positions, then every layer; the last one with its normalisation.
    fn n_stages(&self) -> usize {
        1 + self.encoder.layers.len()
    }

    fn freeze_stages(mut self, n_stages: usize) -> Self {
        let all = self.n_stages();
        expect_stages(n_stages, all);
        if n_stages > 0 {
            self.class_token = self.class_token.freeze();
            self.conv_proj = self.conv_proj.freeze();
            self.encoder = self.encoder.freeze_positions();
        }
        let n_layers = n_stages.saturating_sub(1);
        self.encoder.layers = freeze_first(self.encoder.layers, n_layers);
        if n_stages == all {
            self.encoder.ln = self.encoder.ln.freeze();
        }
        self
    }
}
