//! Attention and Transformer layers of `torch.nn`, whose parts have parameters under names of their own.
use serde::{Deserialize, Serialize};

use super::{LayerTensor, Role};

/// The configuration of `nn.MultiheadAttention`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attention {
    /// Width of queries, keys, values and outputs.
    pub d_model: usize,
    /// Heads; they divide the width.
    pub n_heads: usize,
    /// Dropout of the weights.
    pub dropout: f64,
    /// Whether biases are added.
    pub bias: bool,
    /// Whether sequences are `[batch, length, width]`.
    pub batch_first: bool,
}

/// The configuration of `nn.TransformerEncoderLayer` and `nn.TransformerDecoderLayer`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransformerLayer {
    /// Width of the sequence.
    pub d_model: usize,
    /// Heads; they divide the width.
    pub n_heads: usize,
    /// Width between the two linear layers.
    pub d_feedforward: usize,
    /// Dropout of every block.
    pub dropout: f64,
    /// Whether gelu takes the place of relu.
    pub gelu: bool,
    /// Added to the variance by the normalisations.
    pub epsilon: f64,
    /// Whether sequences are `[batch, length, width]`.
    pub batch_first: bool,
    /// Whether normalisation comes before each block.
    pub norm_first: bool,
}

/// The configuration of `nn.TransformerEncoder` and `nn.TransformerDecoder`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransformerStack {
    /// Every layer.
    pub layer: TransformerLayer,
    /// Layers.
    pub n_layers: usize,
    /// Whether a normalisation follows the last layer.
    pub norm: bool,
}

impl Attention {
    pub(super) fn tensors(&self) -> Vec<LayerTensor> {
        attention("", self.d_model, self.bias)
    }
}

impl TransformerLayer {
    /// The tensors of a layer, with attention to a memory or without.
    pub(super) fn tensors(&self, is_decoder: bool) -> Vec<LayerTensor> {
        let mut all = attention("self_attn.", self.d_model, true);
        if is_decoder {
            all.extend(attention("multihead_attn.", self.d_model, true));
        }
        all.extend(linear("linear1.", self.d_model, self.d_feedforward));
        all.extend(linear("linear2.", self.d_feedforward, self.d_model));
        for norm in 1..=if is_decoder { 3 } else { 2 } {
            all.extend(layer_norm(&format!("norm{norm}."), self.d_model));
        }
        all
    }
}

impl TransformerStack {
    pub(super) fn tensors(&self, is_decoder: bool) -> Vec<LayerTensor> {
        let mut all = Vec::new();
        for layer in 0..self.n_layers {
            let prefix = format!("layers.{layer}.");
            let tensors = self.layer.tensors(is_decoder).into_iter();
            all.extend(tensors.map(|tensor| tensor.below(&prefix)));
        }
        if self.norm {
            all.extend(layer_norm("norm.", self.layer.d_model));
        }
        all
    }
}

fn attention(prefix: &str, d_model: usize, bias: bool) -> Vec<LayerTensor> {
    let of = |name: &str, shape: &[usize]| LayerTensor::new(name, name, shape, Role::Weight);
    let mut all = vec![of("in_proj_weight", &[3 * d_model, d_model])];
    if bias {
        all.push(of("in_proj_bias", &[3 * d_model]));
    }
    all.push(of("out_proj.weight", &[d_model, d_model]).transposed());
    if bias {
        all.push(of("out_proj.bias", &[d_model]));
    }
    all.into_iter().map(|tensor| tensor.below(prefix)).collect()
}

fn linear(prefix: &str, d_input: usize, d_output: usize) -> [LayerTensor; 2] {
    let of = |name: &str, shape: &[usize]| {
        LayerTensor::new(name, name, shape, Role::Weight).below(prefix)
    };
    [
        of("weight", &[d_output, d_input]).transposed(),
        of("bias", &[d_output]),
    ]
}

fn layer_norm(prefix: &str, d_model: usize) -> [LayerTensor; 2] {
    let of = |name: &str, field: &str| {
        LayerTensor::new(name, field, &[d_model], Role::Norm).below(prefix)
    };
    [of("weight", "gamma"), of("bias", "beta")]
}
