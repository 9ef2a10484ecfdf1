//! A gated recurrent unit over a sequence: forward and backward.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::activate::{sigmoid, tanh};
use super::blocks::Blocks;
use super::matmul::{Panels, add_product, multiply_all};
use super::recurrence::{Backward, Forward};
use super::simd::{n_lanes, vectorised};

const GATES: usize = 3;

/// What a sequence starts from, row-major.
pub(super) struct Inputs<'a> {
    /// The input's part of the gates: `[length, batch, 3 * size]`
    pub(super) projected: &'a [f32],
    /// `[3 * size, size]`
    pub(super) weight: &'a [f32],
    /// Added to the state's part of the gates: `[3 * size]`
    pub(super) bias: &'a [f32],
    /// `[batch, size]`
    pub(super) hidden: &'a [f32],
}

/// What the backward pass needs of the forward pass, in blocks.
#[derive(Clone, Debug)]
pub(super) struct Saved {
    blocks: Blocks,
    /// Activated gates: `[length, units, 3, batch, lanes]`
    gates: Vec<f32>,
    /// The state's part of the gates, of which that of the new gate is read: the same shape
    recurrent: Vec<f32>,
    /// States before the first step and after each: `[length + 1, units, batch, lanes]`
    hidden: Vec<f32>,
}

/// Gradients, row-major; those of weight and bias are sums over all steps of `recurrent`.
pub(super) struct Gradients {
    /// Of the input's part of the gates.
    pub(super) projected: Vec<f32>,
    /// Of the state's part of the gates, `[length, batch, 3 * size]`.
    pub(super) recurrent: Vec<f32>,
    pub(super) hidden: Vec<f32>,
    /// No gradient: the states before each step, `[length, batch, size]`.
    pub(super) hidden_before: Vec<f32>,
}

/// Runs the sequence. Returns the states after each step, row-major, `[length, batch, size]`.
pub(super) fn forward(sizes: [usize; 3], inputs: &Inputs<'_>) -> (Vec<f32>, Saved) {
    let mut run = Run::new(sizes, inputs);
    let [length, ..] = sizes;
    (0..length).for_each(|step| run.step(step));
    run.finish()
}

/// A sequence under way.
pub(super) struct Run {
    /// Up to the step that was taken last; gates after it hold the input's part, and `recurrent`
    /// the bias.
    saved: Saved,
    panels: Panels,
}

impl Run {
    /// Before the first of `length` steps.
    pub(super) fn new([length, batch, size]: [usize; 3], inputs: &Inputs<'_>) -> Self {
        let blocks = Blocks::new(length, batch, GATES, size, n_lanes());
        let state = blocks.with_gates(1);
        let recurrent = blocks.with_length(1).pack(&inputs.bias.repeat(batch));
        let mut hidden = state.with_length(1).pack(inputs.hidden);
        hidden.resize((length + 1) * state.step_len(), 0.0);
        let saved = Saved {
            blocks,
            gates: blocks.pack(inputs.projected),
            recurrent: recurrent.repeat(length),
            hidden,
        };
        Self {
            saved,
            panels: Panels::forwards(inputs.weight, &blocks),
        }
    }

    /// After the last step: as [`forward`] returns it.
    pub(super) fn finish(self) -> (Vec<f32>, Saved) {
        let state = self.saved.blocks.with_gates(1);
        let rows = state.unpack(&self.saved.hidden[state.step_len()..]);
        (rows, self.saved)
    }
}

impl Forward for Run {
    fn blocks(&self) -> Blocks {
        self.saved.blocks
    }

    fn hidden(&self, step: usize) -> &[f32] {
        let state = self.saved.blocks.with_gates(1);
        &self.saved.hidden[state.step(step)]
    }

    fn gates(&mut self, step: usize) -> &mut [f32] {
        &mut self.saved.gates[self.saved.blocks.step(step)]
    }

    fn step(&mut self, step: usize) {
        let Saved {
            blocks,
            gates,
            recurrent,
            hidden,
        } = &mut self.saved;
        let state = blocks.with_gates(1);
        let (before, after) = hidden.split_at_mut((step + 1) * state.step_len());
        let before = &before[state.step(step)];
        let units = blocks.units_per_task();
        let tasks = gates[blocks.step(step)].par_chunks_mut(units * blocks.unit_len());
        let tasks =
            tasks.zip(recurrent[blocks.step(step)].par_chunks_mut(units * blocks.unit_len()));
        let tasks = tasks.zip(after[state.step(0)].par_chunks_mut(units * state.unit_len()));
        let tasks = tasks.zip(before.par_chunks(units * state.unit_len()));
        tasks
            .enumerate()
            .for_each(|(task, (((gates, recurrent), hidden), own_before))| {
                vectorised(Step {
                    batch: blocks.batch,
                    before,
                    panels: self.panels.starting_at(task * units),
                    gates,
                    recurrent,
                    hidden,
                    own_before,
                });
            });
    }
}

/// One step of some units.
struct Step<'a, P> {
    batch: usize,
    /// The whole state before the step.
    before: &'a [f32],
    panels: P,
    gates: &'a mut [f32],
    recurrent: &'a mut [f32],
    hidden: &'a mut [f32],
    /// These units' state before the step.
    own_before: &'a [f32],
}

