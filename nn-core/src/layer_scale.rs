//! [`LayerScale`]: a learned factor for each channel.
//!
//! Touvron et al. 2021, <https://arxiv.org/abs/2103.17239>, equation 4. Difference from the paper:
//! it scales channels of maps rather than of tokens.

use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::tensor::{Device, Tensor, assert_shape};

use crate::config::{ConfigError, at_least_one, expect_valid, positive};

/// Configuration of [`LayerScale`].
#[derive(Config, Debug)]
pub struct LayerScaleConfig {
    /// Channels: the size of dimension 1. At least 1.
    pub channels: usize,
    /// What every factor starts at. Finite and above 0. Default: 1e-6
    #[config(default = 1e-6)]
    pub initial: f64,
}

/// Multiplies each channel by a learned factor, so small at first that a block starts as its
/// shortcut.
#[derive(Module, Debug)]
pub struct LayerScale {
    /// The factors: `[channels, 1, 1]`.
    pub weight: Param<Tensor<3>>,
}

impl LayerScaleConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When there are no channels or `initial` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("channels", self.channels)?;
        positive("initial", self.initial)
    }

    /// Builds the layer.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> LayerScale {
        expect_valid("LayerScale", self.check());
        let initial = Initializer::Constant {
            value: self.initial,
        };
        LayerScale {
            weight: initial.init([self.channels, 1, 1], device),
        }
    }
}

impl LayerScale {
    /// Scales the channels.
    ///
    /// # Shapes
    ///
    /// - input, output: `[batch, channels, height, width]`
    ///
    /// # Panics
    ///
    /// When dimension 1 is not `channels`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let weight = self.weight.val();
        let [channels, _, _] = weight.dims();
        assert_shape!(input, [_, channels, _, _]);
        input * weight.unsqueeze::<4>() // [1, channels, 1, 1]
    }
}
