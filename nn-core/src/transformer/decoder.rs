//! [`TransformerDecoder`]: a stack of [`TransformerDecoderLayer`]s.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Tensor};

use super::decoder_layer::{
    TransformerDecoderInput, TransformerDecoderLayer, TransformerDecoderLayerConfig,
};
use super::decoder_state::TransformerDecoderState;
use crate::attention::Mask;
use crate::config::{ConfigError, at_least_one, expect_valid};

/// Configuration of [`TransformerDecoder`].
#[derive(Config, Debug)]
pub struct TransformerDecoderConfig {
    /// Every layer.
    pub layer: TransformerDecoderLayerConfig,
    /// Layers. At least 1.
    pub num_layers: usize,
    /// Whether a normalisation follows the last layer. Default: false
    #[config(default = false)]
    pub norm: bool,
}

/// A stack of layers: PyTorch's `nn.TransformerDecoder`.
#[derive(Module, Debug)]
pub struct TransformerDecoder {
    /// From the input to the output.
    pub layers: Vec<TransformerDecoderLayer>,
    /// Of the last layer's output.
    pub norm: Option<LayerNorm>,
}

impl TransformerDecoderConfig {
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
    pub fn init(&self, device: &Device) -> TransformerDecoder {
        expect_valid("TransformerDecoder", self.check());
        let norm = LayerNormConfig::new(self.layer.d_model).with_epsilon(self.layer.layer_norm_eps);
        TransformerDecoder {
            layers: (0..self.num_layers)
                .map(|_| self.layer.init(device))
                .collect(),
            norm: self.norm.then(|| norm.init(device)),
        }
    }
}

impl TransformerDecoder {
    /// Runs all layers, each with the same masks.
    ///
    /// # Shapes
    ///
    /// As those of a layer.
    ///
    /// # Panics
    ///
    /// When a shape does not fit.
    pub fn forward(&self, input: TransformerDecoderInput) -> Tensor<3> {
        let output = self.layers.iter().fold(input, |input, layer| {
            let target = layer.forward(input.clone());
            TransformerDecoderInput { target, ..input }
        });
        self.finish(output.target)
    }

    /// The state before the first position: every layer projects the memory, once.
    ///
    /// # Shapes
    ///
    /// - memory: `[batch, regions, d_model]`; batch and regions change places without
    ///   `batch_first`
    /// - `memory_key_padding_mask`: `[batch, regions]`
    ///
    /// # Panics
    ///
    /// When the memory's width is another one.
    pub fn start(
        &self,
        memory: &Tensor<3>,
        memory_key_padding_mask: Option<Mask>,
    ) -> TransformerDecoderState {
        let layers = self.layers.iter();
        TransformerDecoderState {
            layers: layers.map(|layer| layer.start(memory)).collect(),
            memory_padding: memory_key_padding_mask,
        }
    }

    /// Runs all layers for one position that follows those of the state: the last row of
    /// [`forward`](Self::forward) under a causal mask. Earlier positions are not computed again.
    ///
    /// # Shapes
    ///
    /// - target, output: `[batch, 1, d_model]`; the first two change places without `batch_first`
    /// - `target_key_padding_mask`, of this position and those before: `[batch, length]`
    ///
    /// # Panics
    ///
    /// When a shape does not fit, or the state is another decoder's.
    pub fn step(
        &self,
        target: Tensor<3>,
        target_key_padding_mask: Option<&Mask>,
        state: TransformerDecoderState,
    ) -> (Tensor<3>, TransformerDecoderState) {
        let time = usize::from(
            self.layers
                .first()
                .is_some_and(TransformerDecoderLayer::batch_first),
        );
        assert_eq!(target.dims()[time], 1, "a step takes one position");
        assert_eq!(state.layers.len(), self.layers.len(), "layers of the state");
        let mut target = target;
        let mut layers = Vec::with_capacity(self.layers.len());
        for (layer, past) in self.layers.iter().zip(state.layers) {
            let memory_padding = state.memory_padding.clone();
            let padding = target_key_padding_mask.cloned();
            let (output, past) = layer.step(target, past, padding, memory_padding);
            target = output;
            layers.push(past);
        }
        let state = TransformerDecoderState { layers, ..state };
        (self.finish(target), state)
    }

    /// Normalises the last layer's output.
    fn finish(&self, output: Tensor<3>) -> Tensor<3> {
        match &self.norm {
            Some(norm) => norm.forward(output),
            None => output,
        }
    }
}
