//! Activations that multiply an element by a gate.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::{Flex, TensorMetadata};

use super::{Float, tensor, values};
use crate::fused::gate::{self, Gate};

/// In the place of the input where nobody else holds it.
pub(super) fn forward(mut input: Float, gate: Gate) -> Float {
    input = input.to_contiguous();
    if let Some(values) = input.try_storage_mut() {
        gate::forward_in_place(gate, values);
        return input;
    }
    let output = gate::forward(gate, values(&input));
    tensor(output, [input.shape().num_elements()]).reshape(input.shape())
}

#[derive(Debug)]
pub(super) struct GateBackward;

impl Backward<Flex, 1> for GateBackward {
    /// The input.
    type State = (Float, Gate);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let mut gradient = grads.consume::<Flex>(&ops.node);
        let [to_input] = ops.parents;
        let Some(node) = to_input else {
            return;
        };
        gradient = gradient.to_contiguous();
        let (input, gate) = ops.state;
        gate::backward_in_place(gate, values(&input), gradient.storage_mut());
        grads.register::<Flex>(node.id, gradient);
    }
}
