//! `corpus_bleu` and `sentence_bleu` of NLTK 3.10 with everything that they can be asked for: any weights,
//! `auto_reweigh`, and the smoothing methods whose score of a corpus depends on the order of its segments.

use serde::{Deserialize, Serialize};

use crate::corpus::segments;
use crate::counter::Counter;
use crate::error::Error;
use crate::nltk::{Smoothing, brevity_penalty};
use crate::stats::BleuStats;

/// A smoothing method of NLTK's `SmoothingFunction` (Chen and Cherry 2014), with its default constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum NltkMethod {
    /// Methods 0 to 4: functions of summed counts.
    Summed(Smoothing),
    /// Each precision becomes its mean with both neighbours; that of order 0 is one more than that of order 1.
    ///
    /// By an accident of NLTK, the order above the last is that of 5-grams, and of the last segment alone. A
    /// perfect match scores more than 1.
    Method5,
    /// From trigrams on, five more n-grams that match as often as the orders below let expect (Gao and He 2013):
    /// `(c_k + 5 p²_{k-1} / p_{k-2}) / (g_k + 5)`.
    ///
    /// By an accident of NLTK, `g_k` is that of the last segment alone.
    Method6,
    /// [`Method4`](Smoothing::Method4), then [`Method5`](Self::Method5).
    Method7,
}

impl NltkMethod {
    /// The n-grams that method 5 looks at, whatever the weights.
    const FIFTH: usize = 5;

    /// The method with this number, from 0 to 7.
    pub fn numbered(number: usize) -> Option<Self> {
        match number {
            0 => Some(Self::Summed(Smoothing::Method0)),
            1 => Some(Self::Summed(Smoothing::Method1)),
            2 => Some(Self::Summed(Smoothing::Method2)),
            3 => Some(Self::Summed(Smoothing::Method3)),
            4 => Some(Self::Summed(Smoothing::Method4)),
            5 => Some(Self::Method5),
            6 => Some(Self::Method6),
            7 => Some(Self::Method7),
            _ => None,
        }
    }

    /// The longest n-gram that a score with so many weights depends on.
    fn order(self, n_weights: usize) -> usize {
        match self {
            Self::Summed(_) | Self::Method6 => n_weights,
            Self::Method5 | Self::Method7 => n_weights.max(Self::FIFTH),
        }
    }

    /// The precision of the first `order` orders, 0 for one to ignore.
    fn precisions<const N: usize>(
        self,
        order: usize,
        stats: &BleuStats<N>,
        last: &BleuStats<N>,
    ) -> Result<Vec<f64>, Error> {
        let summed = |smoothing: Smoothing| smoothing.precisions(stats)[..order].to_vec();
        let plain = || (0..order).map(|idx| precision(stats, idx)).collect();
        match self {
            Self::Summed(smoothing) => Ok(summed(smoothing)),
            Self::Method5 => Ok(averaged(plain(), last)),
            Self::Method6 => interpolated(plain(), stats, last),
            Self::Method7 => {
                let ignored_as_zero = summed(Smoothing::Method4);
                Ok(averaged(ignored_as_zero, last))
            }
        }
    }
}

/// As NLTK counts: a segment too short for a k-gram has one.
fn precision<const N: usize>(stats: &BleuStats<N>, idx: usize) -> f64 {
    let total = stats.totals[idx].saturating_add(stats.unfilled[idx]).max(1);
    stats.matches[idx] as f64 / total as f64
}

fn averaged<const N: usize>(mut precisions: Vec<f64>, last: &BleuStats<N>) -> Vec<f64> {
    let fifth = precision(last, NltkMethod::FIFTH - 1);
    let mut below = precisions.first().map_or(1.0, |first| first + 1.0);
    for idx in 0..precisions.len() {
        let above = precisions.get(idx + 1).copied().unwrap_or(fifth);
        below = (below + precisions[idx] + above) / 3.0;
        precisions[idx] = below;
    }
    precisions
}

fn interpolated<const N: usize>(
    mut precisions: Vec<f64>,
    stats: &BleuStats<N>,
    last: &BleuStats<N>,
) -> Result<Vec<f64>, Error> {
    /// How many n-grams the expectation counts as.
    const ALPHA: f64 = 5.0;
    if precisions.get(2).is_none_or(|&trigrams| trigrams == 0.0) {
        return Err(Error::NoTrigrams);
    }
    for idx in 2..precisions.len() {
        let (before, below) = (precisions[idx - 2], precisions[idx - 1]);
        let expected = if before == 0.0 {
            0.0
        } else {
            below * below / before
        };
        let matches = stats.matches[idx] as f64 + ALPHA * expected;
        precisions[idx] = matches / (last.totals[idx] as f64 + ALPHA);
    }
    Ok(precisions)
}

