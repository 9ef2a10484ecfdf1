//! Networks whose layers lie in one row: [`Vgg`] and [`AlexNet`].

mod alexnet;
mod layers;
mod vgg;

pub use alexnet::{AlexNet, AlexNetConfig, alexnet};
pub use layers::{ClassifierLayer, PlainLayer};
pub use vgg::{Vgg, VggConfig, vgg16, vgg16_bn};
