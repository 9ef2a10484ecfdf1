//! The blocks of Inception-v3: branches side by side whose outputs are concatenated.
//!
//! Szegedy et al. 2016, <https://arxiv.org/abs/1512.00567>. Differences from the paper: those of
//! the authors' code and torchvision, named in each file.

mod a;
mod b;
mod c;
mod d;
mod e;

pub use a::{InceptionA, InceptionAConfig};
pub use b::{InceptionB, InceptionBConfig};
pub use c::{InceptionC, InceptionCConfig};
pub use d::{InceptionD, InceptionDConfig};
pub use e::{InceptionE, InceptionEConfig};

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::activation::relu;
use burn::tensor::module::{avg_pool2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor};

use crate::batch_norm::BatchNorm;
use crate::conv::{ConvNormAct, ConvNormActConfig};
use crate::convolve::convolve;

/// A convolution without bias, batch normalisation with epsilon 0.001, `ReLU`: a
/// [`ConvNormAct`] under the names of torchvision's `BasicConv2d`.
#[derive(Module, Debug)]
pub struct InceptionConv {
    /// The convolution.
    pub conv: Conv2d,
    /// Its normalisation.
    pub bn: BatchNorm,
}

impl InceptionConv {
    /// Convolves, normalises, activates.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, in_channels, height, width]`
    /// - output: `[batch, out_channels, height, width]`, smaller without zeros around the input or
    ///   with a stride
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        relu(self.bn.forward(convolve(&self.conv, input)))
    }
}

/// A convolution that keeps the size.
pub(crate) fn keeping(
    channels: [usize; 2],
    kernel_size: [usize; 2],
    device: &Device,
) -> InceptionConv {
    built(&ConvNormActConfig::new(channels, kernel_size), device)
}

/// A square convolution without zeros around its input.
pub(crate) fn shrinking(
    channels: [usize; 2],
    side: usize,
    stride: usize,
    device: &Device,
) -> InceptionConv {
    let config = ConvNormActConfig::square(channels, side)
        .with_padding(Some([0, 0]))
        .with_stride(stride);
    built(&config, device)
}

fn built(config: &ConvNormActConfig, device: &Device) -> InceptionConv {
    let ConvNormAct { conv, norm, .. } = config.clone().with_epsilon(1e-3).init(device);
    InceptionConv { conv, bn: norm }
}

/// The means of 3 x 3 places, zeros outside the map included: the same size.
fn average(input: Tensor<4>) -> Tensor<4> {
    let options = AvgPoolOptions::new([3, 3])
        .with_stride([1, 1])
        .with_padding([1, 1]);
    avg_pool2d(input, options)
}

/// The maxima of 3 x 3 places, two apart: half the size.
pub(crate) fn max_pool(input: Tensor<4>) -> Tensor<4> {
    max_pool2d(input, MaxPoolOptions::new([3, 3]).with_stride([2, 2]))
}
