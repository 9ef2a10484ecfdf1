//! What an operation takes.
use crate::ir::Op;

/// Elements of a shape.
pub(super) fn n_elements(shape: &[u64]) -> u64 {
    shape
        .iter()
        .fold(1_u64, |product, size| product.saturating_mul(*size))
}

/// Additions and multiplications.
pub(super) fn flops(op: &Op, inputs: &[Vec<u64>], output: &[u64]) -> u64 {
    let n_input = inputs.first().map_or(0, |input| n_elements(input));
    let n_output = n_elements(output);
    match op {
        Op::MatMul => {
            let inner = inputs.first().and_then(|left| left.last()).copied();
            n_output.saturating_mul(2 * inner.unwrap_or(1))
        }
        // Each output element, and each input element of a transposed one, meets the kernel of its group.
        Op::Conv2d { .. } => {
            let kernel = inputs.get(1).and_then(|weight| weight.get(1..));
            n_output.saturating_mul(2 * kernel.map_or(1, n_elements))
        }
        Op::ConvTranspose2d { .. } => {
            let kernel = inputs.get(1).and_then(|weight| weight.get(1..));
            n_input.saturating_mul(2 * kernel.map_or(1, n_elements))
        }
        Op::Softmax(_) | Op::LogSoftmax(_) => n_output.saturating_mul(5),
        Op::CrossEntropy { .. } => n_input.saturating_mul(5),
        Op::Reduce { .. } | Op::Argmax { .. } | Op::All | Op::Any => n_input,
        Op::Unary(_)
        | Op::Binary(_)
        | Op::BinaryScalar(..)
        | Op::ScalarBinary(..)
        | Op::MaskedFill(_)
        | Op::Where
        | Op::Dropout(_) => n_output,
        _ => 0,
    }
}

/// Elements that training keeps.
pub(super) fn kept(op: &Op, output: &[u64]) -> u64 {
    match op {
        Op::Reshape
        | Op::Permute(_)
        | Op::Unsqueeze(_)
        | Op::Squeeze(_)
        | Op::Expand
        | Op::Slice(_)
        | Op::Select { .. }
        | Op::Detach => 0,
        _ => n_elements(output),
    }
}
