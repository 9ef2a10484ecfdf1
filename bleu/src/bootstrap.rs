//! Confidence intervals by bootstrap resampling (Koehn 2004, section 3).
//!
//! A resample draws as many segments as the corpus has, with replacement, and scores their sum. The interval is
//! that of percentiles: with 1000 resamples and a confidence of .95, the 26th lowest and the 26th highest score,
//! the same two that sacrebleu 2.6 uses, and of the same resamples: random numbers are those of numpy. sacrebleu adds
//! up in single precision, so that its digits end earlier.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::random::Pcg64;

/// How to resample. Default: 1000 resamples, a confidence of 0.95, seed 12345.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// How many corpora are drawn. At least 1.
    pub n_resamples: usize,
    /// The share of resamples within the interval, between 0 and 1.
    pub confidence: f64,
    /// The same seed draws the same corpora, on every machine.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self {
            n_resamples: 1000,
            confidence: 0.95,
            seed: 12345,
        }
    }
}

/// A score and how far it would move with other segments of the same kind.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The score of the corpus itself.
    pub score: f64,
    /// The mean over the resamples.
    pub mean: f64,
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

impl Bootstrap {
    /// The interval of each of the `K` numbers that `score` gives for the sum of some segments.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyCorpus`], or [`Error::InvalidBootstrap`] if the settings allow no interval.
    ///
    /// # Examples
    ///
    /// ```
    /// use bleu::{Bootstrap, Mean};
    ///
    /// let segments = [0.25, 0.5, 0.5, 0.75].map(|score| Mean::of([score]));
    /// let [interval] = Bootstrap::default().intervals(&segments, Mean::value)?;
    /// assert_eq!(interval.score, 0.5);
    /// assert!(0.25 < interval.low && interval.high < 0.75);
    /// # Ok::<(), bleu::Error>(())
    /// ```
    pub fn intervals<S, const K: usize>(
        &self,
        segments: &[S],
        score: impl Fn(&S) -> [f64; K],
    ) -> Result<[Interval; K], Error>
    where
        S: Copy + Default + AddAssign,
    {
        self.check(segments.len())?;
        let scores = score(&total(segments.iter()));
        let resampled = self.resample(segments, score);
        Ok(std::array::from_fn(|idx| {
            let column = resampled.iter().map(|scores| scores[idx]).collect();
            self.interval(scores[idx], column)
        }))
    }

    /// Whether there is something to draw, and an interval to make of it.
    pub(crate) fn check(&self, n_segments: usize) -> Result<(), Error> {
        if n_segments == 0 {
            return Err(Error::EmptyCorpus);
        }
        if self.n_resamples == 0 || !(self.confidence > 0.0 && self.confidence < 1.0) {
            return Err(Error::InvalidBootstrap {
                n_resamples: self.n_resamples,
                confidence: self.confidence,
            });
        }
        Ok(())
    }

    /// The scores of each resample. A corpus of more than 2^32 segments is drawn from its first.
    pub(crate) fn resample<S, const K: usize>(
        &self,
        segments: &[S],
        score: impl Fn(&S) -> [f64; K],
    ) -> Vec<[f64; K]>
    where
        S: Copy + Default + AddAssign,
    {
        let mut random = Pcg64::new(self.seed);
        let n_segments = u32::try_from(segments.len()).unwrap_or(u32::MAX);
        let mut drawn = vec![0; segments.len()];
        let mut resample = || {
            // A single segment is not drawn: numpy uses no random number for it.
            if n_segments > 1 {
                drawn.fill_with(|| random.below(n_segments));
            }
            score(&total(drawn.iter().map(|&idx| &segments[idx as usize])))
        };
        (0..self.n_resamples).map(|_| resample()).collect()
    }

    pub(crate) fn interval(&self, score: f64, mut resampled: Vec<f64>) -> Interval {
        resampled.sort_unstable_by(f64::total_cmp);
        let outside = self.n_outside();
        Interval {
            score,
            mean: resampled.iter().sum::<f64>() / resampled.len() as f64,
            low: resampled[outside],
            high: resampled[resampled.len() - 1 - outside],
        }
    }

    /// How many resamples lie below the interval, and how many above it: less than half of them.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and half the resamples, after rounding down"
    )]
    fn n_outside(&self) -> usize {
        // 1 - .95 is a little more than .05: without the slack, 1000 / 40 would depend on such noise.
        let outside = (1.0 - self.confidence) / 2.0 * self.n_resamples as f64;
        ((outside + 1e-9) as usize).min((self.n_resamples - 1) / 2)
    }
}

#[inline]
pub(crate) fn total<'a, S: Copy + Default + AddAssign + 'a>(
    segments: impl Iterator<Item = &'a S>,
) -> S {
    let mut total = S::default();
    for segment in segments {
        total += *segment;
    }
    total
}
