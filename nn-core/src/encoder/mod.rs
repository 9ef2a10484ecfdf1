//! Image encoders: networks that classify images, and whose feature maps captions are written from.
//!
//! Names, widths and numbers are torchvision's; each file names its paper.

mod convnext;
mod densenet;
mod efficientnet;
mod inception;
mod mobilenet;
mod plain;
mod registry;
mod resnet;
mod squeezenet;
mod swin;
mod vit;

pub use convnext::{
    ConvNext, ConvNextConfig, ConvNextDownsample, ConvNextHead, ConvNextPart, ConvNextStem,
    convnext_base, convnext_large, convnext_small, convnext_tiny,
};
pub use densenet::{DenseBlock, DenseFeatures, DenseNet, DenseNetConfig, densenet121};
pub use efficientnet::{EfficientNet, EfficientNetConfig, efficientnet_b0};
pub use inception::{InceptionV3, InceptionV3Config, inception_v3};
pub use mobilenet::{
    MobileNetV2, MobileNetV2Config, MobileNetV3, MobileNetV3Config, MobileNetV3Size, mobilenet_v2,
    mobilenet_v3_large, mobilenet_v3_small,
};
pub use plain::{
    AlexNet, AlexNetConfig, ClassifierLayer, PlainLayer, Vgg, VggConfig, alexnet, vgg16, vgg16_bn,
};
pub use registry::{AnyEncoder, ENCODERS, EncoderConfig, EncoderEntry, find};
pub use resnet::{
    BasicBlock, BlockAttention, Bottleneck, DeepStem, ResNet, ResNetBlock, ResNetConfig,
    ResNetStem, ResidualBlock, cbam_resnet18, cbam_resnet50, resnet18, resnet34, resnet50,
    resnet50d, resnet101, resnet152, resnext50_32x4d, seresnet18, seresnet50, wide_resnet50_2,
};
pub use squeezenet::{
    SqueezeNet, SqueezeNetConfig, SqueezeNetVersion, squeezenet1_0, squeezenet1_1,
};
pub use swin::{Swin, SwinBlock, SwinConfig, SwinPart, SwinStem, swin_t};
pub use vit::{
    VisionTransformer, VisionTransformerConfig, VitBlock, VitEncoder, VitHead, vit_b_16, vit_s_16,
    vit_ti_16,
};

use burn::module::Module;
use burn::tensor::Tensor;

/// A network that turns images into a feature map, and a feature map into class scores.
pub trait Encoder: Module {
    /// Channels of the feature map, the last width before the classifier.
    fn n_channels(&self) -> usize;

    /// The last map of features before pooling.
    ///
    /// - images: `[batch, 3, height, width]`, normalised by `ImageNet`'s mean and deviation where
    ///   weights from there are used
    /// - returns: `[batch, n_channels, height / stride, width / stride]`
    fn feature_map(&self, images: Tensor<4>) -> Tensor<4>;

    /// Class scores before softmax: `[batch, 3, height, width]` to `[batch, n_classes]`.
    fn classify(&self, images: Tensor<4>) -> Tensor<2>;

    /// Memory tokens, one a place of the feature map, row by row:
    /// `[batch, 3, height, width]` to `[batch, regions, n_channels]`. Encoders with a class token
    /// put it first: `[batch, 1 + regions, n_channels]`.
    fn tokens(&self, images: Tensor<4>) -> Tensor<3> {
        self.feature_map(images).flatten::<3>(2, 3).swap_dims(1, 2)
    }

    /// One token an image, the class token or else the mean of all: `[batch, 3, height, width]`
    /// to `[batch, 1, n_channels]`.
    fn pooled(&self, images: Tensor<4>) -> Tensor<3> {
        self.tokens(images).mean_dim(1)
    }

    /// Stages that [`freeze_stages`](Self::freeze_stages) counts, the stem, where there is one,
    /// being the first.
    fn n_stages(&self) -> usize;

    /// Freezes the first `n_stages` stages: their parameters get no gradients, their
    /// normalisation keeps its running statistics, their dropout is off. The other stages stay
    /// as they are.
    ///
    /// # Panics
    ///
    /// When there are not so many stages.
    #[must_use]
    fn freeze_stages(self, n_stages: usize) -> Self;
}

/// The mean over all places: `[batch, channels, height, width]` to `[batch, channels]`.
pub(crate) fn global_average(features: Tensor<4>) -> Tensor<2> {
    features.flatten::<3>(2, 3).mean_dim(2).squeeze_dim::<2>(2)
}

/// Freezes the first `n_layers` of `layers`.
pub(crate) fn freeze_first<M: Module>(layers: Vec<M>, n_layers: usize) -> Vec<M> {
    let frozen = |(idx, layer): (usize, M)| {
        if idx < n_layers {
            layer.freeze()
        } else {
            layer
        }
    };
    layers.into_iter().enumerate().map(frozen).collect()
}

/// Panics when more stages are to be frozen than there are.
#[track_caller]
pub(crate) fn expect_stages(wanted: usize, found: usize) {
    assert!(
        wanted <= found,
        "the encoder has {found} stages, but {wanted} are to be frozen"
    );
}
