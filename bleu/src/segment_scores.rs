//! Metrics whose corpus score is the mean over its segments.

use serde::{Deserialize, Serialize};

use crate::bootstrap::{Bootstrap, Interval};
use crate::error::Error;
use crate::mean::Mean;

/// One score for each segment of a corpus that has at least one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SegmentScores(Vec<f64>);

impl SegmentScores {
    pub(crate) fn new(scores: Vec<f64>) -> Self {
        Self(scores)
    }

    /// Scores each hypothesis against its references.
    pub(crate) fn of<H, S>(
        hyps: &[H],
        refs: &[S],
        mut score: impl FnMut(&H, &S) -> Option<f64>,
    ) -> Result<Self, Error> {
        Self::check(hyps, refs, |_| 1)?;
        let score_at =
            |(segment, (hyp, refs))| score(hyp, refs).ok_or(Error::NoReferences { segment });
        let scores: Result<_, Error> = hyps.iter().zip(refs).enumerate().map(score_at).collect();
        Ok(Self(scores?))
    }

    /// Whether there are two sides of the same length, each hypothesis with a reference.
    pub(crate) fn check<H, S>(
        hyps: &[H],
        refs: &[S],
        n_refs: impl Fn(&S) -> usize,
    ) -> Result<(), Error> {
        if hyps.len() != refs.len() {
            return Err(Error::LengthMismatch {
                hyps: hyps.len(),
                refs: refs.len(),
            });
        }
        if hyps.is_empty() {
            return Err(Error::EmptyCorpus);
        }
        match refs.iter().position(|refs| n_refs(refs) == 0) {
            Some(segment) => Err(Error::NoReferences { segment }),
            None => Ok(()),
        }
    }

    /// The score of each segment, in order.
    pub fn as_slice(&self) -> &[f64] {
        &self.0
    }

    /// The score of the corpus.
    pub fn mean(&self) -> f64 {
        let [mean] = self.means().sum::<Mean>().value();
        mean
    }

    /// How far the mean would move with other segments of the same kind.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidBootstrap`], or [`Error::EmptyCorpus`] for scores that were read from an empty list.
    pub fn interval(&self, bootstrap: &Bootstrap) -> Result<Interval, Error> {
        let segments: Vec<Mean> = self.means().collect();
        let [interval] = bootstrap.intervals(&segments, Mean::value)?;
        Ok(interval)
    }

    fn means(&self) -> impl Iterator<Item = Mean> {
        self.0.iter().map(|&score| Mean::of([score]))
    }
}
