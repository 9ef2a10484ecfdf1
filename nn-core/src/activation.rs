//! [`Activation`]: the functions between layers.

use burn::config::Config;
use burn::tensor::Tensor;
use burn::tensor::activation::{self, relu, sigmoid, tanh};

#[cfg(feature = "flex")]
use crate::fused::{self, Gate};

/// An activation function.
#[derive(Config, Debug, PartialEq, Eq)]
pub enum Activation {
    /// The input itself.
    Identity,
    /// max(x, 0)
    Relu,
    /// min(max(x, 0), 6), Sandler et al. 2018, <https://arxiv.org/abs/1801.04381>
    Relu6,
    /// x times the normal distribution function of x, Hendrycks and Gimpel 2016,
    /// <https://arxiv.org/abs/1606.08415>, computed exactly (not by tanh)
    Gelu,
    /// x times the sigmoid of x, also called swish, Elfwing et al. 2017,
    /// <https://arxiv.org/abs/1702.03118>
    Silu,
    /// 1 / (1 + exp(-x))
    Sigmoid,
    /// The hyperbolic tangent
    Tanh,
    /// min(max(x / 6 + 1 / 2, 0), 1), Howard et al. 2019, <https://arxiv.org/abs/1905.02244>
    HardSigmoid,
    /// x times the hard sigmoid of x
    HardSwish,
}

impl Activation {
    /// Applies the function to every element.
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Identity => input,
            Self::Relu => relu(input),
            Self::Relu6 => relu6(input),
            Self::Gelu => gelu(input),
            Self::Silu => silu(input),
            Self::Sigmoid => sigmoid(input),
            Self::Tanh => tanh(input),
            Self::HardSigmoid => hard_sigmoid(input),
            Self::HardSwish => hard_swish(input),
        }
    }
}

/// PyTorch's `F.gelu`. In Burn's form the gradient follows the approximation by tanh.
pub(crate) fn gelu<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    #[cfg(feature = "flex")]
    if fused::takes(&input) {
        return fused::gated(input, Gate::Normal);
    }
    activation::gelu(input)
}

/// PyTorch's `F.silu`.
fn silu<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    #[cfg(feature = "flex")]
    if fused::takes(&input) {
        return fused::gated(input, Gate::Sigmoid);
    }
    activation::silu(input)
}

/// Without a gradient at 0 and 6, as in PyTorch; Burn's `clamp` has one there.
fn relu6<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    let above = input.clone().greater_equal_scalar(6.0);
    relu(input).mask_fill(above, 6.0)
}

/// PyTorch's `F.hardsigmoid`: without a gradient at -3 and 3, where Burn's has one.
fn hard_sigmoid<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    if !input.device().is_autodiff() {
        return activation::hard_sigmoid(input, 1.0 / 6.0, 0.5);
    }
    let line = input * (1.0 / 6.0) + 0.5;
    let above = line.clone().greater_equal_elem(1.0);
    relu(line).mask_fill(above, 1.0)
}

/// PyTorch's `F.hardswish`: its slope at -3 is 0 and at 3 is 1.
fn hard_swish<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    hard_sigmoid(input.clone()) * input
}
