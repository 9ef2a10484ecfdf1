//! Long short-term memory over a sequence: forward and backward.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::activate::{sigmoid, tanh};
use super::blocks::Blocks;
use super::matmul::{Panels, add_through_gates, multiply_all};
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
pub(super) fn forward([length, batch, size]: [usize; 3], inputs: &Inputs<'_>) -> (Vec<f32>, Saved) {
    let blocks = Blocks::new(length, batch, GATES, size, n_lanes());
    let state = blocks.with_gates(1);
    let panels = Panels::of_gates(inputs.weight, &blocks);
    let mut gates = blocks.pack(inputs.projected);
    let mut hidden = state.with_length(1).pack(inputs.hidden);
    let mut cell = state.with_length(1).pack(inputs.cell);
    hidden.resize((length + 1) * state.step_len(), 0.0);
    cell.resize((length + 1) * state.step_len(), 0.0);
    for (step, gates) in gates.chunks_exact_mut(blocks.step_len()).enumerate() {
        let (before, after) = around(&mut hidden, step, state.step_len());
        let (cell_before, cell_after) = around(&mut cell, step, state.step_len());
        let units = blocks.units_per_task();
        let tasks = gates.par_chunks_mut(units * blocks.unit_len());
        let tasks = tasks.zip(after.par_chunks_mut(units * state.unit_len()));
        let tasks = tasks.zip(cell_after.par_chunks_mut(units * state.unit_len()));
        let tasks = tasks.zip(cell_before.par_chunks(units * state.unit_len()));
        tasks
            .enumerate()
            .for_each(|(task, (((gates, hidden), cell), cell_before))| {
                vectorised(Step {
                    batch,
                    before,
                    panels: panels.starting_at(task * units),
                    gates,
                    hidden,
                    cell,
                    cell_before,
                });
            });
    }
    let mut rows = vec![0.0; (length + 1) * batch * size];
    let (outputs, last) = rows.split_at_mut(length * batch * size);
    state.unpack_into(&hidden[state.step_len()..], outputs);
    let last_step = length * state.step_len();
    state.with_length(1).unpack_into(&cell[last_step..], last);
    let saved = Saved {
        blocks,
        gates,
        hidden,
        cell,
    };
    (rows, saved)
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
    let Saved {
        blocks,
        mut gates,
        hidden,
        cell,
    } = saved;
    let state = blocks.with_gates(1);
    let panels = Panels::of_state(weight, &blocks);
    let (outputs, last) = rows.split_at(blocks.length * blocks.batch * blocks.size);
    let outputs = state.pack(outputs);
    let mut to_hidden = vec![0.0; state.step_len()];
    let mut to_cell = state.with_length(1).pack(last);
    for step in (0..blocks.length).rev() {
        let gates = &mut gates[blocks.step(step)];
        let units = blocks.units_per_task();
        let len = units * state.unit_len();
        let tasks = gates.par_chunks_mut(units * blocks.unit_len());
        let tasks = tasks.zip(to_hidden.par_chunks_mut(len));
        let tasks = tasks.zip(to_cell.par_chunks_mut(len));
        let tasks = tasks.zip(outputs[state.step(step)].par_chunks(len));
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
        add_through_gates(&blocks, gates, &panels, &mut to_hidden);
    }
    Gradients {
        projected: blocks.unpack(&gates),
        hidden: state.with_length(1).unpack(&to_hidden),
        cell: state.with_length(1).unpack(&to_cell),
        hidden_before: state.unpack(&hidden[..blocks.length * state.step_len()]),
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
