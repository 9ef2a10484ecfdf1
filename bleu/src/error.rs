//! What can be wrong with a corpus or with the settings of a metric.

use crate::Bleu;

/// Why there is no score. Every metric of this crate returns it; none panics.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The two sides of a corpus differ in length, so segments cannot be paired.
    #[error("{hyps} hypotheses but {refs} lists of references")]
    LengthMismatch {
        /// How many hypotheses there are.
        hyps: usize,
        /// How many lists of references there are.
        refs: usize,
    },
    /// A mean over no segment does not exist.
    #[error("a corpus without segments has no score")]
    EmptyCorpus,
    /// A hypothesis has nothing to be compared with.
    #[error("segment {segment} has no reference")]
    NoReferences {
        /// The position of the segment in the corpus, from 0.
        segment: usize,
    },
    /// What an n-gram weighs cannot be learned from these references.
    #[error("references of {n_images} images do not tell which n-grams are rare")]
    NoFrequencies {
        /// How many images there are: one, or any number whose references have no words.
        n_images: usize,
    },
    /// Lengths that differ weigh less by a Gaussian, which has a deviation.
    #[error("a deviation is a number above 0, not {sigma}")]
    InvalidSigma {
        /// The deviation that was asked for.
        sigma: f64,
    },
    /// Weights of n-gram orders are finite, not negative, and one an order at most.
    #[error("`{weights:?}` are not weights of n-grams up to order {max_order}")]
    InvalidWeights {
        /// The weights that were asked for.
        weights: Vec<f64>,
        /// The longest n-gram that was counted.
        max_order: usize,
    },
    /// N-grams are counted up to a fixed order, from 1.
    #[error("n-grams of order {order} are not between 1 and {max_order}")]
    InvalidOrder {
        /// The longest n-gram that was asked for.
        order: usize,
        /// The longest that can be counted.
        max_order: usize,
    },
    /// NLTK's smoothing method 6 builds upon trigrams.
    #[error("smoothing method 6 needs a trigram that matches")]
    NoTrigrams,
    /// A bootstrap needs a resample and a confidence strictly between 0 and 1.
    #[error("no interval of confidence {confidence} from {n_resamples} resamples")]
    InvalidBootstrap {
        /// How often the corpus was to be resampled.
        n_resamples: usize,
        /// The share of resamples that was to lie within the interval.
        confidence: f64,
    },
    /// A test without a trial finds nothing.
    #[error("a randomization test needs at least one trial")]
    InvalidTrials,
    /// Two systems are compared segment by segment.
    #[error("{baseline} segments of the baseline but {system} of the system")]
    UnpairedSystems {
        /// How many segments the baseline has.
        baseline: usize,
        /// How many segments the other system has.
        system: usize,
    },
    /// Two accumulators hold segments that were prepared for different metrics.
    #[error("segments of `{theirs}` cannot be merged into `{ours}`")]
    MetricMismatch {
        /// The metric of the accumulator that was to grow.
        ours: Bleu,
        /// The metric of the accumulator that was to be taken up.
        theirs: Bleu,
    },
}
