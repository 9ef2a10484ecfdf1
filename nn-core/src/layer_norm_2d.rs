//! [`LayerNorm2d`]: layer normalisation over the channels of a map.
//!
//! Ba et al. 2016, <https://arxiv.org/abs/1607.06450>, applied to every place alone as in Liu et
//! al. 2022, <https://arxiv.org/abs/2201.03545>.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Tensor};

use crate::config::{ConfigError, at_least_one, expect_valid, positive};

/// Configuration of [`LayerNorm2d`].
#[derive(Config, Debug)]
pub struct LayerNorm2dConfig {
    /// Channels: the size of dimension 1. At least 1.
    pub channels: usize,
    /// Added to the variance. Finite and above 0. Default: 1e-6 (PyTorch's `LayerNorm`: 1e-5)
    #[config(default = 1e-6)]
    pub epsilon: f64,
}

/// Normalises the channels of each place of a map.
///
/// torchvision's `LayerNorm2d`.
#[derive(Module, Debug)]
pub struct LayerNorm2d {
    /// Over the channels when they are the last dimension.
    pub norm: LayerNorm,
}

impl LayerNorm2dConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When there are no channels or `epsilon` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("channels", self.channels)?;
        positive("epsilon", self.epsilon)
    }

    /// Builds the layer.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> LayerNorm2d {
        expect_valid("LayerNorm2d", self.check());
        LayerNorm2d {
            norm: LayerNormConfig::new(self.channels)
                .with_epsilon(self.epsilon)
                .init(device),
        }
    }
}

impl LayerNorm2d {
    /// Normalises `input`.
    ///
    /// # Shapes
    ///
    /// - input, output: `[batch, channels, height, width]`
    ///
    /// # Panics
    ///
    /// When dimension 1 is not `channels`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let places = input.permute([0, 2, 3, 1]); // [batch, height, width, channels]
        self.norm.forward(places).permute([0, 3, 1, 2])
    }
}
