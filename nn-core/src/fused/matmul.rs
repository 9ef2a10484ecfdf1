//! The product of a step: a few rows, in blocks, times packed weights.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::blocks::{Blocks, n_units};
use super::simd::{multiply_add, vectorised};

/// Registers of columns that a panel holds: with [`ROWS`] rows, 12 sums stay in registers.
const COLUMNS: usize = 2;
/// Rows of the batch that are multiplied together.
const ROWS: usize = 6;

/// Weights packed for [`multiply`]: for each two registers of columns `[inputs, 2, lanes]`.
pub(super) struct Panels {
    values: Vec<f32>,
    panel_len: usize,
    /// Panels of each two units.
    per_pair: usize,
}

impl Panels {
    /// For products of vectors with the rows of `weight`, `[gates * size, d_input]`, which give
    /// `outputs`. Columns are in the order of blocks.
    pub(super) fn forwards(weight: &[f32], outputs: &Blocks) -> Self {
        let lanes = outputs.lanes;
        let d_input = weight.len() / (outputs.gates * outputs.size);
        let columns = COLUMNS * lanes;
        let panel_len = n_units(d_input, lanes) * lanes * columns;
        let mut values = vec![0.0; outputs.units * outputs.gates / COLUMNS * panel_len];
        let panels = values.par_chunks_mut(panel_len).enumerate();
        panels.for_each(|(idx, panel)| {
            for register in 0..COLUMNS {
                let (unit, gate) = outputs.place(idx * COLUMNS + register);
                for (lane, row) in outputs.features(unit, gate).enumerate() {
                    let inputs = &weight[row * d_input..(row + 1) * d_input];
                    let column = &mut panel[register * lanes + lane..];
                    let places = column.iter_mut().step_by(columns);
                    places
                        .zip(inputs)
                        .for_each(|(place, input)| *place = *input);
                }
            }
        });
        Self {
            values,
            panel_len,
            per_pair: outputs.gates,
        }
    }

    /// For products of `inputs` with the columns of `weight`, `[gates * size, d_output]`: the way
    /// back of [`forwards`](Self::forwards). Inputs are in the order of blocks.
    pub(super) fn backwards(weight: &[f32], inputs: &Blocks) -> Self {
        let lanes = inputs.lanes;
        let d_output = weight.len() / (inputs.gates * inputs.size);
        let columns = COLUMNS * lanes;
        let panel_len = inputs.units * inputs.gates * lanes * columns;
        let mut values = vec![0.0; n_units(d_output, lanes) / COLUMNS * panel_len];
        values
            .par_chunks_mut(panel_len)
            .enumerate()
            .for_each(|(pair, panel)| {
                let first = (pair * columns).min(d_output);
                let last = (first + columns).min(d_output);
                for unit in 0..inputs.units {
                    for gate in 0..inputs.gates {
                        let start = (unit * inputs.gates + gate) * lanes;
                        for (lane, row) in inputs.features(unit, gate).enumerate() {
                            let (place, row) = ((start + lane) * columns, row * d_output);
                            panel[place..place + last - first]
                                .copy_from_slice(&weight[row + first..row + last]);
                        }
                    }
                }
            });
        Self {
            values,
            panel_len,
            per_pair: 1,
        }
    }

    /// The panels of the units from `unit`, an even number, on.
    pub(super) fn starting_at(&self, unit: usize) -> impl Iterator<Item = &[f32]> {
        let first = unit / 2 * self.per_pair;
        self.values[first * self.panel_len..].chunks_exact(self.panel_len)
    }
}

/// Adds the product of `inputs`, blocks `[.., batch, lanes]`, and panels to `sums`,
/// `[registers of columns, batch, lanes]`.
#[inline(always)]
pub(super) fn multiply_all<'a, S: Simd>(
    simd: S,
    batch: usize,
    inputs: &[f32],
    panels: impl Iterator<Item = &'a [f32]>,
    sums: &mut [f32],
) {
    let sums = sums.chunks_exact_mut(COLUMNS * batch * S::F32_LANES);
    for (sums, panel) in sums.zip(panels) {
        multiply(simd, batch, inputs, panel, sums);
    }
}

/// The same for one panel.
#[inline(always)]
fn multiply<S: Simd>(simd: S, batch: usize, inputs: &[f32], panel: &[f32], sums: &mut [f32]) {
    let mut row = 0;
    while row + ROWS <= batch {
        multiply_rows::<S, ROWS>(simd, batch, row, inputs, panel, sums);
        row += ROWS;
    }
    match batch - row {
        5 => multiply_rows::<S, 5>(simd, batch, row, inputs, panel, sums),
        4 => multiply_rows::<S, 4>(simd, batch, row, inputs, panel, sums),
        3 => multiply_rows::<S, 3>(simd, batch, row, inputs, panel, sums),
        2 => multiply_rows::<S, 2>(simd, batch, row, inputs, panel, sums),
        1 => multiply_rows::<S, 1>(simd, batch, row, inputs, panel, sums),
        _ => {}
    }
}

/// The same for `N_ROWS` rows of the batch, whose sums stay in registers.
#[inline(always)]
fn multiply_rows<S: Simd, const N_ROWS: usize>(
    simd: S,
    batch: usize,
    row: usize,
    inputs: &[f32],
    panel: &[f32],
    sums: &mut [f32],
) {
    let lanes = S::F32_LANES;
    let mut registers = [[simd.splat_f32s(0.0); COLUMNS]; N_ROWS];
    let blocks = inputs.chunks_exact(batch * lanes);
    for (block, weights) in blocks.zip(panel.chunks_exact(lanes * COLUMNS * lanes)) {
        let rows = &block[row * lanes..(row + N_ROWS) * lanes];
        for (lane, weights) in weights.chunks_exact(COLUMNS * lanes).enumerate() {
            let (weights, _) = S::as_simd_f32s(weights);
            for r in 0..N_ROWS {
                let input = simd.splat_f32s(rows[r * lanes + lane]);
                for v in 0..COLUMNS {
                    registers[r][v] = multiply_add(simd, input, weights[v], registers[r][v]);
                }
            }
        }
    }
    let (sums, _) = S::as_mut_simd_f32s(sums);
    for r in 0..N_ROWS {
        for v in 0..COLUMNS {
            let sum = &mut sums[v * batch + row + r];
            *sum = simd.add_f32s(*sum, registers[r][v]);
        }
    }
}

/// Adds to `sums`, a step of `outputs`, the product of `inputs`, a step of other blocks, and
/// `panels`.
pub(super) fn add_product(outputs: &Blocks, inputs: &[f32], panels: &Panels, sums: &mut [f32]) {
    let units = outputs.units_per_task();
    let tasks = sums.par_chunks_mut(units * outputs.unit_len());
    tasks.enumerate().for_each(|(task, sums)| {
        vectorised(Product {
            batch: outputs.batch,
            inputs,
            panels: panels.starting_at(task * units),
            sums,
        });
    });
}

struct Product<'a, P> {
    batch: usize,
    inputs: &'a [f32],
    panels: P,
    sums: &'a mut [f32],
}

impl<'a, P: Iterator<Item = &'a [f32]>> WithSimd for Product<'_, P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        multiply_all(simd, self.batch, self.inputs, self.panels, self.sums);
    }
}
