//! Where a step looks: attention of a batch of queries to the regions of their images, forward and
//! backward.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::activate::exp;
use super::dots::dot;
use super::scoring::{Additive, Dot, Sums, scores, scores_back};
use super::simd::vectorised;

/// What is looked at, row-major.
#[derive(Clone, Copy)]
pub(super) struct Regions<'a> {
    /// `[batch, regions, width]`
    pub(super) keys: &'a [f32],
    /// `[batch, regions, d_memory]`
    pub(super) values: &'a [f32],
    /// Regions that get no weight: `[batch, regions]`
    pub(super) hidden: &'a [bool],
    /// What the features of a pair are weighed by: `[width]`
    pub(super) score: &'a [f32],
    pub(super) scoring: Scoring,
}

/// How a query scores a region's key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scoring {
    /// `sum(score * tanh(key + query))`
    Additive,
    /// `sum(score * key * query)`
    Dot,
}

/// Gradients of one step, row-major; those of keys and scores are added to what is there.
pub(super) struct Gradients<'a> {
    /// `[batch, width]`, zeros
    pub(super) queries: &'a mut [f32],
    /// `[batch, regions, width]`
    pub(super) keys: &'a mut [f32],
    /// One for each image: `[batch, width]`
    pub(super) scores: &'a mut [f32],
}

impl Regions<'_> {
    /// The same of each image of a batch.
    fn images(self, batch: usize) -> impl IndexedParallelIterator<Item = Self> {
        let keys = self.keys.par_chunks_exact(self.keys.len() / batch);
        let values = self.values.par_chunks_exact(self.values.len() / batch);
        let hidden = self.hidden.par_chunks_exact(self.hidden.len() / batch);
        keys.zip(values)
            .zip(hidden)
            .map(move |((keys, values), hidden)| Regions {
                keys,
                values,
                hidden,
                ..self
            })
    }
}

/// Writes the weights, `[batch, regions]`, and the means of the values by them,
/// `[batch, d_memory]`, of `queries`, `[batch, width]`.
pub(super) fn forward(
    regions: Regions<'_>,
    batch: usize,
    queries: &[f32],
    weights: &mut [f32],
    contexts: &mut [f32],
) {
    let (n_regions, d_memory) = (weights.len() / batch, contexts.len() / batch);
    let images = regions.images(batch);
    let images = images.zip(queries.par_chunks_exact(queries.len() / batch));
    let images = images.zip(weights.par_chunks_exact_mut(n_regions));
    let images = images.zip(contexts.par_chunks_exact_mut(d_memory));
    images.for_each(|(((regions, query), weights), context)| {
        vectorised(Look {
            regions,
            query,
            weights,
            context,
        });
    });
}

/// Takes the gradient of the contexts back. `weights` and `queries` are those of [`forward`].
pub(super) fn backward(
    regions: Regions<'_>,
    batch: usize,
    (queries, weights): (&[f32], &[f32]),
    contexts: &[f32],
    to: &mut Gradients<'_>,
) {
    let (width, n_regions) = (queries.len() / batch, weights.len() / batch);
    let images = regions.images(batch);
    let images = images.zip(queries.par_chunks_exact(width));
    let images = images.zip(weights.par_chunks_exact(n_regions));
    let images = images.zip(contexts.par_chunks_exact(contexts.len() / batch));
    let images = images.zip(to.queries.par_chunks_exact_mut(width));
    let images = images.zip(to.keys.par_chunks_exact_mut(n_regions * width));
    let images = images.zip(to.scores.par_chunks_exact_mut(width));
    images.for_each(
        |((((((regions, query), weights), context), to_query), keys), weight)| {
            vectorised(LookBack {
                regions,
                query,
                weights,
                context,
                sums: Sums {
                    keys,
                    query: to_query,
                    weight,
                },
            });
        },
    );
}

/// What one image shows one query.
struct Look<'a> {
    regions: Regions<'a>,
    query: &'a [f32],
    weights: &'a mut [f32],
    context: &'a mut [f32],
}

impl WithSimd for Look<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Regions {
            keys,
            values,
            score,
            ..
        } = self.regions;
        match self.regions.scoring {
            Scoring::Additive => scores::<Additive>(keys, self.query, score, self.weights),
            Scoring::Dot => scores::<Dot>(keys, self.query, score, self.weights),
        }
        softmax(self.weights, self.regions.hidden);
        self.context.fill(0.0);
        for (weight, value) in self
            .weights
            .iter()
            .zip(values.chunks_exact(self.context.len()))
        {
            add_scaled(self.context, *weight, value);
        }
    }
}

/// Weights of what is not hidden; none where all is.
#[inline(always)]
fn softmax(scores: &mut [f32], hidden: &[bool]) {
    let mut max = f32::NEG_INFINITY;
    for (score, hidden) in scores.iter_mut().zip(hidden) {
        if *hidden {
            *score = f32::NEG_INFINITY;
        }
        max = max.max(*score);
    }
    if max == f32::NEG_INFINITY {
        return scores.fill(0.0);
    }
    for score in scores.iter_mut() {
        *score = exp(*score - max);
    }
    let scale = scores.iter().sum::<f32>().recip();
    for score in scores.iter_mut() {
        *score *= scale;
    }
}

#[inline(always)]
fn add_scaled(sums: &mut [f32], factor: f32, row: &[f32]) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += factor * value;
    }
}

/// The same backwards.
struct LookBack<'a> {
    regions: Regions<'a>,
    query: &'a [f32],
    weights: &'a [f32],
    context: &'a [f32],
    sums: Sums<'a>,
}

impl WithSimd for LookBack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let Regions {
            keys,
            values,
            score,
            ..
        } = self.regions;
        let mut to_scores = vec![0.0; self.weights.len()];
        let values = values.chunks_exact(self.context.len());
        for (gradient, value) in to_scores.iter_mut().zip(values) {
            *gradient = dot(simd, value, self.context);
        }
        // By way of softmax: weight * (gradient - the mean gradient by the weights)
        let mean = dot(simd, &to_scores, self.weights);
        for (gradient, weight) in to_scores.iter_mut().zip(self.weights) {
            *gradient = weight * (*gradient - mean);
        }
        let (query, sums) = (self.query, &mut self.sums);
        match self.regions.scoring {
            Scoring::Additive => scores_back::<Additive>(keys, query, score, &to_scores, sums),
            Scoring::Dot => scores_back::<Dot>(keys, query, score, &to_scores, sums),
        }
    }
}
