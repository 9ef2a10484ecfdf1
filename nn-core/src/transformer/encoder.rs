//! [`TransformerEncoder`]: a stack of [`TransformerEncoderLayer`]s.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Tensor};

use super::encoder_layer::{
    TransformerEncoderInput, TransformerEncoderLayer, TransformerEncoderLayerConfig,
};
use crate::config::{ConfigError, at_least_one, expect_valid};

/// Configuration of [`TransformerEncoder`].
#[derive(Config, Debug)]
pub struct TransformerEncoderConfig {
    /// Every layer.
    pub layer: TransformerEncoderLayerConfig,
    /// Layers. At least 1.
    pub num_layers: usize,
    /// Whether a normalisation follows the last layer. Default: false
    #[config(default = false)]
    pub norm: bool,
}

/// A stack of layers: PyTorch's `nn.TransformerEncoder`.
#[derive(Module, Debug)]
pub struct TransformerEncoder {
    /// From the input to the output.
    pub layers: Vec<TransformerEncoderLayer>,
    /// Of the last layer's output.
    pub norm: Option<LayerNorm>,
}

impl TransformerEncoderConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When there are no layers or a layer breaks a rule.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.layer.check()?;
        at_least_one("num_layers", self.num_layers)
    }

    /// Draws the weights.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> TransformerEncoder {
        expect_valid("TransformerEncoder", self.check());
        let norm = LayerNormConfig::new(self.layer.d_model).with_epsilon(self.layer.layer_norm_eps);
        TransformerEncoder {
            layers: (0..self.num_layers)
                .map(|_| self.layer.init(device))
                .collect(),
            norm: self.norm.then(|| norm.init(device)),
        }
    }
}

impl TransformerEncoder {
    /// Runs all layers, each with the same masks.
    ///
    /// # Shapes
    ///
    /// As those of a layer.
    ///
    /// # Panics
    ///
    /// When a shape does not fit.
    pub fn forward(&self, input: TransformerEncoderInput) -> Tensor<3> {
        let output = self.layers.iter().fold(input, |input, layer| {
            let sequence = layer.forward(input.clone());
            TransformerEncoderInput { sequence, ..input }
        });
        match &self.norm {
            Some(norm) => norm.forward(output.sequence),
            None => output.sequence,
        }
    }
}
