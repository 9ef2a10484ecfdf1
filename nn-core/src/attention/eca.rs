//! [`Eca`]: gates that look at a channel and its neighbours.
//!
//! Wang et al. 2020, <https://arxiv.org/abs/1910.03151>, equations 9 and 12. Difference from the
//! paper: none.

use burn::config::Config;
use burn::module::Module;
use burn::nn::PaddingConfig1d;
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor};

use crate::config::{ConfigError, at_least_one, expect_valid, odd};

/// Configuration of [`Eca`].
#[derive(Config, Debug)]
pub struct EcaConfig {
    /// Input and output channels. At least 1.
    pub channels: usize,
    /// Channels that a gate is computed from. Odd. Default: by the paper's equation 12, the odd
    /// number nearest to half of `log2(channels) + 1`
    #[config(default = "None")]
    pub kernel_size: Option<usize>,
}

/// Efficient channel attention: scales each channel by a gate computed from the means of the
/// channels around it.
#[derive(Module, Debug)]
pub struct Eca {
    /// From means to gates, along the channels.
    pub conv: Conv1d,
}

impl EcaConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When there are no channels or the kernel is even.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("channels", self.channels)?;
        odd("kernel_size", self.kernel_size.unwrap_or(1))
    }

    /// Draws the weights.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> Eca {
        expect_valid("Eca", self.check());
        let kernel_size = self.kernel_size.unwrap_or_else(|| self.adaptive_kernel());
        let border = kernel_size / 2;
        let conv = Conv1dConfig::new(1, 1, kernel_size)
            .with_padding(PaddingConfig1d::Explicit(border, border))
            .with_bias(false);
        Eca {
            conv: conv.init(device),
        }
    }

    /// Equation 12 with the paper's gamma 2 and b 1. Between two odd numbers the greater one
    /// counts, so whole numbers suffice.
    fn adaptive_kernel(&self) -> usize {
        let half = self.channels.ilog2().div_ceil(2) as usize;
        half | 1
    }
}

impl Eca {
    /// Scales the channels.
    ///
    /// # Shapes
    ///
    /// - input, output: `[batch, channels, height, width]`
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let [batch, channels, _, _] = input.dims();
        let means = input.clone().mean_dim(2).mean_dim(3); // [batch, channels, 1, 1]
        let means = means.reshape([batch, 1, channels]);
        let gate = sigmoid(self.conv.forward(means)); // [batch, 1, channels]
        input * gate.reshape([batch, channels, 1, 1])
    }
}
