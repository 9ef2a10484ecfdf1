//! Recurrent layers over a sequence.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::flex::FlexTensor;
use burn::backend::ops::FloatTensorOps;
use burn::backend::{Flex, TensorMetadata};

use super::{Float, tensor, values};
use crate::fused::{gru, lstm};

pub(super) fn lstm_forward(
    projected: &Float,
    weight: &Float,
    hidden: &Float,
    cell: &Float,
) -> (Float, lstm::Saved) {
    let [length, batch, _] = projected.shape().dims();
    let [_, size] = weight.shape().dims();
    let inputs = [projected, weight, hidden, cell].map(FlexTensor::to_contiguous);
    let [projected, weight, hidden, cell] = inputs.each_ref().map(values);
    let inputs = lstm::Inputs {
        projected,
        weight,
        hidden,
        cell,
    };
    let (rows, saved) = lstm::forward([length, batch, size], &inputs);
    (tensor(rows, [length + 1, batch, size]), saved)
}

pub(super) fn gru_forward(
    projected: &Float,
    weight: &Float,
    bias: &Float,
    hidden: &Float,
) -> (Float, gru::Saved) {
    let [length, batch, _] = projected.shape().dims();
    let [_, size] = weight.shape().dims();
    let inputs = [projected, weight, bias, hidden].map(FlexTensor::to_contiguous);
    let [projected, weight, bias, hidden] = inputs.each_ref().map(values);
    let inputs = gru::Inputs {
        projected,
        weight,
        bias,
        hidden,
    };
    let (rows, saved) = gru::forward([length, batch, size], &inputs);
    (tensor(rows, [length, batch, size]), saved)
}

#[derive(Debug)]
pub(super) struct LstmBackward;

impl Backward<Flex, 4> for LstmBackward {
    type State = (lstm::Saved, Float);

    fn backward(self, ops: Ops<Self::State, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        let rows = grads.consume::<Flex>(&ops.node).to_contiguous();
        let (saved, weight) = ops.state;
        let [after, batch, size] = rows.shape().dims();
        let found = lstm::backward(saved, values(&weight.to_contiguous()), values(&rows));
        let length = after - 1;
        let projected = tensor(found.projected, [length, batch, 4 * size]);
        let [to_projected, to_weight, to_hidden, to_cell] = ops.parents;
        if let Some(node) = to_weight {
            let before = tensor(found.hidden_before, [length * batch, size]);
            grads.register::<Flex>(node.id, over_steps(&projected, before));
        }
        if let Some(node) = to_projected {
            grads.register::<Flex>(node.id, projected);
        }
        if let Some(node) = to_hidden {
            grads.register::<Flex>(node.id, tensor(found.hidden, [batch, size]));
        }
        if let Some(node) = to_cell {
            grads.register::<Flex>(node.id, tensor(found.cell, [batch, size]));
        }
    }
}

#[derive(Debug)]
pub(super) struct GruBackward;

impl Backward<Flex, 4> for GruBackward {
    type State = (gru::Saved, Float);

    fn backward(self, ops: Ops<Self::State, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        let rows = grads.consume::<Flex>(&ops.node).to_contiguous();
        let (saved, weight) = ops.state;
        let [length, batch, size] = rows.shape().dims();
        let found = gru::backward(saved, values(&weight.to_contiguous()), values(&rows));
        let recurrent = tensor(found.recurrent, [length, batch, 3 * size]);
        let [to_projected, to_weight, to_bias, to_hidden] = ops.parents;
        if let Some(node) = to_weight {
            let before = tensor(found.hidden_before, [length * batch, size]);
            grads.register::<Flex>(node.id, over_steps(&recurrent, before));
        }
        if let Some(node) = to_bias {
            let rows = recurrent.reshape([length * batch, 3 * size].into());
            let sum = Flex::float_sum_dim(rows, 0).reshape([3 * size].into());
            grads.register::<Flex>(node.id, sum);
        }
        if let Some(node) = to_projected {
            grads.register::<Flex>(node.id, tensor(found.projected, [length, batch, 3 * size]));
        }
        if let Some(node) = to_hidden {
            grads.register::<Flex>(node.id, tensor(found.hidden, [batch, size]));
        }
    }
}

/// The gradient of a weight that every step used: gates `[length, batch, gates]`, transposed, times
/// states `[length * batch, size]`, as `[gates, size]`.
pub(super) fn over_steps(gates: &Float, states: Float) -> Float {
    let [length, batch, n_gates] = gates.shape().dims();
    let gates = gates.reshape([length * batch, n_gates].into());
    Flex::float_matmul(Flex::float_transpose(gates), states)
}
