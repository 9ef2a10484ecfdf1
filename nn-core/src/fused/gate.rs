//! `x` times a gate of `x`, element by element: forward and backward in one pass each.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::activate::{normal, sigmoid};
use super::simd::vectorised;

/// What an element is multiplied by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gate {
    /// Its sigmoid: `SiLU`.
    Sigmoid,
    /// The normal distribution function of it: GELU.
    Normal,
}

/// Elements that are worth a task.
const TASK: usize = 1 << 14;

/// Each `x * gate(x)`.
pub(super) fn forward(gate: Gate, inputs: &[f32]) -> Vec<f32> {
    let mut outputs = vec![0.0; inputs.len()];
    match gate {
        Gate::Sigmoid => change(&mut outputs, inputs, |_, x| x * sigmoid(x)),
        Gate::Normal => change(&mut outputs, inputs, |_, x| x * normal(x).0),
    }
    outputs
}

/// The same in the place of the inputs.
pub(super) fn forward_in_place(gate: Gate, values: &mut [f32]) {
    match gate {
        Gate::Sigmoid => change_alone(values, |x| x * sigmoid(x)),
        Gate::Normal => change_alone(values, |x| x * normal(x).0),
    }
}

/// Multiplies gradients of the outputs by the slopes at `inputs`: the gradients of those.
pub(super) fn backward_in_place(gate: Gate, inputs: &[f32], gradients: &mut [f32]) {
    match gate {
        Gate::Sigmoid => change(gradients, inputs, |gradient, x| {
            let open = sigmoid(x);
            gradient * (open + x * open * (1.0 - open))
        }),
        Gate::Normal => change(gradients, inputs, |gradient, x| {
            let (open, density) = normal(x);
            gradient * (open + x * density)
        }),
    }
}

/// Each value becomes a function of itself and the input beside it.
fn change(values: &mut [f32], inputs: &[f32], function: impl Fn(f32, f32) -> f32 + Copy + Sync) {
    let tasks = values.par_chunks_mut(TASK).zip(inputs.par_chunks(TASK));
    tasks.for_each(|(values, inputs)| {
        vectorised(Change {
            values,
            inputs,
            function,
        });
    });
}

/// Each value becomes a function of itself.
fn change_alone(values: &mut [f32], function: impl Fn(f32) -> f32 + Copy + Sync) {
    let tasks = values.par_chunks_mut(TASK);
    tasks.for_each(|values| vectorised(ChangeAlone { values, function }));
}

struct Change<'a, F> {
    values: &'a mut [f32],
    inputs: &'a [f32],
    function: F,
}

impl<F: Fn(f32, f32) -> f32> WithSimd for Change<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (value, input) in self.values.iter_mut().zip(self.inputs) {
            *value = (self.function)(*value, *input);
        }
    }
}

struct ChangeAlone<'a, F> {
    values: &'a mut [f32],
    function: F,
}

impl<F: Fn(f32) -> f32> WithSimd for ChangeAlone<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for value in self.values.iter_mut() {
            *value = (self.function)(*value);
        }
    }
}
