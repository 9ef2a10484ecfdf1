//! The product of a few rows with a weight `[d_output, d_input]`, dot by dot: what decoding a word for one
//! image is made of. It reads the weight once, as it lies, and is as fast as memory.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::simd::{multiply_add, vectorised};

/// Rows up to which this is faster than a product that packs the weight first.
pub(super) const MAX_ROWS: usize = 8;
/// Numbers of the weight that are worth a task.
const TASK: usize = 1 << 15;

/// `rows`: `[n_rows, d_input]`; returns `[n_rows, d_output]`.
pub(super) fn product(rows: &[f32], weight: &[f32], d_input: usize) -> Vec<f32> {
    let (n_rows, d_output) = (rows.len() / d_input, weight.len() / d_input);
    let mut columns = vec![0.0; n_rows * d_output]; // [d_output, n_rows]
    columns
        .par_chunks_mut(n_rows)
        .zip(weight.par_chunks_exact(d_input))
        .with_min_len((TASK / d_input).max(1))
        .for_each(|(column, weights)| {
            vectorised(Dots {
                rows,
                weights,
                column,
            });
        });
    if n_rows == 1 {
        return columns;
    }
    let place = |idx: usize| columns[idx % d_output * n_rows + idx / d_output];
    (0..n_rows * d_output).map(place).collect()
}

/// The product of every row with one column of weights.
struct Dots<'a> {
    rows: &'a [f32],
    weights: &'a [f32],
    column: &'a mut [f32],
}

impl WithSimd for Dots<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let rows = self.rows.chunks_exact(self.weights.len());
        for (sum, row) in self.column.iter_mut().zip(rows) {
            *sum = dot(simd, row, self.weights);
        }
    }
}

/// The product of two rows.
#[inline(always)]
pub(super) fn dot<S: Simd>(simd: S, left: &[f32], right: &[f32]) -> f32 {
    let (left, left_rest) = S::as_simd_f32s(left);
    let (right, right_rest) = S::as_simd_f32s(right);
    // Four sums, so that an addition need not wait for the one before it.
    let mut sums = [simd.splat_f32s(0.0); 4];
    let (left_fours, left_ends) = left.as_chunks::<4>();
    let (right_fours, right_ends) = right.as_chunks::<4>();
    for (left, right) in left_fours.iter().zip(right_fours) {
        for i in 0..4 {
            sums[i] = multiply_add(simd, left[i], right[i], sums[i]);
        }
    }
    for (left, right) in left_ends.iter().zip(right_ends) {
        sums[0] = multiply_add(simd, *left, *right, sums[0]);
    }
    let sum = simd.add_f32s(
        simd.add_f32s(sums[0], sums[1]),
        simd.add_f32s(sums[2], sums[3]),
    );
    let rest = left_rest
        .iter()
        .zip(right_rest)
        .map(|(left, right)| left * right);
    simd.reduce_sum_f32s(sum) + rest.sum::<f32>()
}
