//! The layers of a [`VisionTransformer`](super::VisionTransformer) after its patches.

use burn::module::{Module, Param};
use burn::nn::{Dropout, DropoutConfig, LayerNorm, LayerNormConfig};
use burn::tensor::{Device, Tensor};

use super::VisionTransformerConfig;
use crate::attention::{MultiheadAttention, MultiheadAttentionConfig, MultiheadAttentionInput};
use crate::init::normal;
use crate::mlp::{Mlp, MlpConfig};

/// Positions, layers, normalisation.
#[derive(Module, Debug)]
pub struct VitEncoder {
    /// Added to the tokens: `[1, 1 + regions, d_model]`, starts normal with deviation 0.02.
    pub pos_embedding: Param<Tensor<3>>,
    dropout: Dropout,
    /// From the patches to the output.
    pub layers: Vec<VitBlock>,
    /// Of the last layer's output.
    pub ln: LayerNorm,
}

/// A layer: attention, then two linear layers, each normalised before and beside a shortcut.
#[derive(Module, Debug)]
pub struct VitBlock {
    ln_1: LayerNorm,
    self_attention: MultiheadAttention,
    dropout: Dropout,
    ln_2: LayerNorm,
    mlp: Mlp,
}

impl VisionTransformerConfig {
    pub(super) fn encoder(&self, device: &Device) -> VitEncoder {
        let positions = normal(0.02).init([1, 1 + self.regions(), self.d_model], device);
        VitEncoder {
            pos_embedding: positions,
            dropout: DropoutConfig::new(self.dropout).init(),
            layers: (0..self.n_layers).map(|_| self.block(device)).collect(),
            ln: self.norm(device),
        }
    }

    pub(super) fn attention(&self) -> MultiheadAttentionConfig {
        MultiheadAttentionConfig::new(self.d_model, self.n_heads)
            .with_dropout(self.attention_dropout)
    }

    pub(super) fn mlp(&self) -> MlpConfig {
        MlpConfig::new(self.d_model, self.d_mlp).with_dropout(self.dropout)
    }

    fn block(&self, device: &Device) -> VitBlock {
        VitBlock {
            ln_1: self.norm(device),
            self_attention: self.attention().init(device),
            dropout: DropoutConfig::new(self.dropout).init(),
            ln_2: self.norm(device),
            mlp: self.mlp().init(device),
        }
    }

    fn norm(&self, device: &Device) -> LayerNorm {
        LayerNormConfig::new(self.d_model)
            .with_epsilon(1e-6)
            .init(device)
    }
}

impl VitEncoder {
    /// # Shapes
    ///
    /// - tokens, output: `[batch, 1 + regions, d_model]`
    pub fn forward(&self, tokens: Tensor<3>) -> Tensor<3> {
        let placed = self.dropout.forward(tokens + self.pos_embedding.val());
        let output = self
            .layers
            .iter()
            .fold(placed, |tokens, layer| layer.forward(tokens));
        self.ln.forward(output)
    }

    pub(super) fn freeze_positions(mut self) -> Self {
        self.pos_embedding = self.pos_embedding.freeze();
        self.dropout = self.dropout.freeze();
        self
    }
}

impl VitBlock {
    /// # Shapes
    ///
    /// - tokens, output: `[batch, length, d_model]`
    pub fn forward(&self, tokens: Tensor<3>) -> Tensor<3> {
        let read = MultiheadAttentionInput::self_attn(self.ln_1.forward(tokens.clone()));
        let attended = self.dropout.forward(self.self_attention.forward(read));
        let tokens = tokens + attended;
        tokens.clone() + self.mlp.forward(self.ln_2.forward(tokens))
    }
}
