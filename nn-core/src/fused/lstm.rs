//! Long short-term memory over a sequence: forward and backward.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::activate::{sigmoid, tanh};
use super::blocks::Blocks;
use super::matmul::{Panels, add_product, multiply_all};
use super::recurrence::{Backward, Forward};
use super::simd::{n_lanes, vectorised};

const GATES: usize = 4;

/// What a sequence starts from, row-major.
pub(super) struct Inputs<'a> {
    /// Gates before the state's part: `[length, batch, 4 * size]`
    pub(super) projected: &'a [f32],
    /// `[4 * size, size]`
    pub(super) weight: &'a [f32],
    /// `[batch, size]`
    pub(super) hidden: &'a [f32],
    /// `[batch, size]`
    pub(super) cell: &'a [f32],
}

/// What the backward pass needs of the forward pass, in blocks.
#[derive(Clone, Debug)]
pub(super) struct Saved {
    blocks: Blocks,
    /// Activated gates: `[length, units, 4, batch, lanes]`
    gates: Vec<f32>,
    /// States before the first step and after each: `[length + 1, units, batch, lanes]`
    hidden: Vec<f32>,
    /// Likewise.
    cell: Vec<f32>,
}

/// Gradients, row-major, of each of [`Inputs`]; `weight` is left to one product over all steps of
/// `projected` and `hidden_before`.
pub(super) struct Gradients {
    pub(super) projected: Vec<f32>,
    pub(super) hidden: Vec<f32>,
    pub(super) cell: Vec<f32>,
    /// No gradient: the states before each step, `[length, batch, size]`.
    pub(super) hidden_before: Vec<f32>,
}

/// Runs the sequence. Returns, row-major, the hidden states after each step and the last cell
/// state, `[length + 1, batch, size]`.
pub(super) fn forward(sizes: [usize; 3], inputs: &Inputs<'_>) -> (Vec<f32>, Saved) {
    let mut run = Run::new(sizes, inputs);
    let [length, ..] = sizes;
    (0..length).for_each(|step| run.step(step));
    run.finish()
}

/// A sequence under way.
pub(super) struct Run {
    /// Up to the step that was taken last; gates after it hold the input's part.
    saved: Saved,
    panels: Panels,
}

impl Run {
    /// Before the first of `length` steps.
    pub(super) fn new([length, batch, size]: [usize; 3], inputs: &Inputs<'_>) -> Self {
        let blocks = Blocks::new(length, batch, GATES, size, n_lanes());
        let state = blocks.with_gates(1);
        let states = |first: &[f32]| {
            let mut states = state.with_length(1).pack(first);
            states.resize((length + 1) * state.step_len(), 0.0);
            states
        };
        let saved = Saved {
            blocks,
            gates: blocks.pack(inputs.projected),
            hidden: states(inputs.hidden),
            cell: states(inputs.cell),
        };
        Self {
            saved,
            panels: Panels::forwards(inputs.weight, &blocks),
        }
    }

    /// After the last step: as [`forward`] returns it.
    pub(super) fn finish(self) -> (Vec<f32>, Saved) {
        let Saved {
            blocks,
            hidden,
            cell,
            ..
        } = &self.saved;
        let (length, state) = (blocks.length, blocks.with_gates(1));
        let mut rows = vec![0.0; (length + 1) * blocks.batch * blocks.size];
        let (outputs, last) = rows.split_at_mut(length * blocks.batch * blocks.size);
        state.unpack_into(&hidden[state.step_len()..], outputs);
        let last_step = length * state.step_len();
        state.with_length(1).unpack_into(&cell[last_step..], last);
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
            hidden,
            cell,
        } = &mut self.saved;
        let state = blocks.with_gates(1);
        let (before, after) = around(hidden, step, state.step_len());
        let (cell_before, cell_after) = around(cell, step, state.step_len());
        let units = blocks.units_per_task();
        let tasks = gates[blocks.step(step)].par_chunks_mut(units * blocks.unit_len());
        let tasks = tasks.zip(after.par_chunks_mut(units * state.unit_len()));
        let tasks = tasks.zip(cell_after.par_chunks_mut(units * state.unit_len()));
        let tasks = tasks.zip(cell_before.par_chunks(units * state.unit_len()));
        tasks
            .enumerate()
            .for_each(|(task, (((gates, hidden), cell), cell_before))| {
                vectorised(Step {
                    batch: blocks.batch,
                    before,
                    panels: self.panels.starting_at(task * units),
                    gates,
                    hidden,
                    cell,
                    cell_before,
                });
            });
    }
}

/// The states before and after a step.
fn around(states: &mut [f32], step: usize, step_len: usize) -> (&[f32], &mut [f32]) {
    let (before, after) = states.split_at_mut((step + 1) * step_len);
    (&before[step * step_len..], &mut after[..step_len])
}

/// One step of some units.
struct Step<'a, P> {
    batch: usize,
    /// The whole hidden state before the step.
    before: &'a [f32],
    panels: P,
    gates: &'a mut [f32],
    hidden: &'a mut [f32],
    cell: &'a mut [f32],
    cell_before: &'a [f32],
}

