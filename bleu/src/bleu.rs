//! [`Bleu`]: which implementation's BLEU is meant.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::accumulator::Accumulator;
use crate::bootstrap::{Bootstrap, Interval};
use crate::coco::closest_bleu;
use crate::counter::Counter;
use crate::error::Error;
use crate::lemur;
use crate::mean::Mean;
use crate::nltk::{Smoothing, Weights, nltk_bleu};
use crate::score::BleuScore;
use crate::stats::BleuStats;
use crate::tokens::TokenId;

/// A BLEU as one of its implementations defines it: two of them never agree on the same captions.
///
/// | | corpus score | reference length | an order without match |
/// | --- | --- | --- | --- |
/// | [`coco`](Self::coco) | of summed counts | closest, shorter of a tie | next to 0 |
/// | [`nltk`](Self::nltk) | of summed counts | likewise | as smoothed |
/// | [`lemur`](Self::lemur) | mean of sentence scores | likewise | 0.1 matches |
///
/// # Examples
///
/// ```
/// use bleu::Bleu;
///
/// let hyps = ["a dog runs", "a cat sleeps on a bed", "birds fly high"];
/// let refs = [
///     vec!["a dog runs on grass", "the dog runs"],
///     vec!["a cat sleeps", "one cat sleeps on a bed"],
///     vec!["two birds fly"],
/// ];
/// let score = Bleu::coco().words(&hyps, &refs)?;
/// assert_eq!(score.bleu[3], 0.800937137839122);
/// assert_eq!(score.to_string(), "BLEU-1..4 (coco) 83.33 86.07 85.15 80.09");
/// # Ok::<(), bleu::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bleu(Preset);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Preset {
    Coco,
    Nltk(Smoothing),
    Lemur,
}

impl Bleu {
    /// Corpus BLEU of `coco-caption`, the one that captioning papers report. It expects tokenised words.
    pub fn coco() -> Self {
        Self(Preset::Coco)
    }

    /// `corpus_bleu` of NLTK with the same weight for each order.
    pub fn nltk(smoothing: Smoothing) -> Self {
        Self(Preset::Nltk(smoothing))
    }

    /// LEMUR's metric: the mean over images of NLTK's `sentence_bleu` with
    /// [`Method1`](Smoothing::Method1).
    ///
    /// Id 0 is padding and dropped wherever it stands; start and end tokens count as words. Empty references
    /// are dropped, and an image without any other is skipped.
    pub fn lemur() -> Self {
        Self(Preset::Lemur)
    }

    /// A score over segments that arrive one by one.
    pub fn accumulator(self) -> Accumulator {
        Accumulator::new(self)
    }

