//! Batch normalisation in training.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::{Flex, TensorMetadata};

use super::{Float, tensor, values};
use crate::fused::norm::{self, Maps, Statistics};

/// What the backward pass needs of the forward pass.
#[derive(Clone, Debug)]
pub(super) struct NormSaved {
    maps: Float,
    weight: Float,
    statistics: Statistics,
    epsilon: f32,
}

fn maps(tensor: &Float) -> Maps<'_> {
    let shape = tensor.shape();
    Maps {
        values: values(tensor),
        channels: shape[1],
        len: shape.num_elements() / shape[0] / shape[1],
    }
}

/// The normalised maps, and mean and variance of each channel.
pub(super) fn forward(
    input: &Float,
    weight: &Float,
    bias: &Float,
    epsilon: f64,
) -> ([Float; 3], NormSaved) {
    let [input, weight, bias] = [input, weight, bias].map(Float::to_contiguous);
    #[expect(clippy::cast_possible_truncation, reason = "a small number")]
    let epsilon = epsilon as f32;
    let statistics = norm::statistics(maps(&input));
    let output = norm::normalised(
        maps(&input),
        &statistics,
        values(&weight),
        values(&bias),
        epsilon,
    );
    let channels = statistics.mean.len();
    let found = [
        tensor(output, [input.shape().num_elements()]).reshape(input.shape()),
        tensor(statistics.mean.clone(), [channels]),
        tensor(statistics.variance.clone(), [channels]),
    ];
    let saved = NormSaved {
        maps: input,
        weight,
        statistics,
        epsilon,
    };
    (found, saved)
}

#[derive(Debug)]
pub(super) struct NormBackward;

impl Backward<Flex, 3> for NormBackward {
    type State = NormSaved;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node).to_contiguous();
        let saved = ops.state;
        let found = norm::backward(
            maps(&saved.maps),
            &saved.statistics,
            values(&saved.weight),
            saved.epsilon,
            values(&gradient),
        );
        let [to_input, to_weight, to_bias] = ops.parents;
        let channels = found.weight.len();
        if let Some(node) = to_input {
            let input = tensor(found.input, [saved.maps.shape().num_elements()]);
            grads.register::<Flex>(node.id, input.reshape(saved.maps.shape()));
        }
        if let Some(node) = to_weight {
            grads.register::<Flex>(node.id, tensor(found.weight, [channels]));
        }
        if let Some(node) = to_bias {
            grads.register::<Flex>(node.id, tensor(found.bias, [channels]));
        }
    }
}
