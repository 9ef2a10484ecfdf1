//! Scores of additive attention.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::{Flex, TensorMetadata};

use super::{Float, tensor, values};
use crate::fused::scoring;

/// Keys, queries and weight, contiguous.
pub(super) type AdditiveSaved = [Float; 3];

fn inputs(saved: &AdditiveSaved) -> scoring::Inputs<'_> {
    let [keys, queries, weight] = saved.each_ref().map(values);
    scoring::Inputs {
        keys,
        queries,
        weight,
    }
}

pub(super) fn additive_forward(saved: &AdditiveSaved) -> Float {
    let [batch, regions, _] = saved[0].shape().dims();
    tensor(scoring::forward(inputs(saved)), [batch, regions])
}

#[derive(Debug)]
pub(super) struct AdditiveBackward;

impl Backward<Flex, 3> for AdditiveBackward {
    type State = AdditiveSaved;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let scores = grads.consume::<Flex>(&ops.node).to_contiguous();
        let found = scoring::backward(inputs(&ops.state), values(&scores));
        let [batch, regions, width] = ops.state[0].shape().dims();
        let [to_keys, to_queries, to_weight] = ops.parents;
        if let Some(node) = to_keys {
            grads.register::<Flex>(node.id, tensor(found.keys, [batch, regions, width]));
        }
        if let Some(node) = to_queries {
            grads.register::<Flex>(node.id, tensor(found.queries, [batch, width]));
        }
        if let Some(node) = to_weight {
            grads.register::<Flex>(node.id, tensor(found.weight, [width]));
        }
    }
}
