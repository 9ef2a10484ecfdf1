//! [`TransformerDecoderState`]: what a decoder keeps between positions.

use burn::tensor::{Int, Tensor};

use crate::attention::{KeysValues, Mask};

/// What a [`TransformerDecoder`](super::TransformerDecoder) keeps between positions: of every
/// layer the keys and values of the memory and of the positions so far.
#[derive(Clone, Debug)]
pub struct TransformerDecoderState {
    pub(super) layers: Vec<LayerState>,
    /// `[batch, regions]`
    pub(super) memory_padding: Option<Mask>,
}

/// The part of one layer.
#[derive(Clone, Debug)]
pub(super) struct LayerState {
    /// Of the positions so far.
    pub(super) past: Option<KeysValues>,
    /// Of the memory.
    pub(super) memory: KeysValues,
    /// How the last position weighed the memory: `[batch, heads, 1, regions]`.
    pub(super) weights: Option<Tensor<4>>,
}

impl TransformerDecoderState {
    /// Positions so far.
    pub fn length(&self) -> usize {
        let past = self.layers.first().and_then(|layer| layer.past.as_ref());
        past.map_or(0, KeysValues::length)
    }

    /// How the last position weighed the memory, `[batch, regions]`: the last layer's weights, averaged over its heads.
    /// None before the first position.
    pub fn attention_weights(&self) -> Option<Tensor<2>> {
        let weights = self.layers.last()?.weights.clone()?; // [batch, heads, 1, regions]
        Some(weights.mean_dim(1).squeeze_dims(&[1, 2]))
    }

    /// The `rows` of the batch, in their order.
    #[must_use]
    pub fn select(self, rows: &Tensor<1, Int>) -> Self {
        let select = |layer: LayerState| LayerState {
            past: layer.past.map(|past| past.select(rows.clone())),
            memory: layer.memory.select(rows.clone()),
            weights: (layer.weights).map(|weights| weights.select(0, rows.clone())),
        };
        Self {
            layers: self.layers.into_iter().map(select).collect(),
            memory_padding: self.memory_padding.map(|mask| mask.select(rows.clone())),
        }
    }
}
