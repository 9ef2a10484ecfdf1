//! [`MultiheadAttentionInput`]: sequences and masks.

use burn::tensor::Tensor;

use super::Mask;

/// What a [`MultiheadAttention`](super::MultiheadAttention) reads.
#[derive(Clone, Debug)]
pub struct MultiheadAttentionInput {
    pub(super) query: Tensor<3>,
    /// Without it the query.
    pub(super) key: Option<Tensor<3>>,
    /// Without it the key.
    pub(super) value: Option<Tensor<3>>,
    pub(super) attn_mask: Option<Mask>,
    pub(super) key_padding_mask: Option<Mask>,
}

impl MultiheadAttentionInput {
    /// A sequence that attends to itself: `[batch, length, d_model]`.
    pub fn self_attn(sequence: Tensor<3>) -> Self {
        Self {
            query: sequence,
            key: None,
            value: None,
            attn_mask: None,
            key_padding_mask: None,
        }
    }

    /// A sequence `[batch, length, d_model]` that attends to a memory `[batch, regions, d_model]`.
    pub fn cross_attn(query: Tensor<3>, memory: Tensor<3>) -> Self {
        Self {
            key: Some(memory),
            ..Self::self_attn(query)
        }
    }

    /// Query `[batch, length, d_model]`, key and value `[batch, regions, d_model]`.
    pub fn new(query: Tensor<3>, key: Tensor<3>, value: Tensor<3>) -> Self {
        Self {
            value: Some(value),
            ..Self::cross_attn(query, key)
        }
    }

    /// Hides keys from queries: `[length, regions]`.
    #[must_use]
    pub fn with_attn_mask(mut self, mask: impl Into<Mask>) -> Self {
        self.attn_mask = Some(mask.into());
        self
    }

    /// Hides keys of single sequences: `[batch, regions]`.
    #[must_use]
    pub fn with_key_padding_mask(mut self, mask: impl Into<Mask>) -> Self {
        self.key_padding_mask = Some(mask.into());
        self
    }

    /// The same with masks that may be missing.
    pub(crate) fn with_masks(mut self, attn: Option<Mask>, key_padding: Option<Mask>) -> Self {
        self.attn_mask = attn;
        self.key_padding_mask = key_padding;
        self
    }
}
