//! Cross entropy.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::tensor::IntTensor;
use burn::backend::{Flex, TensorMetadata};

use super::{Float, tensor, values};
use crate::fused::cross_entropy;

#[derive(Clone, Debug)]
pub(super) struct CrossEntropySaved {
    logits: Float,
    targets: Vec<usize>,
    smoothing: f32,
    log_sums: Vec<f32>,
}

pub(super) fn cross_entropy_forward(
    logits: &Float,
    targets: IntTensor<Flex>,
    smoothing: f64,
) -> (Float, CrossEntropySaved) {
    let logits = logits.to_contiguous();
    let [rows, classes] = logits.shape().dims();
    let targets: Vec<usize> = targets
        .into_data()
        .iter::<i64>()
        .map(|target| class(target, classes))
        .collect();
    #[expect(clippy::cast_possible_truncation, reason = "a fraction")]
    let smoothing = smoothing as f32;
    let (losses, log_sums) = cross_entropy::forward(values(&logits), &targets, smoothing);
    let saved = CrossEntropySaved {
        logits,
        targets,
        smoothing,
        log_sums,
    };
    (tensor(losses, [rows]), saved)
}

/// The class that a target names.
fn class(target: i64, classes: usize) -> usize {
    match usize::try_from(target) {
        Ok(class) if class < classes => class,
        _ => panic!("target {target} is not among {classes} classes"),
    }
}

#[derive(Debug)]
pub(super) struct CrossEntropyBackward;

impl Backward<Flex, 1> for CrossEntropyBackward {
    type State = CrossEntropySaved;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let rows = grads.consume::<Flex>(&ops.node).to_contiguous();
        let [to_logits] = ops.parents;
        let Some(node) = to_logits else {
            return;
        };
        let saved = ops.state;
        let gradient = cross_entropy::backward(
            values(&saved.logits),
            &saved.targets,
            saved.smoothing,
            &saved.log_sums,
            values(&rows),
        );
        let shape: [usize; 2] = saved.logits.shape().dims();
        grads.register::<Flex>(node.id, tensor(gradient, shape));
    }
}
