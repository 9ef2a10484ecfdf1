//! Blocks: how features lie while a sequence runs.
//!
//! The features of a step are cut into units as wide as a vector register, and a unit's gates lie
//! side by side for the whole batch: `[length, units, gates, batch, lanes]`. So one task computes
//! all gates of its units, and activates them, in one piece of memory.

use rayon::prelude::*;

/// The sizes of a sequence in blocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks {
    pub(super) length: usize,
    pub(super) batch: usize,
    pub(super) gates: usize,
    /// Features of each gate.
    pub(super) size: usize,
    /// Units of each gate: `size` in registers, made even so that units go in pairs.
    pub(super) units: usize,
    /// Floats in a register.
    pub(super) lanes: usize,
}

/// Registers that hold `size` features, an even number.
pub(super) fn n_units(size: usize, lanes: usize) -> usize {
    size.div_ceil(2 * lanes) * 2
}

impl Blocks {
    pub(super) fn new(
        length: usize,
        batch: usize,
        gates: usize,
        size: usize,
        lanes: usize,
    ) -> Self {
        let units = n_units(size, lanes);
        Self {
            length,
            batch,
            gates,
            size,
            units,
            lanes,
        }
    }

    /// The same sizes for another number of gates.
    pub(super) fn with_gates(self, gates: usize) -> Self {
        Self { gates, ..self }
    }

    /// The same sizes for another number of steps.
    pub(super) fn with_length(self, length: usize) -> Self {
        Self { length, ..self }
    }

    /// Floats of one gate of a unit.
    pub(super) fn gate_len(&self) -> usize {
        self.batch * self.lanes
    }

    /// Floats of a unit.
    pub(super) fn unit_len(&self) -> usize {
        self.gates * self.gate_len()
    }

    /// Floats of a step.
    pub(super) fn step_len(&self) -> usize {
        self.units * self.unit_len()
    }

    /// Units that one task takes, an even number: all of them on one core.
    pub(super) fn units_per_task(&self) -> usize {
        2 * (self.units / 2).div_ceil(rayon::current_num_threads())
    }

    /// Where a step lies.
    pub(super) fn step(&self, step: usize) -> std::ops::Range<usize> {
        step * self.step_len()..(step + 1) * self.step_len()
    }

    /// `[length, batch, gates * size]` in blocks; features that fill up a unit are 0.
    pub(super) fn pack(&self, rows: &[f32]) -> Vec<f32> {
        let mut blocks = vec![0.0; self.length * self.step_len()];
        let steps = blocks.par_chunks_mut(self.step_len());
        let rows = rows.par_chunks(self.batch * self.gates * self.size);
        steps.zip(rows).for_each(|(step, rows)| {
            for (row_idx, row) in rows.chunks_exact(self.gates * self.size).enumerate() {
                for (place, features) in self.pieces() {
                    let start = place + row_idx * self.lanes;
                    step[start..start + features.len()].copy_from_slice(&row[features]);
                }
            }
        });
        blocks
    }

    /// The reverse of [`pack`](Self::pack), into `rows`.
    pub(super) fn unpack_into(&self, blocks: &[f32], rows: &mut [f32]) {
        let steps = blocks.par_chunks(self.step_len());
        let rows = rows.par_chunks_mut(self.batch * self.gates * self.size);
        steps.zip(rows).for_each(|(step, rows)| {
            for (row_idx, row) in rows.chunks_exact_mut(self.gates * self.size).enumerate() {
                for (place, features) in self.pieces() {
                    let start = place + row_idx * self.lanes;
                    row[features.clone()].copy_from_slice(&step[start..start + features.len()]);
                }
            }
        });
    }

    /// The reverse of [`pack`](Self::pack).
    pub(super) fn unpack(&self, blocks: &[f32]) -> Vec<f32> {
        let mut rows = vec![0.0; self.length * self.batch * self.gates * self.size];
        self.unpack_into(blocks, &mut rows);
        rows
    }

    /// For each gate of each unit: its start in a step, and the features of a row it holds.
    fn pieces(&self) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> + '_ {
        (0..self.units).flat_map(move |unit| {
            (0..self.gates).filter_map(move |gate| {
                let features = self.features(unit, gate);
                let place = unit * self.unit_len() + gate * self.gate_len();
                (!features.is_empty()).then_some((place, features))
            })
        })
    }

    /// Unit and gate of a register of columns, counted through all units.
    pub(super) fn place(&self, register: usize) -> (usize, usize) {
        (register / self.gates, register % self.gates)
    }

    /// The features of a row that a gate of a unit holds.
    pub(super) fn features(&self, unit: usize, gate: usize) -> std::ops::Range<usize> {
        let first = (unit * self.lanes).min(self.size);
        let last = (first + self.lanes).min(self.size);
        gate * self.size + first..gate * self.size + last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpack_reverses_pack() {
        for (size, lanes) in [(5, 4), (8, 4), (16, 8), (1, 1), (3, 8)] {
            let blocks = Blocks::new(3, 2, 4, size, lanes);
            let rows: Vec<f32> = (0_u16..).map(f32::from).take(3 * 2 * 4 * size).collect();
            assert_eq!(blocks.unpack(&blocks.pack(&rows)), rows);
        }
    }

    #[test]
    fn a_unit_holds_its_gates_side_by_side() {
        let blocks = Blocks::new(1, 1, 2, 4, 2);
        let rows = [0.0, 1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 13.0];
        let packed = [0.0, 1.0, 10.0, 11.0, 2.0, 3.0, 12.0, 13.0];
        assert_eq!(blocks.pack(&rows), packed);
    }
}
