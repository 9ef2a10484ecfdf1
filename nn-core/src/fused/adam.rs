//! A step of Adam in one pass over the parameter.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::simd::vectorised;

/// Elements that are worth a task.
const TASK: usize = 1 << 14;

/// What a step multiplies by, the same for all elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdamFactors {
    /// Of the value, before the step: `1 - lr * weight_decay`.
    pub(crate) decay: f32,
    /// Of the old moments.
    pub(crate) betas: [f32; 2],
    /// Of the gradient and of its square: `1 - beta`.
    pub(crate) shares: [f32; 2],
    /// Of the first moment: `lr / (1 - beta_1^step)`.
    pub(crate) rate: f32,
    /// Of the second moment's root: `1 / sqrt(1 - beta_2^step)`.
    pub(crate) root: f32,
    pub(crate) eps: f32,
}

/// Updates both moments, and turns `gradients` into the new values.
pub(super) fn step(
    factors: AdamFactors,
    values: &[f32],
    gradients: &mut [f32],
    first: &mut [f32],
    second: &mut [f32],
) {
    let tasks = values.par_chunks(TASK).zip(gradients.par_chunks_mut(TASK));
    let tasks = tasks.zip(first.par_chunks_mut(TASK));
    let tasks = tasks.zip(second.par_chunks_mut(TASK));
    tasks.for_each(|(((values, gradients), first), second)| {
        vectorised(Step {
            factors,
            values,
            gradients,
            first,
            second,
        });
    });
}

struct Step<'a> {
    factors: AdamFactors,
    values: &'a [f32],
    gradients: &'a mut [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
}

impl WithSimd for Step<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let AdamFactors {
            decay,
            betas,
            shares,
            rate,
            root,
            eps,
        } = self.factors;
        let moments = self.first.iter_mut().zip(self.second);
        let elements = self.values.iter().zip(self.gradients).zip(moments);
        for ((value, gradient), (first, second)) in elements {
            *first = betas[0] * *first + shares[0] * *gradient;
            *second = betas[1] * *second + shares[1] * *gradient * *gradient;
            *gradient = decay * value - rate * *first / (root * second.sqrt() + eps);
        }
    }
}
