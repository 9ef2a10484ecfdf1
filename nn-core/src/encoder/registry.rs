//! The encoders by name.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::Encoder;
use super::{AlexNet, AlexNetConfig, Vgg, VggConfig, plain};
use super::{ConvNext, ConvNextConfig, convnext};
use super::{DenseNet, DenseNetConfig, densenet};
use super::{EfficientNet, EfficientNetConfig, efficientnet};
use super::{InceptionV3, InceptionV3Config, inception};
use super::{MobileNetV2, MobileNetV2Config, MobileNetV3, MobileNetV3Config, mobilenet};
use super::{ResNet, ResNetConfig, resnet};
use super::{SqueezeNet, SqueezeNetConfig, squeezenet};
use super::{Swin, SwinConfig, swin};
use super::{VisionTransformer, VisionTransformerConfig, vit};
use crate::config::ConfigError;

/// An encoder that has a name.
#[derive(Clone, Copy, Debug)]
pub struct EncoderEntry {
    /// Torchvision's name, or what papers call it.
    pub name: &'static str,
    /// Its configuration, for 1000 classes.
    pub config: fn() -> EncoderConfig,
    /// Parameters, without running statistics, for 1000 classes.
    pub n_parameters: usize,
    /// Multiplications with an addition that convolutions, linear layers and attention take for
    /// one image of `input_size`, in units of a million.
    pub mega_macs: usize,
    /// Height and width of the images that `ImageNet`'s weights were trained for, in pixels.
    pub input_size: usize,
}

/// The entry of that name.
///
/// ```
/// let entry = nn_core::encoder::find("resnet50").unwrap();
/// assert_eq!(entry.n_parameters, 25_557_032);
/// ```
pub fn find(name: &str) -> Option<&'static EncoderEntry> {
    ENCODERS.iter().find(|entry| entry.name == name)
}

/// All encoders, family by family.
pub const ENCODERS: &[EncoderEntry] = &[
    entry(
        "resnet18",
        || resnet::resnet18().into(),
        11_689_512,
        1_814,
        224,
    ),
    entry(
        "resnet34",
        || resnet::resnet34().into(),
        21_797_672,
        3_664,
        224,
    ),
    entry(
        "resnet50",
        || resnet::resnet50().into(),
        25_557_032,
        4_089,
        224,
    ),
    entry(
        "resnet101",
        || resnet::resnet101().into(),
        44_549_160,
        7_801,
        224,
    ),
    entry(
        "resnet152",
        || resnet::resnet152().into(),
        60_192_808,
        11_514,
        224,
    ),
    entry(
        "resnext50_32x4d",
        || resnet::resnext50_32x4d().into(),
        25_028_904,
        4_230,
        224,
    ),
    entry(
        "wide_resnet50_2",
        || resnet::wide_resnet50_2().into(),
        68_883_240,
        11_398,
        224,
    ),
    entry(
        "resnet50d",
        || resnet::resnet50d().into(),
        25_576_264,
        4_329,
        224,
    ),
    entry(
        "seresnet18",
        || resnet::seresnet18().into(),
        11_778_592,
        1_814,
        224,
    ),
    entry(
        "seresnet50",
        || resnet::seresnet50().into(),
        28_088_024,
        4_092,
        224,
    ),
    entry(
        "cbam_resnet18",
        || resnet::cbam_resnet18().into(),
        11_777_336,
        1_815,
        224,
    ),
    entry(
        "cbam_resnet50",
        || resnet::cbam_resnet50().into(),
        28_073_544,
        4_096,
        224,
    ),
    entry(
        "convnext_tiny",
        || convnext::convnext_tiny().into(),
        28_589_128,
        4_456,
        224,
    ),
    entry(
        "convnext_small",
        || convnext::convnext_small().into(),
        50_223_688,
        8_684,
        224,
    ),
    entry(
        "convnext_base",
        || convnext::convnext_base().into(),
        88_591_464,
        15_355,
        224,
    ),
    entry(
        "convnext_large",
        || convnext::convnext_large().into(),
        197_767_336,
        34_361,
        224,
    ),
    entry(
        "vit_b_16",
        || vit::vit_b_16().into(),
        86_567_656,
        17_564,
        224,
    ),
    entry(
        "vit_s_16",
        || vit::vit_s_16().into(),
        22_050_664,
        4_599,
        224,
    ),
    entry(
        "vit_ti_16",
        || vit::vit_ti_16().into(),
        5_717_416,
        1_254,
        224,
    ),
    entry("swin_t", || swin::swin_t().into(), 28_288_354, 4_491, 224),
    entry(
        "densenet121",
        || densenet::densenet121().into(),
        7_978_856,
        2_834,
        224,
    ),
    entry("vgg16", || plain::vgg16().into(), 138_357_544, 15_470, 224),
    entry(
        "vgg16_bn",
        || plain::vgg16_bn().into(),
        138_365_992,
        15_470,
        224,
    ),
    entry("alexnet", || plain::alexnet().into(), 61_100_840, 714, 224),
    entry(
        "mobilenet_v2",
        || mobilenet::mobilenet_v2().into(),
        3_504_872,
        301,
        224,
    ),
    entry(
        "mobilenet_v3_large",
        || mobilenet::mobilenet_v3_large().into(),
        5_483_032,
        217,
        224,
    ),
    entry(
        "mobilenet_v3_small",
        || mobilenet::mobilenet_v3_small().into(),
        2_542_856,
        57,
        224,
    ),
    entry(
        "efficientnet_b0",
        || efficientnet::efficientnet_b0().into(),
        5_288_548,
        386,
        224,
    ),
    entry(
        "squeezenet1_0",
        || squeezenet::squeezenet1_0().into(),
        1_248_424,
        819,
        224,
    ),
    entry(
        "squeezenet1_1",
        || squeezenet::squeezenet1_1().into(),
        1_235_496,
        349,
        224,
    ),
    entry(
        "inception_v3",
        || inception::inception_v3().into(),
        23_834_568,
        5_713,
        299,
    ),
];

