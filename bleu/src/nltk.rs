//! BLEU as NLTK 3.10 computes it (`nltk.translate.bleu_score`), of a sentence or of a corpus.
//!
//! It differs from Papineni et al. (2002): a segment too short for a k-gram counts as having one, a hypothesis
//! without a single matching word scores 0 whatever the smoothing, and weights need not add up to 1.
//! `auto_reweigh` and the smoothing methods 5 to 7 are in [`NltkBleu`](crate::NltkBleu): with those, a corpus
//! is more than the sum of its counts.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::stats::BleuStats;

/// What NLTK's `SmoothingFunction` does with orders that match nothing (Chen and Cherry 2014), with its
/// default constants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Smoothing {
    /// A precision of zero becomes the smallest normal double: the score is next to nothing.
    #[default]
    Method0,
    /// Zero matches become 0.1.
    Method1,
    /// One more match and one more n-gram, from bigrams on (Lin and Och 2004).
    Method2,
    /// The j-th order without a match has 2^-j of one, as in NIST's `mteval-v13a.pl`.
    Method3,
    /// As [`Method3`](Self::Method3), scaled by the logarithm of the hypothesis' length over 5; a hypothesis
    /// of one word ignores the orders it cannot have.
    Method4,
}

impl Smoothing {
    const EPSILON: f64 = 0.1;
    const K: f64 = 5.0;

    /// NLTK's name of the method.
    pub fn name(self) -> &'static str {
        match self {
            Self::Method0 => "method0",
            Self::Method1 => "method1",
            Self::Method2 => "method2",
            Self::Method3 => "method3",
            Self::Method4 => "method4",
        }
    }

    /// The modified precision of each order, 0 for an order to ignore.
    pub(crate) fn precisions<const N: usize>(self, stats: &BleuStats<N>) -> [f64; N] {
        let mut halvings = 1.0;
        std::array::from_fn(|idx| {
            let matches = stats.matches[idx] as f64;
            // Counted segments have at least one; the bound is for stats made by hand.
            let total = stats.totals[idx].saturating_add(stats.unfilled[idx]).max(1) as f64;
            if self == Self::Method2 && idx > 0 {
                return (matches + 1.0) / (total + 1.0);
            }
            if matches > 0.0 {
                return matches / total;
            }
            halvings *= 2.0;
            self.without_match(total, halvings, stats.hyp_len)
        })
    }

    /// The precision of an order that matches none of `total` n-grams.
    fn without_match(self, total: f64, halvings: f64, hyp_len: u64) -> f64 {
        match self {
            Self::Method0 | Self::Method2 => f64::MIN_POSITIVE,
            Self::Method1 => Self::EPSILON / total,
            Self::Method3 => 1.0 / (halvings * total),
            Self::Method4 if hyp_len <= 1 => 0.0,
            Self::Method4 => 1.0 / (halvings * Self::K / (hyp_len as f64).ln()) / total,
        }
    }
}

/// `sentence_bleu` of one segment's counts, `corpus_bleu` of summed ones.
///
/// # Examples
///
/// ```
/// use bleu::{Counter, Smoothing, Weights, nltk_bleu};
///
/// let refs = ["the cat is on the mat", "a cat sat on the rug today"];
/// let stats = Counter::new().words("the cat sat on a mat", &refs).expect("there are references");
/// let bleu2 = nltk_bleu(&stats, &Weights::uniform(2), Smoothing::Method0);
/// let bleu4 = nltk_bleu(&stats, &Weights::uniform(4), Smoothing::Method1);
/// assert_eq!((bleu2, bleu4), (0.7745966692414834, 0.2659147948472494));
/// ```
pub fn nltk_bleu<const N: usize>(
    stats: &BleuStats<N>,
    weights: &Weights<N>,
    smoothing: Smoothing,
) -> f64 {
    if stats.matches.first().is_none_or(|&unigrams| unigrams == 0) {
        return 0.0;
    }
    let log_mean: f64 = smoothing
        .precisions(stats)
        .iter()
        .zip(weights.0)
        .filter(|&(&precision, _)| precision > 0.0)
        .map(|(precision, weight)| weight * precision.ln())
        .sum();
    brevity_penalty(stats) * log_mean.exp()
}

pub(crate) fn brevity_penalty<const N: usize>(stats: &BleuStats<N>) -> f64 {
    match (stats.hyp_len, stats.ref_len) {
        (hyp_len, ref_len) if hyp_len > ref_len => 1.0,
        (0, _) => 0.0,
        (hyp_len, ref_len) => (1.0 - ref_len as f64 / hyp_len as f64).exp(),
    }
}

/// The weight of each n-gram order in the geometric mean, up to order `N`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights<const N: usize = 4>([f64; N]);

impl<const N: usize> Weights<N> {
    /// Weights of the first orders; the rest have none. They need not add up to 1.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidWeights`] if there are more than `N`, or if one is negative or not finite.
    pub fn new(weights: &[f64]) -> Result<Self, Error> {
        let valid = |weight: &f64| weight.is_finite() && *weight >= 0.0;
        if weights.len() > N || !weights.iter().all(valid) {
            return Err(Error::InvalidWeights {
                weights: weights.to_vec(),
                max_order: N,
            });
        }
        let mut padded = [0.0; N];
        padded[..weights.len()].copy_from_slice(weights);
        Ok(Self(padded))
    }

    /// The same weight for each of the first `order` orders: at least one, at most `N`.
    pub fn uniform(order: usize) -> Self {
        const { assert!(N > 0, "BLEU weighs n-grams of at least one word") };
        let order = order.clamp(1, N);
        let weight = 1.0 / order as f64;
        Self(std::array::from_fn(
            |idx| if idx < order { weight } else { 0.0 },
        ))
    }

    pub(crate) const fn of(weights: [f64; N]) -> Self {
        Self(weights)
    }
}
