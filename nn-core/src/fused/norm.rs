//! Batch normalisation by the statistics of the batch itself: forward, and backward in two passes
//! over the maps.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::simd::vectorised;

/// Maps, row-major, `[batch, channels, ..]`.
#[derive(Clone, Copy)]
pub(super) struct Maps<'a> {
    pub(super) values: &'a [f32],
    pub(super) channels: usize,
    /// Values of one map.
    pub(super) len: usize,
}

/// What a batch says of each channel.
#[derive(Clone, Debug)]
pub(super) struct Statistics {
    pub(super) mean: Vec<f32>,
    /// Of the population, without Bessel's correction.
    pub(super) variance: Vec<f32>,
}

/// Gradients, row-major.
pub(super) struct Gradients {
    pub(super) input: Vec<f32>,
    pub(super) weight: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

impl<'a> Maps<'a> {
    /// The maps of one channel.
    fn of(self, channel: usize) -> impl Iterator<Item = &'a [f32]> {
        let maps = self.values.chunks_exact(self.len);
        maps.skip(channel).step_by(self.channels)
    }

    /// The sum of a channel's deviations from a centre, or of their squares.
    fn deviations(self, channel: usize, centre: f32, squared: bool) -> f64 {
        let part = |values| {
            vectorised(Deviations {
                values,
                centre,
                squared,
            })
        };
        self.of(channel).map(part).sum()
    }

    /// Values of one channel.
    fn count(self) -> f64 {
        (self.values.len() / self.channels) as f64
    }
}

/// Mean and variance of each channel.
pub(super) fn statistics(maps: Maps<'_>) -> Statistics {
    let of_channel = |channel| {
        let mean = rounded(maps.deviations(channel, 0.0, false) / maps.count());
        let squares = maps.deviations(channel, mean, true);
        (mean, rounded(squares / maps.count()))
    };
    let found = (0..maps.channels).into_par_iter().map(of_channel);
    let (mean, variance) = found.unzip();
    Statistics { mean, variance }
}

/// The sum of each channel.
pub(super) fn sums(maps: Maps<'_>) -> Vec<f32> {
    let channels = (0..maps.channels).into_par_iter();
    let sum = |channel| rounded(maps.deviations(channel, 0.0, false));
    channels.map(sum).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "a mean of f32 is one")]
fn rounded(value: f64) -> f32 {
    value as f32
}

/// The maps with a channel's mean 0 and variance 1, times `weight`, plus `bias`.
pub(super) fn normalised(
    maps: Maps<'_>,
    statistics: &Statistics,
    weight: &[f32],
    bias: &[f32],
    epsilon: f32,
) -> Vec<f32> {
    let mut result = vec![0.0; maps.values.len()];
    let targets = result.par_chunks_exact_mut(maps.len);
    let targets = targets.zip(maps.values.par_chunks_exact(maps.len));
    let targets = targets.enumerate().with_min_len((TASK / maps.len).max(1));
    targets.for_each(|(idx, (result, values))| {
        let channel = idx % maps.channels;
        vectorised(Scale {
            values,
            centre: statistics.mean[channel],
            factor: weight[channel] / (statistics.variance[channel] + epsilon).sqrt(),
            summand: bias[channel],
            result,
        });
    });
    result
}

/// Values that are worth a task.
const TASK: usize = 1 << 14;

