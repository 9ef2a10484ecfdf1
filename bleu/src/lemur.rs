//! The BLEU of LEMUR's nn-dataset 2.1.2 (`ab/nn/metric/bleu.py`), of one image.
//!
//! NLTK's sentence BLEU with [`Smoothing::Method1`], over ids that still hold start and end tokens: not
//! comparable with coco-caption's BLEU of the same captions.

use crate::counter::Counter;
use crate::nltk::{Smoothing, Weights, nltk_bleu};
use crate::stats::BleuStats;
use crate::tokens::{TokenId, python_words};

/// The id that fills up short captions.
const PAD: u64 = 0;

/// Those of BLEU-3 add up to .99 in the reference, and so here.
const WEIGHTS: [Weights; 4] = [
    Weights::of([1.0, 0.0, 0.0, 0.0]),
    Weights::of([0.5, 0.5, 0.0, 0.0]),
    Weights::of([0.33, 0.33, 0.33, 0.0]),
    Weights::of([0.25, 0.25, 0.25, 0.25]),
];

/// BLEU-1 to BLEU-4 of one image.
pub(crate) fn lemur_bleu(stats: &BleuStats) -> [f64; 4] {
    WEIGHTS.map(|weights| nltk_bleu(stats, &weights, Smoothing::Method1))
}

/// Counts texts, without empty references. `None` if no reference is left.
pub(crate) fn count_words<R: AsRef<str>>(
    counter: &mut Counter,
    hyp: &str,
    refs: &[R],
) -> Option<BleuStats> {
    let refs = refs.iter().map(|text| python_words(text.as_ref()));
    counter.count(python_words(hyp), refs.filter(|words| !is_empty(words)))
}

/// Counts ids, without padding and empty references. `None` if no reference is left.
pub(crate) fn count_ids<T: TokenId, R: AsRef<[T]>>(
    counter: &mut Counter,
    hyp: &[T],
    refs: &[R],
) -> Option<BleuStats> {
    let refs = refs.iter().map(|ids| without_padding(ids.as_ref()));
    counter.count(without_padding(hyp), refs.filter(|ids| !is_empty(ids)))
}

fn without_padding<T: TokenId>(ids: &[T]) -> impl Iterator<Item = u64> + Clone {
    ids.iter().map(|id| id.widen()).filter(|&id| id != PAD)
}

fn is_empty(tokens: &(impl Iterator + Clone)) -> bool {
    tokens.clone().next().is_none()
}