impl<'a, P: Iterator<Item = &'a [f32]>> WithSimd for Step<'_, P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let len = self.batch * S::F32_LANES;
        multiply_all(simd, self.batch, self.before, self.panels, self.recurrent);
        let gates = self.gates.chunks_exact_mut(GATES * len);
        let gates = gates.zip(self.recurrent.chunks_exact_mut(GATES * len));
        let states = self.hidden.chunks_exact_mut(len);
        let states = states.zip(self.own_before.chunks_exact(len));
        for ((gates, recurrent), (hidden, before)) in gates.zip(states) {
            let (reset, others) = gates.split_at_mut(len);
            let (update, new) = others.split_at_mut(len);
            let (state_reset, others) = recurrent.split_at(len);
            let (state_update, state_new) = others.split_at(len);
            for i in 0..len {
                reset[i] = sigmoid(reset[i] + state_reset[i]);
                update[i] = sigmoid(update[i] + state_update[i]);
                new[i] = tanh(new[i] + reset[i] * state_new[i]);
                hidden[i] = new[i] + update[i] * (before[i] - new[i]);
            }
        }
    }
}

/// Takes the gradient of [`forward`]'s rows back to the inputs.
pub(super) fn backward(saved: Saved, weight: &[f32], rows: &[f32]) -> Gradients {
    let length = saved.blocks.length;
    let mut run = RunBack::new(saved, weight, rows);
    (0..length).rev().for_each(|step| run.step(step));
    run.finish()
}

/// A sequence on its way back.
pub(super) struct RunBack {
    /// From the step that was taken last on, gates and `recurrent` hold their gradients.
    saved: Saved,
    panels: Panels,
    /// Gradients of the outputs: `[length, units, batch, lanes]`
    outputs: Vec<f32>,
    to_hidden: Vec<f32>,
}

impl RunBack {
    /// Behind the last step, with the gradient of [`forward`]'s rows.
    pub(super) fn new(saved: Saved, weight: &[f32], rows: &[f32]) -> Self {
        let blocks = saved.blocks;
        let state = blocks.with_gates(1);
        Self {
            saved,
            panels: Panels::backwards(weight, &blocks),
            outputs: state.pack(rows),
            to_hidden: vec![0.0; state.step_len()],
        }
    }

    /// Before the first step.
    pub(super) fn finish(self) -> Gradients {
        let Saved {
            blocks,
            gates,
            recurrent,
            hidden,
        } = self.saved;
        let state = blocks.with_gates(1);
        Gradients {
            projected: blocks.unpack(&gates),
            recurrent: blocks.unpack(&recurrent),
            hidden: state.with_length(1).unpack(&self.to_hidden),
            hidden_before: state.unpack(&hidden[..blocks.length * state.step_len()]),
        }
    }
}

impl Backward for RunBack {
    fn blocks(&self) -> Blocks {
        self.saved.blocks
    }

    fn step(&mut self, step: usize) {
        let Saved {
            blocks,
            gates,
            recurrent,
            hidden,
        } = &mut self.saved;
        let state = blocks.with_gates(1);
        let recurrent = &mut recurrent[blocks.step(step)];
        let units = blocks.units_per_task();
        let len = units * state.unit_len();
        let tasks = gates[blocks.step(step)].par_chunks_mut(units * blocks.unit_len());
        let tasks = tasks.zip(recurrent.par_chunks_mut(units * blocks.unit_len()));
        let tasks = tasks.zip(self.to_hidden.par_chunks_mut(len));
        let tasks = tasks.zip(self.outputs[state.step(step)].par_chunks(len));
        let tasks = tasks.zip(hidden[state.step(step)].par_chunks(len));
        tasks.for_each(|((((gates, recurrent), to_hidden), output), before)| {
            vectorised(StepBack {
                unit_len: state.unit_len(),
                gates,
                recurrent,
                to_hidden,
                output,
                before,
            });
        });
        add_product(&state, recurrent, &self.panels, &mut self.to_hidden);
    }

    fn gates(&self, step: usize) -> &[f32] {
        &self.saved.gates[self.saved.blocks.step(step)]
    }

    fn hidden(&mut self) -> &mut [f32] {
        &mut self.to_hidden
    }
}

/// One step of some units, backwards, up to the gates.
struct StepBack<'a> {
    unit_len: usize,
    /// Activated gates, which the gradients of the input's part replace.
    gates: &'a mut [f32],
    /// The state's part, which its gradients replace.
    recurrent: &'a mut [f32],
    /// The gradient that later steps send to the state; left at what passes by the gates.
    to_hidden: &'a mut [f32],
    /// The gradient of the step's output.
    output: &'a [f32],
    /// The state before the step.
    before: &'a [f32],
}

impl WithSimd for StepBack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let len = self.unit_len;
        let gates = self.gates.chunks_exact_mut(GATES * len);
        let gates = gates.zip(self.recurrent.chunks_exact_mut(GATES * len));
        for (unit, (gates, recurrent)) in gates.enumerate() {
            let place = unit * len..(unit + 1) * len;
            let to_hidden = &mut self.to_hidden[place.clone()];
            let output = &self.output[place.clone()];
            let before = &self.before[place];
            let (reset, others) = gates.split_at_mut(len);
            let (update, new) = others.split_at_mut(len);
            let (state_reset, others) = recurrent.split_at_mut(len);
            let (state_update, state_new) = others.split_at_mut(len);
            for i in 0..len {
                let hidden = output[i] + to_hidden[i];
                to_hidden[i] = hidden * update[i];
                let written = new[i];
                new[i] = hidden * (1.0 - update[i]) * (1.0 - written * written);
                update[i] = hidden * (before[i] - written) * update[i] * (1.0 - update[i]);
                let kept = reset[i];
                reset[i] = new[i] * state_new[i] * kept * (1.0 - kept);
                state_reset[i] = reset[i];
                state_update[i] = update[i];
                state_new[i] = new[i] * kept;
            }
        }
    }
}