impl<'a, P: Iterator<Item = &'a [f32]>> WithSimd for Step<'_, P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let len = self.batch * S::F32_LANES;
        multiply_all(simd, self.batch, self.before, self.panels, self.gates);
        let states = self.hidden.chunks_exact_mut(len);
        let states = states.zip(self.cell.chunks_exact_mut(len));
        let states = states.zip(self.cell_before.chunks_exact(len));
        let units = self.gates.chunks_exact_mut(GATES * len).zip(states);
        for (gates, ((hidden, cell), before)) in units {
            let (input, rest) = gates.split_at_mut(len);
            let (forget, rest) = rest.split_at_mut(len);
            let (candidate, output) = rest.split_at_mut(len);
            for i in 0..len {
                input[i] = sigmoid(input[i]);
                forget[i] = sigmoid(forget[i]);
                candidate[i] = tanh(candidate[i]);
                output[i] = sigmoid(output[i]);
                cell[i] = forget[i] * before[i] + input[i] * candidate[i];
                hidden[i] = output[i] * tanh(cell[i]);
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
    /// From the step that was taken last on, gates hold their gradients.
    saved: Saved,
    panels: Panels,
    /// Gradients of the outputs: `[length, units, batch, lanes]`
    outputs: Vec<f32>,
    to_hidden: Vec<f32>,
    to_cell: Vec<f32>,
}

impl RunBack {
    /// Behind the last step, with the gradient of [`forward`]'s rows.
    pub(super) fn new(saved: Saved, weight: &[f32], rows: &[f32]) -> Self {
        let blocks = saved.blocks;
        let state = blocks.with_gates(1);
        let (outputs, last) = rows.split_at(blocks.length * blocks.batch * blocks.size);
        Self {
            saved,
            panels: Panels::backwards(weight, &blocks),
            outputs: state.pack(outputs),
            to_hidden: vec![0.0; state.step_len()],
            to_cell: state.with_length(1).pack(last),
        }
    }

    /// Before the first step.
    pub(super) fn finish(self) -> Gradients {
        let Saved {
            blocks,
            gates,
            hidden,
            ..
        } = self.saved;
        let state = blocks.with_gates(1);
        Gradients {
            projected: blocks.unpack(&gates),
            hidden: state.with_length(1).unpack(&self.to_hidden),
            cell: state.with_length(1).unpack(&self.to_cell),
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
            cell,
            ..
        } = &mut self.saved;
        let state = blocks.with_gates(1);
        let gates = &mut gates[blocks.step(step)];
        let units = blocks.units_per_task();
        let len = units * state.unit_len();
        let tasks = gates.par_chunks_mut(units * blocks.unit_len());
        let tasks = tasks.zip(self.to_hidden.par_chunks_mut(len));
        let tasks = tasks.zip(self.to_cell.par_chunks_mut(len));
        let tasks = tasks.zip(self.outputs[state.step(step)].par_chunks(len));
        let tasks = tasks.zip(cell[state.step(step)].par_chunks(len));
        let tasks = tasks.zip(cell[state.step(step + 1)].par_chunks(len));
        tasks.for_each(
            |(((((gates, to_hidden), to_cell), output), before), after)| {
                vectorised(StepBack {
                    unit_len: state.unit_len(),
                    gates,
                    to_hidden,
                    to_cell,
                    output,
                    before,
                    after,
                });
            },
        );
        add_product(&state, gates, &self.panels, &mut self.to_hidden);
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
    /// Activated gates, which their gradients replace.
    gates: &'a mut [f32],
    /// The gradient that later steps send to the hidden state; left at 0.
    to_hidden: &'a mut [f32],
    /// The gradient that later steps send to the cell; left for the step before.
    to_cell: &'a mut [f32],
    /// The gradient of the step's output.
    output: &'a [f32],
    /// Cells before the step.
    before: &'a [f32],
    /// Cells after it.
    after: &'a [f32],
}

impl WithSimd for StepBack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let len = self.unit_len;
        for (unit, gates) in self.gates.chunks_exact_mut(GATES * len).enumerate() {
            let place = unit * len..(unit + 1) * len;
            let to_hidden = &mut self.to_hidden[place.clone()];
            let to_cell = &mut self.to_cell[place.clone()];
            let output = &self.output[place.clone()];
            let before = &self.before[place.clone()];
            let after = &self.after[place];
            let (input, rest) = gates.split_at_mut(len);
            let (forget, rest) = rest.split_at_mut(len);
            let (candidate, out) = rest.split_at_mut(len);
            for i in 0..len {
                let hidden = output[i] + to_hidden[i];
                let shown = tanh(after[i]);
                let cell = to_cell[i] + hidden * out[i] * (1.0 - shown * shown);
                to_hidden[i] = 0.0;
                to_cell[i] = cell * forget[i];
                out[i] = hidden * shown * out[i] * (1.0 - out[i]);
                forget[i] = cell * before[i] * forget[i] * (1.0 - forget[i]);
                let written = candidate[i];
                candidate[i] = cell * input[i] * (1.0 - written * written);
                input[i] = cell * written * input[i] * (1.0 - input[i]);
            }
        }
    }
}
