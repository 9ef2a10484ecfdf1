//! The scores of attention, `sum(weight * pair(key, query))` for every region: forward, and backward
//! without keeping what lies between.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::activate::tanh;
use super::simd::vectorised;

/// What becomes of a feature of a key and one of a query.
pub(super) trait Pair: Copy + Send + Sync {
    fn of(key: f32, query: f32) -> f32;

    /// The slopes of [`of`](Self::of) by key and by query, where it is `pair`.
    fn slopes(key: f32, query: f32, pair: f32) -> [f32; 2];
}

/// Additive attention: `tanh(key + query)`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Additive;

/// Attention by a dot product: `key * query`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dot;

impl Pair for Additive {
    #[inline(always)]
    fn of(key: f32, query: f32) -> f32 {
        tanh(key + query)
    }

    #[inline(always)]
    fn slopes(_: f32, _: f32, pair: f32) -> [f32; 2] {
        [1.0 - pair * pair; 2]
    }
}

impl Pair for Dot {
    #[inline(always)]
    fn of(key: f32, query: f32) -> f32 {
        key * query
    }

    #[inline(always)]
    fn slopes(key: f32, query: f32, _: f32) -> [f32; 2] {
        [query, key]
    }
}

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

/// The scores of additive attention, `[batch, regions]`.
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
                sums: Sums {
                    keys: to_keys,
                    query: to_query,
                    weight: to_weight,
                },
            });
        },
    );
    let weight = sum_of_rows(&to_weights, width);
    Gradients {
        keys: to_keys,
        queries: to_queries,
        weight,
    }
}

/// The sum of rows of `width` values.
pub(super) fn sum_of_rows(rows: &[f32], width: usize) -> Vec<f32> {
    let mut sum = vec![0.0; width];
    for row in rows.chunks_exact(width) {
        sum.iter_mut().zip(row).for_each(|(sum, part)| *sum += part);
    }
    sum
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
        scores::<Additive>(self.keys, self.query, self.weight, self.result);
    }
}

/// The scores of `keys`, `[regions, width]`, under one query.
#[inline(always)]
pub(super) fn scores<P: Pair>(keys: &[f32], query: &[f32], weight: &[f32], result: &mut [f32]) {
    let (queries, query_rest) = query.as_chunks::<WIDE>();
    let (weights, weight_rest) = weight.as_chunks::<WIDE>();
    for (score, key) in result.iter_mut().zip(keys.chunks_exact(weight.len())) {
        let (keys, key_rest) = key.as_chunks::<WIDE>();
        let mut sums = [0.0; WIDE];
        for ((key, query), weight) in keys.iter().zip(queries).zip(weights) {
            for i in 0..WIDE {
                sums[i] += weight[i] * P::of(key[i], query[i]);
            }
        }
        let rest = key_rest.iter().zip(query_rest).zip(weight_rest);
        let rest = rest.map(|((key, query), weight)| weight * P::of(*key, *query));
        *score = sums.iter().sum::<f32>() + rest.sum::<f32>();
    }
}

/// The same backwards.
struct ScoresBack<'a> {
    keys: &'a [f32],
    query: &'a [f32],
    weight: &'a [f32],
    gradient: &'a [f32],
    sums: Sums<'a>,
}

/// Gradients of one image, which those of its scores are added to.
pub(super) struct Sums<'a> {
    /// `[regions, width]`
    pub(super) keys: &'a mut [f32],
    /// `[width]`
    pub(super) query: &'a mut [f32],
    /// `[width]`
    pub(super) weight: &'a mut [f32],
}

impl WithSimd for ScoresBack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) {
        scores_back::<Additive>(
            self.keys,
            self.query,
            self.weight,
            self.gradient,
            &mut self.sums,
        );
    }
}

/// Takes the gradient of [`scores`] back to what they were made of.
#[inline(always)]
pub(super) fn scores_back<P: Pair>(
    keys: &[f32],
    query: &[f32],
    weight: &[f32],
    gradient: &[f32],
    sums: &mut Sums<'_>,
) {
    let width = weight.len();
    let regions = keys.chunks_exact(width).zip(gradient);
    let regions = regions.zip(sums.keys.chunks_exact_mut(width));
    let (query, to_query) = (&query[..width], &mut sums.query[..width]);
    let to_weight = &mut sums.weight[..width];
    for ((key, score), to_key) in regions {
        for i in 0..width {
            let pair = P::of(key[i], query[i]);
            let [by_key, by_query] = P::slopes(key[i], query[i], pair);
            let back = score * weight[i];
            to_key[i] += back * by_key;
            to_query[i] += back * by_query;
            to_weight[i] += score * pair;
        }
    }
}
