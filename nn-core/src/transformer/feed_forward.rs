//! What the layers of encoders and decoders share: the block after attention (two linear layers,
//! applied to every position alone) and the sum around every block.

use burn::nn::{Dropout, LayerNorm, Linear};
use burn::tensor::Tensor;

use crate::activation::Activation;
use crate::linear;

/// The block, borrowed from a layer that owns its parts under PyTorch's names.
pub(super) struct FeedForward<'a> {
    pub(super) linear1: &'a Linear,
    pub(super) linear2: &'a Linear,
    pub(super) dropout: &'a Dropout,
    pub(super) activation: &'a Activation,
}

impl FeedForward<'_> {
    /// `[batch, length, d_model]` to the same.
    pub(super) fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        let hidden = self.activation.forward(linear::apply(self.linear1, input));
        let output = linear::apply(self.linear2, self.dropout.forward(hidden));
        self.dropout.forward(output)
    }
}

/// Adds what a block makes of the sequence to the sequence, and normalises the block's input
/// (`norm_first`) or the sum.
pub(super) fn residual(
    sequence: Tensor<3>,
    norm: &LayerNorm,
    norm_first: bool,
    block: impl FnOnce(Tensor<3>) -> Tensor<3>,
) -> Tensor<3> {
    if norm_first {
        let read = norm.forward(sequence.clone());
        sequence + block(read)
    } else {
        norm.forward(sequence.clone() + block(sequence))
    }
}
