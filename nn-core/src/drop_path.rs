//! [`DropPath`]: stochastic depth.
//!
//! Huang et al. 2016, <https://arxiv.org/abs/1603.09382>. Differences from the paper: what is kept
//! is scaled up while training rather than down afterwards, and each image of a batch is dropped
//! alone.

use burn::config::Config;
use burn::module::{Flag, Module, Param};
use burn::tensor::{Distribution, Tensor};

use crate::config::{ConfigError, dropout, expect_valid};

/// Configuration of [`DropPath`].
#[derive(Config, Debug)]
pub struct DropPathConfig {
    /// The probability that an element of a batch is cleared, in [0, 1).
    pub prob: f64,
}

/// Clears whole elements of a batch, so that only their shortcut around a block is left.
///
/// torchvision's `StochasticDepth(mode="row")`. It acts when Burn's `Dropout` does: on an
/// autodiff device, unless frozen. What it keeps it divides by `1 - prob`.
#[derive(Module, Debug)]
pub struct DropPath {
    /// The probability that an element of a batch is cleared.
    pub prob: f64,
    /// Whether the layer may train; `freeze` disables it.
    pub training: Param<Flag>,
}

impl DropPathConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When `prob` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        dropout("prob", self.prob)
    }

    /// Builds the layer.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self) -> DropPath {
        expect_valid("DropPath", self.check());
        DropPath {
            prob: self.prob,
            training: Param::from_bool(true),
        }
    }
}

impl DropPath {
    /// Clears elements, or returns the input.
    ///
    /// # Shapes
    ///
    /// - input, output: `[batch, ..]`
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        let device = input.device();
        if self.prob == 0.0 || !self.training.is_enabled() || !device.is_autodiff() {
            return input;
        }
        let kept = 1.0 - self.prob;
        let mut shape = [1; D];
        shape[0] = input.dims()[0];
        let scale = Tensor::<D>::random(shape, Distribution::Bernoulli(kept), &device) / kept;
        input * scale
    }
}
