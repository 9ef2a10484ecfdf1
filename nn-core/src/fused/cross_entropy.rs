//! The cross entropy of rows of class scores: forward and backward without keeping probabilities.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::activate::exp;
use super::simd::vectorised;

/// Losses of rows, and the logarithms of their sums of exponentials.
///
/// - logits: `[rows, classes]`, row-major
/// - targets: one class a row
/// - returns: two numbers a row
pub(super) fn forward(logits: &[f32], targets: &[usize], smoothing: f32) -> (Vec<f32>, Vec<f32>) {
    let classes = logits.len() / targets.len();
    let rows = logits.par_chunks_exact(classes).zip(targets);
    rows.map(|(row, target)| {
        let [max, sum, total] = vectorised(Sums { row });
        let log_sum = max + sum.ln();
        let target = row[*target];
        let expected = if smoothing > 0.0 {
            (1.0 - smoothing) * target + smoothing * total / classes as f32
        } else {
            target // a class that cannot be, -inf, is no concern of the others
        };
        (log_sum - expected, log_sum)
    })
    .unzip()
}

/// The gradient of the logits: probabilities less the target distribution, times each row's
/// gradient.
pub(super) fn backward(
    logits: &[f32],
    targets: &[usize],
    smoothing: f32,
    log_sums: &[f32],
    gradients: &[f32],
) -> Vec<f32> {
    let classes = logits.len() / targets.len();
    let mut result = vec![0.0; logits.len()];
    let rows = result.par_chunks_exact_mut(classes);
    let rows = rows.zip(logits.par_chunks_exact(classes)).zip(targets);
    let rows = rows.zip(log_sums).zip(gradients);
    rows.for_each(|((((result, row), target), log_sum), gradient)| {
        if *gradient == 0.0 {
            return; // an ignored row
        }
        vectorised(Probabilities {
            row,
            log_sum: *log_sum,
            less: smoothing / classes as f32,
            times: *gradient,
            result,
        });
        result[*target] -= (1.0 - smoothing) * gradient;
    });
    result
}

/// A row's maximum, the sum of exponentials less the maximum, and the sum.
struct Sums<'a> {
    row: &'a [f32],
}

/// Sums that run side by side, so that they need not wait for each other.
const WIDE: usize = 32;

impl WithSimd for Sums<'_> {
    type Output = [f32; 3];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        let (chunks, rest) = self.row.as_chunks::<WIDE>();
        let mut maxima = [f32::NEG_INFINITY; WIDE];
        let mut totals = [0.0; WIDE];
        for chunk in chunks {
            for i in 0..WIDE {
                maxima[i] = if chunk[i] > maxima[i] {
                    chunk[i]
                } else {
                    maxima[i]
                };
                totals[i] += chunk[i];
            }
        }
        let max = maxima
            .into_iter()
            .chain(rest.iter().copied())
            .fold(f32::NEG_INFINITY, f32::max);
        let total = totals.iter().sum::<f32>() + rest.iter().sum::<f32>();
        let mut sums = [0.0; WIDE];
        for chunk in chunks {
            for i in 0..WIDE {
                sums[i] += exp(chunk[i] - max);
            }
        }
        let sum = sums.iter().sum::<f32>() + rest.iter().map(|x| exp(x - max)).sum::<f32>();
        [max, sum, total]
    }
}

/// `(exp(row - log_sum) - less) * times` into `result`.
struct Probabilities<'a> {
    row: &'a [f32],
    log_sum: f32,
    less: f32,
    times: f32,
    result: &'a mut [f32],
}

impl WithSimd for Probabilities<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (result, x) in self.result.iter_mut().zip(self.row) {
            *result = (exp(x - self.log_sum) - self.less) * self.times;
        }
    }
}