/// NLTK's BLEU of words: `BP · exp(Σ w_k ln p_k)` over the orders whose precision `p_k` is not 0.
///
/// Equal to NLTK 3.10 on the golden set. Its `Fraction`s are doubles here, which is the same to 14 digits.
///
/// # Examples
///
/// ```
/// use bleu::{NltkBleu, NltkMethod};
///
/// let bleu = NltkBleu::new(&[0.25; 4], NltkMethod::Method5)?;
/// let refs = ["the cat is on the mat", "a cat sat on the rug today"];
/// assert!((bleu.sentence("the cat sat on a mat", &refs)? - 0.4033024965062308).abs() < 1e-12);
/// # Ok::<(), bleu::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NltkBleu {
    weights: Vec<f64>,
    method: NltkMethod,
    auto_reweigh: bool,
}

impl NltkBleu {
    /// The longest n-gram that can have a weight.
    pub const MAX_ORDER: usize = 8;

    /// Weights of the first orders; they need not add up to 1.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidWeights`] if there is none or more than [`MAX_ORDER`](Self::MAX_ORDER), or if one is
    /// negative or not finite.
    pub fn new(weights: &[f64], method: NltkMethod) -> Result<Self, Error> {
        let valid = |weight: &f64| weight.is_finite() && *weight >= 0.0;
        let weights = weights.to_vec();
        if !(1..=Self::MAX_ORDER).contains(&weights.len()) || !weights.iter().all(valid) {
            let max_order = Self::MAX_ORDER;
            return Err(Error::InvalidWeights { weights, max_order });
        }
        let auto_reweigh = false;
        Ok(Self {
            weights,
            method,
            auto_reweigh,
        })
    }

    /// With `auto_reweigh`: four equal weights become as many as there are words, if those are fewer than four.
    #[must_use]
    pub fn with_auto_reweigh(mut self) -> Self {
        self.auto_reweigh = true;
        self
    }

    /// The score of texts, each against its own list of references, by their
    /// [words](crate::python_words).
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::NoReferences`], [`Error::EmptyCorpus`] or [`Error::NoTrigrams`].
    pub fn corpus<H, S, R>(&self, hyps: &[H], refs: &[S]) -> Result<f64, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        if self.order() <= 4 {
            self.score(&count::<4, _, _, _>(hyps, refs)?)
        } else {
            self.score(&count::<{ Self::MAX_ORDER }, _, _, _>(hyps, refs)?)
        }
    }

    /// The score of a single text.
    ///
    /// # Errors
    ///
    /// [`Error::NoReferences`] or [`Error::NoTrigrams`].
    pub fn sentence<R: AsRef<str>>(&self, hyp: &str, refs: &[R]) -> Result<f64, Error> {
        self.corpus(&[hyp], &[refs])
    }

    /// The score of counted segments, in order.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyCorpus`], [`Error::NoTrigrams`], or [`Error::InvalidOrder`] if longer n-grams matter than were
    /// counted.
    pub fn score<const N: usize>(&self, segments: &[BleuStats<N>]) -> Result<f64, Error> {
        let last = segments.last().ok_or(Error::EmptyCorpus)?;
        let (order, max_order) = (self.order(), N);
        if order > max_order {
            return Err(Error::InvalidOrder { order, max_order });
        }
        let stats: BleuStats<N> = segments.iter().sum();
        if stats.matches[0] == 0 {
            return Ok(0.0);
        }
        let precisions = self.method.precisions(self.weights.len(), &stats, last)?;
        let weigh = |(weight, precision): (f64, f64)| weight * precision.ln();
        let weights = self.weights_of(stats.hyp_len);
        let scored = weights.zip(precisions).filter(|pair| pair.1 > 0.0);
        Ok(brevity_penalty(&stats) * scored.map(weigh).sum::<f64>().exp())
    }

    fn weights_of(&self, hyp_len: u64) -> impl Iterator<Item = f64> {
        let reweigh = self.auto_reweigh && hyp_len < 4 && self.weights == [0.25; 4];
        let equal = 1.0 / hyp_len.max(1) as f64;
        (0..).zip(&self.weights).filter_map(move |(idx, &weight)| {
            if reweigh {
                (idx < hyp_len).then_some(equal)
            } else {
                Some(weight)
            }
        })
    }

    fn order(&self) -> usize {
        self.method.order(self.weights.len())
    }
}

fn count<const N: usize, H, S, R>(hyps: &[H], refs: &[S]) -> Result<Vec<BleuStats<N>>, Error>
where
    H: AsRef<str>,
    S: AsRef<[R]>,
    R: AsRef<str>,
{
    let mut counter = Counter::<N>::default();
    segments(hyps, refs, |hyp, refs| {
        counter.words(hyp.as_ref(), refs.as_ref())
    })
}
