//! Scores over segments that arrive one by one, on one thread or on many.

use crate::bleu::Bleu;
use crate::bootstrap::{Bootstrap, Interval};
use crate::counter::Counter;
use crate::error::Error;
use crate::score::BleuScore;
use crate::stats::BleuStats;
use crate::tokens::TokenId;

/// Counted segments of a corpus, and the memory to count more. Texts and ids are not kept.
///
/// # Examples
///
/// ```
/// use bleu::{Bleu, Bootstrap};
///
/// let mut first = Bleu::coco().accumulator();
/// first.push("a dog runs", &["a dog runs on grass", "the dog runs"])?;
/// let mut second = Bleu::coco().accumulator();
/// second.push_ids(&[4_i64, 9, 7], &[vec![4, 9, 7, 2], vec![5, 9]])?;
///
/// first.merge(second)?;
/// assert_eq!(first.score()?.n_segments, 2);
/// let [.., bleu4] = first.intervals(&Bootstrap::default())?;
/// assert!(bleu4.low <= bleu4.high);
/// # Ok::<(), bleu::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Accumulator {
    metric: Bleu,
    counter: Counter,
    segments: Vec<BleuStats>,
}

impl Accumulator {
    /// No segment yet.
    pub fn new(metric: Bleu) -> Self {
        Self {
            metric,
            counter: Counter::new(),
            segments: Vec::new(),
        }
    }

    /// Adds a hypothesis and its references, split into [`python_words`](crate::python_words).
    ///
    /// # Errors
    ///
    /// [`Error::NoReferences`], unless the metric skips such a segment. Nothing is added then.
    pub fn push<R: AsRef<str>>(&mut self, hyp: &str, refs: &[R]) -> Result<(), Error> {
        let counted = self.metric.count_words(&mut self.counter, hyp, refs);
        self.push_counted(counted)
    }

    /// Adds a hypothesis and its references as token ids.
    ///
    /// # Errors
    ///
    /// [`Error::NoReferences`], unless the metric skips such a segment. Nothing is added then.
    pub fn push_ids<T: TokenId, R: AsRef<[T]>>(
        &mut self,
        hyp: &[T],
        refs: &[R],
    ) -> Result<(), Error> {
        let counted = self.metric.count_ids(&mut self.counter, hyp, refs);
        self.push_counted(counted)
    }

    fn push_counted(&mut self, counted: Option<BleuStats>) -> Result<(), Error> {
        if counted.is_none() && !self.metric.skips_unreferenced() {
            return Err(Error::NoReferences {
                segment: self.segments.len(),
            });
        }
        self.segments.extend(counted);
        Ok(())
    }

    /// Takes up the segments of `other` after its own.
    ///
    /// # Errors
    ///
    /// [`Error::MetricMismatch`] if `other` counts for another metric. Nothing is added then.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        if self.metric != other.metric {
            return Err(Error::MetricMismatch {
                ours: self.metric,
                theirs: other.metric,
            });
        }
        self.segments.extend(other.segments);
        Ok(())
    }

    /// The score of all segments so far.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyCorpus`]
    pub fn score(&self) -> Result<BleuScore, Error> {
        self.metric.score(&self.segments)
    }

    /// How far the scores would move with other segments of the same kind.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyCorpus`] or [`Error::InvalidBootstrap`].
    pub fn intervals(&self, bootstrap: &Bootstrap) -> Result<[Interval; 4], Error> {
        self.metric.intervals(&self.segments, bootstrap)
    }

    /// BLEU-1 to BLEU-4 of each segment, in the order of arrival.
    pub fn segment_scores(&self) -> impl ExactSizeIterator<Item = [f64; 4]> {
        self.segments.iter().map(|stats| self.metric.segment(stats))
    }

    /// The counts of each segment, in the order of arrival.
    pub fn segments(&self) -> &[BleuStats] {
        &self.segments
    }
}