    /// Scores texts, each against its own list of references. Words are those of
    /// [`python_words`](crate::python_words): texts that people wrote go through
    /// [`ptb_words`](crate::ptb_words) first.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::NoReferences`] or [`Error::EmptyCorpus`].
    pub fn words<H, S, R>(self, hyps: &[H], refs: &[S]) -> Result<BleuScore, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        self.corpus(hyps, refs, |accumulator, hyp, refs| {
            accumulator.push(hyp.as_ref(), refs.as_ref())
        })
    }

    /// Scores token ids, each sequence against its own list of references.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::NoReferences`] or [`Error::EmptyCorpus`].
    pub fn ids<T, H, S, R>(self, hyps: &[H], refs: &[S]) -> Result<BleuScore, Error>
    where
        T: TokenId,
        H: AsRef<[T]>,
        S: AsRef<[R]>,
        R: AsRef<[T]>,
    {
        self.corpus(hyps, refs, |accumulator, hyp, refs| {
            accumulator.push_ids(hyp.as_ref(), refs.as_ref())
        })
    }

    fn corpus<H, S>(
        self,
        hyps: &[H],
        refs: &[S],
        mut push: impl FnMut(&mut Accumulator, &H, &S) -> Result<(), Error>,
    ) -> Result<BleuScore, Error> {
        if hyps.len() != refs.len() {
            return Err(Error::LengthMismatch {
                hyps: hyps.len(),
                refs: refs.len(),
            });
        }
        let mut accumulator = self.accumulator();
        for (hyp, refs) in hyps.iter().zip(refs) {
            push(&mut accumulator, hyp, refs)?;
        }
        accumulator.score()
    }

    /// BLEU-1 to BLEU-4 of one segment; of a corpus if that is a function of its summed counts, which
    /// [`lemur`](Self::lemur)'s is not.
    pub fn segment(self, stats: &BleuStats) -> [f64; 4] {
        match self.0 {
            Preset::Coco => closest_bleu(stats),
            Preset::Nltk(smoothing) => {
                std::array::from_fn(|idx| nltk_bleu(stats, &Weights::uniform(idx + 1), smoothing))
            }
            Preset::Lemur => lemur::lemur_bleu(stats),
        }
    }

    /// The score of a corpus whose segments were counted before.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyCorpus`]
    pub fn score(self, segments: &[BleuStats]) -> Result<BleuScore, Error> {
        if segments.is_empty() {
            return Err(Error::EmptyCorpus);
        }
        let stats = segments.iter().sum();
        let bleu = match self.0 {
            Preset::Coco | Preset::Nltk(_) => self.segment(&stats),
            Preset::Lemur => self.means(segments).sum::<Mean<4>>().value(),
        };
        Ok(BleuScore {
            metric: self,
            bleu,
            n_segments: segments.len(),
            stats,
        })
    }

    /// How far BLEU-1 to BLEU-4 would move with other segments of the same kind.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyCorpus`] or [`Error::InvalidBootstrap`].
    pub fn intervals(
        self,
        segments: &[BleuStats],
        bootstrap: &Bootstrap,
    ) -> Result<[Interval; 4], Error> {
        match self.0 {
            Preset::Coco | Preset::Nltk(_) => {
                bootstrap.intervals(segments, |stats| self.segment(stats))
            }
            Preset::Lemur => {
                let scores: Vec<Mean<4>> = self.means(segments).collect();
                bootstrap.intervals(&scores, Mean::value)
            }
        }
    }

    fn means(self, segments: &[BleuStats]) -> impl Iterator<Item = Mean<4>> {
        segments
            .iter()
            .map(move |stats| Mean::of(self.segment(stats)))
    }

    /// Counts a segment of words as this metric reads it.
    pub(crate) fn count_words<R: AsRef<str>>(
        self,
        counter: &mut Counter,
        hyp: &str,
        refs: &[R],
    ) -> Option<BleuStats> {
        match self.0 {
            Preset::Coco | Preset::Nltk(_) => counter.words(hyp, refs),
            Preset::Lemur => lemur::count_words(counter, hyp, refs),
        }
    }

    /// Counts a segment of ids as this metric reads it.
    pub(crate) fn count_ids<T: TokenId, R: AsRef<[T]>>(
        self,
        counter: &mut Counter,
        hyp: &[T],
        refs: &[R],
    ) -> Option<BleuStats> {
        match self.0 {
            Preset::Coco | Preset::Nltk(_) => counter.ids(hyp, refs),
            Preset::Lemur => lemur::count_ids(counter, hyp, refs),
        }
    }

    /// Whether a corpus score is the mean of its segments' rather than a function of their counts.
    pub(crate) fn is_mean(self) -> bool {
        self.0 == Preset::Lemur
    }

    /// Whose scores these are.
    pub(crate) fn version(self) -> &'static str {
        match self.0 {
            Preset::Coco => "pycocoevalcap-1.2",
            Preset::Nltk(_) => "nltk-3.10",
            Preset::Lemur => "nn-dataset-2.1.2",
        }
    }

    /// Whether a segment without a reference is left out rather than an error.
    pub(crate) fn skips_unreferenced(self) -> bool {
        self.0 == Preset::Lemur
    }
}

impl fmt::Display for Bleu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Preset::Coco => f.write_str("coco"),
            Preset::Nltk(smoothing) => write!(f, "nltk-{}", smoothing.name()),
            Preset::Lemur => f.write_str("lemur"),
        }
    }
}
