//! [`Mlp`]: two linear layers over the last dimension.
//!
//! Dosovitskiy et al. 2021, <https://arxiv.org/abs/2010.11929>, section 3.1. Difference from the
//! paper: none; initial values are those of its authors' code, as in torchvision.

use burn::config::Config;
use burn::module::{Initializer, Module};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use crate::activation::gelu;
use crate::config::{ConfigError, at_least_one, dropout, expect_valid};
use crate::init::{initialise, normal};

/// Configuration of [`Mlp`].
#[derive(Config, Debug)]
pub struct MlpConfig {
    /// Input and output width. At least 1.
    pub d_model: usize,
    /// Width between the two linear layers. At least 1.
    pub d_hidden: usize,
    /// Dropout after each linear layer, in [0, 1). Default: 0
    #[config(default = 0.0)]
    pub dropout: f64,
}

/// Two linear layers with a GELU in between, applied to every token or place alone.
///
/// torchvision's `MLP` with one hidden layer; its parameters have that module's names, `0` and `3`.
#[derive(Module, Debug)]
pub struct Mlp {
    /// To the hidden width.
    pub linear1: Linear,
    /// Back.
    pub linear2: Linear,
    /// After each of the two.
    pub dropout: Dropout,
}

impl MlpConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a width is 0 or `dropout` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("d_model", self.d_model)?;
        at_least_one("d_hidden", self.d_hidden)?;
        dropout("dropout", self.dropout)
    }

    /// Draws the weights: Xavier uniform, biases normal with deviation 1e-6.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> Mlp {
        expect_valid("Mlp", self.check());
        let mlp = Mlp {
            linear1: LinearConfig::new(self.d_model, self.d_hidden).init(device),
            linear2: LinearConfig::new(self.d_hidden, self.d_model).init(device),
            dropout: DropoutConfig::new(self.dropout).init(),
        };
        initialise(mlp, |leaf| match leaf.field() {
            Some("bias") => Some(normal(1e-6)),
            _ => Some(Initializer::XavierUniform { gain: 1.0 }),
        })
    }
}

impl Mlp {
    /// Applies both layers.
    ///
    /// # Shapes
    ///
    /// - input, output: `[.., d_model]`
    ///
    /// # Panics
    ///
    /// When the last dimension is not `d_model`.
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        let hidden = gelu(self.linear1.forward(input)); // [.., d_hidden]
        let output = self.linear2.forward(self.dropout.forward(hidden));
        self.dropout.forward(output)
    }
}