/// Takes the gradient of [`normalised`] back, through the statistics too.
pub(super) fn backward(
    maps: Maps<'_>,
    statistics: &Statistics,
    weight: &[f32],
    epsilon: f32,
    gradient: &[f32],
) -> Gradients {
    let gradients = Maps {
        values: gradient,
        ..maps
    };
    // Of each channel: the sum of the gradient, and that of its product with the centred input.
    let sums: Vec<[f64; 2]> = (0..maps.channels)
        .into_par_iter()
        .map(|channel| {
            let centre = statistics.mean[channel];
            let pairs = gradients.of(channel).zip(maps.of(channel));
            let parts = pairs.map(|(gradient, values)| {
                vectorised(Products {
                    gradient,
                    values,
                    centre,
                })
            });
            parts.fold([0.0; 2], |[a, b], [c, d]| [a + c, b + d])
        })
        .collect();
    let scale = |channel: usize| (statistics.variance[channel] + epsilon).sqrt().recip();
    let mut input = vec![0.0; maps.values.len()];
    let targets = input.par_chunks_exact_mut(maps.len);
    let targets = targets.zip(gradient.par_chunks_exact(maps.len));
    let targets = targets.zip(maps.values.par_chunks_exact(maps.len));
    let targets = targets.enumerate().with_min_len((TASK / maps.len).max(1));
    targets.for_each(|(idx, ((target, gradient), values))| {
        let channel = idx % maps.channels;
        let [sum, product] = sums[channel];
        let inverse = scale(channel);
        vectorised(InputGradient {
            gradient,
            values,
            centre: statistics.mean[channel],
            mean: rounded(sum / maps.count()),
            slope: rounded(product / maps.count()) * inverse * inverse,
            factor: weight[channel] * inverse,
            target,
        });
    });
    let weights = sums.iter().enumerate();
    Gradients {
        input,
        weight: weights
            .map(|(channel, [_, product])| rounded(*product) * scale(channel))
            .collect(),
        bias: sums.iter().map(|[sum, _]| rounded(*sum)).collect(),
    }
}

/// Sums that run side by side.
const WIDE: usize = 32;
/// Values whose sum is kept in 32 bits.
const SPAN: usize = 128 * WIDE;

/// The sum of the deviations of some values from a centre, or of their squares.
struct Deviations<'a> {
    values: &'a [f32],
    centre: f32,
    squared: bool,
}

impl WithSimd for Deviations<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let mut total = 0.0;
        for span in self.values.chunks(SPAN) {
            let (wide, rest) = span.as_chunks::<WIDE>();
            let mut sums = [0.0_f32; WIDE];
            for values in wide {
                for i in 0..WIDE {
                    let deviation = values[i] - self.centre;
                    sums[i] += if self.squared {
                        deviation * deviation
                    } else {
                        deviation
                    };
                }
            }
            for (sum, value) in sums.iter_mut().zip(rest) {
                let deviation = value - self.centre;
                *sum += if self.squared {
                    deviation * deviation
                } else {
                    deviation
                };
            }
            for sum in sums {
                total += f64::from(sum);
            }
        }
        total
    }
}

/// `(value - centre) * factor + summand`
struct Scale<'a> {
    values: &'a [f32],
    centre: f32,
    factor: f32,
    summand: f32,
    result: &'a mut [f32],
}

impl WithSimd for Scale<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (result, value) in self.result.iter_mut().zip(self.values) {
            *result = (value - self.centre) * self.factor + self.summand;
        }
    }
}

/// The sum of a gradient, and that of its product with centred values.
struct Products<'a> {
    gradient: &'a [f32],
    values: &'a [f32],
    centre: f32,
}

impl WithSimd for Products<'_> {
    type Output = [f64; 2];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [f64; 2] {
        let mut total = [0.0; 2];
        let spans = self.gradient.chunks(SPAN).zip(self.values.chunks(SPAN));
        for (gradient, values) in spans {
            let (wide_gradient, rest) = gradient.as_chunks::<WIDE>();
            let (wide_values, values_rest) = values.as_chunks::<WIDE>();
            let mut sums = [0.0_f32; WIDE];
            let mut products = [0.0_f32; WIDE];
            for (gradient, values) in wide_gradient.iter().zip(wide_values) {
                for i in 0..WIDE {
                    sums[i] += gradient[i];
                    products[i] += gradient[i] * (values[i] - self.centre);
                }
            }
            for (i, (gradient, value)) in rest.iter().zip(values_rest).enumerate() {
                sums[i] += gradient;
                products[i] += gradient * (value - self.centre);
            }
            for i in 0..WIDE {
                total[0] += f64::from(sums[i]);
                total[1] += f64::from(products[i]);
            }
        }
        total
    }
}

/// `factor * (gradient - mean - slope * (value - centre))`
struct InputGradient<'a> {
    gradient: &'a [f32],
    values: &'a [f32],
    centre: f32,
    mean: f32,
    slope: f32,
    factor: f32,
    target: &'a mut [f32],
}

impl WithSimd for InputGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let pairs = self.gradient.iter().zip(self.values);
        for (target, (gradient, value)) in self.target.iter_mut().zip(pairs) {
            let projected = self.slope * (value - self.centre);
            *target = self.factor * (gradient - self.mean - projected);
        }
    }
}
