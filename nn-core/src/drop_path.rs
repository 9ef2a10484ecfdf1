//! [`DropPath`]: stochastic depth.
//!
//! Huang et al. 2016, <https://arxiv.org/abs/1603.09382>. Difference from the paper: survivors are
//! scaled up in training, where the paper scales all down afterwards; torchvision's
//! `StochasticDepth` in mode `row`.

use burn::config::Config;
use burn::module::{Flag, Module, Param};
use burn::tensor::{Distribution, Tensor};

use crate::config::{ConfigError, dropout, expect_valid};

/// Configuration of [`DropPath`].
#[derive(Config, Debug)]
pub struct DropPathConfig {
    /// The probability that training clears a sample, in [0, 1).
    pub probability: f64,
}

/// Clears whole samples in training, at random; the others are divided by the probability to
/// stay. Training is what Burn's dropout takes it for: an autodiff device, and not frozen.
#[derive(Module, Debug)]
pub struct DropPath {
    probability: f64,
    /// Whether the layer may train; `freeze` disables it.
    pub training: Param<Flag>,
}

impl DropPathConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When `probability` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        dropout("probability", self.probability)
    }

    /// Builds the layer.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self) -> DropPath {
        expect_valid("DropPath", self.check());
        DropPath {
            probability: self.probability,
            training: Param::from_bool(true),
        }
    }
}

impl DropPath {
    /// Clears samples.
    ///
    /// # Shapes
    ///
    /// - input, output: `[batch, channels, height, width]`
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let device = input.device();
        if !self.training.is_enabled() || !device.is_autodiff() || self.probability == 0.0 {
            return input;
        }
        let keep = 1.0 - self.probability;
        let shape = [input.dims()[0], 1, 1, 1];
        let kept = Tensor::random(shape, Distribution::Bernoulli(keep), &device);
        input * kept.div_scalar(keep)
    }
}