const fn entry(
    name: &'static str,
    config: fn() -> EncoderConfig,
    n_parameters: usize,
    mega_macs: usize,
    input_size: usize,
) -> EncoderEntry {
    EncoderEntry {
        name,
        config,
        n_parameters,
        mega_macs,
        input_size,
    }
}

/// Writes [`EncoderConfig`] and [`AnyEncoder`] over all families.
macro_rules! families {
    ($($model:ident($config:ident)),* $(,)?) => {
        /// The configuration of an encoder of any family.
        #[derive(Config, Debug)]
        pub enum EncoderConfig {
            $(
                #[doc = concat!("Of [`", stringify!($model), "`].")]
                $model($config),
            )*
        }

        impl EncoderConfig {
            /// The first rule this configuration breaks.
            ///
            /// # Errors
            ///
            /// When the family's own `check` fails.
            pub fn check(&self) -> Result<(), ConfigError> {
                match self {
                    $(Self::$model(config) => config.check(),)*
                }
            }

            /// The same with another number of classes.
            #[must_use]
            pub fn with_n_classes(self, n_classes: usize) -> Self {
                match self {
                    $(Self::$model(config) => config.with_n_classes(n_classes).into(),)*
                }
            }

            /// Draws the weights.
            ///
            /// # Panics
            ///
            /// When [`check`](Self::check) fails.
            pub fn init(&self, device: &Device) -> AnyEncoder {
                match self {
                    $(Self::$model(config) => AnyEncoder::$model(config.init(device)),)*
                }
            }
        }

        $(impl From<$config> for EncoderConfig {
            fn from(config: $config) -> Self {
                Self::$model(config)
            }
        })*

        /// An encoder of any family, for code that knows its name only at run time.
        #[derive(Module, Debug)]
        #[expect(clippy::large_enum_variant, reason = "a program holds few encoders")]
        pub enum AnyEncoder {
            $(
                #[doc = concat!("A [`", stringify!($model), "`].")]
                $model($model),
            )*
        }

        impl Encoder for AnyEncoder {
            fn n_channels(&self) -> usize {
                match self {
                    $(Self::$model(encoder) => encoder.n_channels(),)*
                }
            }

            fn feature_map(&self, images: Tensor<4>) -> Tensor<4> {
                match self {
                    $(Self::$model(encoder) => encoder.feature_map(images),)*
                }
            }

            fn classify(&self, images: Tensor<4>) -> Tensor<2> {
                match self {
                    $(Self::$model(encoder) => encoder.classify(images),)*
                }
            }

            fn tokens(&self, images: Tensor<4>) -> Tensor<3> {
                match self {
                    $(Self::$model(encoder) => encoder.tokens(images),)*
                }
            }

            fn pooled(&self, images: Tensor<4>) -> Tensor<3> {
                match self {
                    $(Self::$model(encoder) => encoder.pooled(images),)*
                }
            }

            fn n_stages(&self) -> usize {
                match self {
                    $(Self::$model(encoder) => encoder.n_stages(),)*
                }
            }

            fn freeze_stages(self, n_stages: usize) -> Self {
                match self {
                    $(Self::$model(encoder) => Self::$model(encoder.freeze_stages(n_stages)),)*
                }
            }
        }
    };
}

families! {
    ResNet(ResNetConfig),
    ConvNext(ConvNextConfig),
    VisionTransformer(VisionTransformerConfig),
    Swin(SwinConfig),
    DenseNet(DenseNetConfig),
    Vgg(VggConfig),
    AlexNet(AlexNetConfig),
    MobileNetV2(MobileNetV2Config),
    MobileNetV3(MobileNetV3Config),
    EfficientNet(EfficientNetConfig),
    SqueezeNet(SqueezeNetConfig),
    InceptionV3(InceptionV3Config),
}
