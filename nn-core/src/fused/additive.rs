//! The scores of additive attention, `sum(weight * tanh(key + query))` for every region: forward,
//! and backward without keeping what lies between.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::activate::tanh;
use super::simd::vectorised;

/// What is scored, row-major.
#[derive(Clone, Copy)]
pub(super) struct Inputs<'a> {
    /// `[batch, regions, width]`
    pub(super) keys: &'a [f32],
    /// `[batch, width]`
    pub(super) queries: &'a [f32],
    /// `[width]`
    pub(super) weight: &'a [f32],
}

/// Gradients, row-major, of each of [`Inputs`].
pub(super) struct Gradients {
    pub(super) keys: Vec<f32>,
    pub(super) queries: Vec<f32>,
    pub(super) weight: Vec<f32>,
}

/// The scores, `[batch, regions]`.
pub(super) fn forward(inputs: Inputs<'_>) -> Vec<f32> {
    let width = inputs.weight.len();
    let regions = inputs.keys.len() / inputs.queries.len();
    let mut scores = vec![0.0; inputs.keys.len() / width];
    let images = scores.par_chunks_exact_mut(regions);
    let images = images.zip(inputs.keys.par_chunks_exact(regions * width));
    let images = images.zip(inputs.queries.par_chunks_exact(width));
    images.for_each(|((scores, keys), query)| {
        vectorised(Scores {
            keys,
            query,
            weight: inputs.weight,
            result: scores,
        });
    });
    scores
}

/// Takes the gradient of the scores back to the inputs.
pub(super) fn backward(inputs: Inputs<'_>, scores: &[f32]) -> Gradients {
    let width = inputs.weight.len();
    let regions = inputs.keys.len() / inputs.queries.len();
    let mut to_keys = vec![0.0; inputs.keys.len()];
    let mut to_queries = vec![0.0; inputs.queries.len()];
    let mut to_weights = vec![0.0; inputs.queries.len()]; // one for each image
    let images = to_keys.par_chunks_exact_mut(regions * width);
    let images = images.zip(to_queries.par_chunks_exact_mut(width));
    let images = images.zip(to_weights.par_chunks_exact_mut(width));
    let images = images.zip(inputs.keys.par_chunks_exact(regions * width));
    let images = images.zip(inputs.queries.par_chunks_exact(width));
    let images = images.zip(scores.par_chunks_exact(regions));
    images.for_each(
        |(((((to_keys, to_query), to_weight), keys), query), scores)| {
            vectorised(ScoresBack {
                keys,
                query,
                weight: inputs.weight,
                gradient: scores,
                to_keys,
                to_query,
                to_weight,
            });
        },
    );
    let mut weight = vec![0.0; width];
    for of_image in to_weights.chunks_exact(width) {
        weight
            .iter_mut()
            .zip(of_image)
            .for_each(|(sum, part)| *sum += part);
    }
    Gradients {
        keys: to_keys,
        queries: to_queries,
        weight,
    }
}

/// Sums that run side by side, so that they need not wait for each other.
const WIDE: usize = 16;

/// The scores of one image's regions.
struct Scores<'a> {
    keys: &'a [f32],
    query: &'a [f32],
    weight: &'a [f32],
    result: &'a mut [f32],
}

impl WithSimd for Scores<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let keys = self.keys.chunks_exact(self.weight.len());
        let (queries, query_rest) = self.query.as_chunks::<WIDE>();
        let (weights, weight_rest) = self.weight.as_chunks::<WIDE>();
        for (score, key) in self.result.iter_mut().zip(keys) {
            let (keys, key_rest) = key.as_chunks::<WIDE>();
            let mut sums = [0.0; WIDE];
            for ((key, query), weight) in keys.iter().zip(queries).zip(weights) {
                for i in 0..WIDE {
                    sums[i] += weight[i] * tanh(key[i] + query[i]);
                }
            }
            let rest = key_rest.iter().zip(query_rest).zip(weight_rest);
            let rest = rest.map(|((key, query), weight)| weight * tanh(key + query));
            *score = sums.iter().sum::<f32>() + rest.sum::<f32>();
        }
    }
}

/// The same backwards.
struct ScoresBack<'a> {
    keys: &'a [f32],
    query: &'a [f32],
    weight: &'a [f32],
    gradient: &'a [f32],
    to_keys: &'a mut [f32],
    to_query: &'a mut [f32],
    to_weight: &'a mut [f32],
}

impl WithSimd for ScoresBack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let width = self.weight.len();
        let regions = self.keys.chunks_exact(width).zip(self.gradient);
        let regions = regions.zip(self.to_keys.chunks_exact_mut(width));
        let (query, weight) = (&self.query[..width], &self.weight[..width]);
        let (to_query, to_weight) = (&mut self.to_query[..width], &mut self.to_weight[..width]);
        for ((key, score), to_key) in regions {
            for i in 0..width {
                let shown = tanh(key[i] + query[i]);
                let back = score * weight[i] * (1.0 - shown * shown);
                to_key[i] = back;
                to_query[i] += back;
                to_weight[i] += score * shown;
            }
        }
    }
}
