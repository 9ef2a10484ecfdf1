//! The product of a few rows with a weight `[d_input, d_output]`: sums of the weight's rows, each
//! times a number. It reads the weight once, as it lies, and is as fast as memory.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::simd::vectorised;

/// Rows of the weight that a task adds. The same for any number of threads, and so are the sums.
const TASK: usize = 128;
/// Rows of the weight that are added at once.
const ROWS: usize = 8;

/// `rows`: `[n_rows, d_input]`; returns `[n_rows, d_output]`.
pub(super) fn product(rows: &[f32], weight: &[f32], d_output: usize) -> Vec<f32> {
    let n_outputs = rows.len() / (weight.len() / d_output) * d_output;
    let tasks = weight.par_chunks(TASK * d_output).enumerate();
    let parts: Vec<Vec<f32>> = tasks
        .map(|(task, weight)| {
            let mut sums = vec![0.0; n_outputs];
            vectorised(Part {
                rows,
                first: task * TASK,
                weight,
                d_output,
                sums: &mut sums,
            });
            sums
        })
        .collect();
    let add = |mut sums: Vec<f32>, part: Vec<f32>| {
        sums.iter_mut()
            .zip(part)
            .for_each(|(sum, added)| *sum += added);
        sums
    };
    parts.into_iter().reduce(add).unwrap_or_default()
}

/// What some rows of the weight add to the product.
struct Part<'a> {
    /// Whole.
    rows: &'a [f32],
    /// The first of the weight's rows.
    first: usize,
    /// Those rows: `[.., d_output]`
    weight: &'a [f32],
    d_output: usize,
    /// `[n_rows, d_output]`
    sums: &'a mut [f32],
}

impl WithSimd for Part<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let n_rows = self.sums.len() / self.d_output;
        let d_input = self.rows.len() / n_rows;
        for (group, weight) in self.weight.chunks(ROWS * self.d_output).enumerate() {
            let first = self.first + group * ROWS;
            let sums = self.sums.chunks_exact_mut(self.d_output);
            for (sums, row) in sums.zip(self.rows.chunks_exact(d_input)) {
                add_all(sums, &row[first..], weight);
            }
        }
    }
}

/// Adds some rows of the weight, at most [`ROWS`], each times a factor.
#[inline(always)]
fn add_all(sums: &mut [f32], factors: &[f32], weight: &[f32]) {
    let d_output = sums.len();
    if weight.len() < ROWS * d_output {
        for (row, factor) in weight.chunks_exact(d_output).zip(factors) {
            let columns = sums.iter_mut().zip(row);
            columns.for_each(|(sum, weight)| *sum += factor * weight);
        }
        return;
    }
    let factors: [f32; ROWS] = std::array::from_fn(|i| factors[i]);
    let rows: [&[f32]; ROWS] = std::array::from_fn(|i| &weight[i * d_output..][..d_output]);
    for (column, sum) in sums.iter_mut().enumerate() {
        let mut added = 0.0;
        for i in 0..ROWS {
            added += factors[i] * rows[i][column];
        }
        *sum += added;
    }
}
