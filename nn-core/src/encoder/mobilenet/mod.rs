//! The `MobileNets`: networks of depthwise convolutions for small devices.

mod v2;
mod v3;

pub use v2::{MobileNetV2, MobileNetV2Config, mobilenet_v2};
pub use v3::{
    MobileNetV3, MobileNetV3Config, MobileNetV3Size, mobilenet_v3_large, mobilenet_v3_small,
};

use burn::nn::Initializer;

use crate::init::{KAIMING_NORMAL_FAN_OUT, Leaf, normal};

/// Convolutions as in He et al. 2015 by their outputs, linear layers narrowly around 0, biases 0.
fn initial_values(leaf: &Leaf<'_>) -> Option<Initializer> {
    if leaf.is("Conv2d", "weight") {
        Some(KAIMING_NORMAL_FAN_OUT)
    } else if leaf.is("Linear", "weight") {
        Some(normal(0.01))
    } else if leaf.is("Conv2d", "bias") || leaf.is("Linear", "bias") {
        Some(Initializer::Zeros)
    } else {
        None
    }
}
