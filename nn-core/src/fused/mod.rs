//! Operations that run as one step of the graph on the CPU backend (flex), each with its own
//! backward pass; elsewhere the callers compose them of Burn's operations.
//!
//! A recurrent layer composed of Burn's operations spends its time on tensors of a few kilobytes.
//! Here a whole sequence is one operation: the weights are packed once, every step multiplies and
//! activates its gates in cache, and the gradients of the weights are one product over all steps.

#![expect(
    clippy::inline_always,
    reason = "a kernel is compiled for the machine's vector instructions only as far as it is inlined"
)]

mod activate;
mod adam;
mod attend;
mod blocks;
mod columns;
mod cross_entropy;
mod depthwise;
mod dots;
mod gate;
mod gru;
mod look;
mod lstm;
mod matmul;
mod norm;
mod ops;
mod recurrence;
mod scoring;
mod simd;
mod weighted_rows;

pub(crate) use adam::AdamFactors;
pub(crate) use gate::Gate;
pub(crate) use look::Scoring;
pub(crate) use ops::{
    AttendingInput, ConvLayout, Look, adam_step, additive_scores, attending_gru, attending_lstm,
    batch_norm, convolution, cross_entropy_rows, few_rows, gated, gru_sequence, lstm_sequence,
};

use burn::backend::{DType, DispatchDevice};
use burn::tensor::Tensor;

/// Whether the fused operations take the tensor: 32-bit floats on flex, at least one.
pub(crate) fn takes<const D: usize>(tensor: &Tensor<D>) -> bool {
    let device = tensor.device().without_autodiff();
    tensor.dtype() == DType::F32
        && tensor.shape().num_elements() > 0
        && matches!(device.as_dispatch(), DispatchDevice::Flex(_))
}

/// Whether [`few_rows`] is the faster product for these, `[n_rows, d_input]`. It is not asked where
/// a backward pass may follow.
pub(crate) fn takes_few_rows(rows: &Tensor<2>) -> bool {
    let [n_rows, _] = rows.dims();
    n_rows <= dots::MAX_ROWS && !rows.device().is_autodiff() && takes(rows)
}
