//! CIDEr-D and plain `CIDEr` as `coco-caption` computes them (`pycocoevalcap` 1.2, `cider_scorer.py`), whose class named
//! `Cider` is CIDEr-D.
//!
//! They differ from Vedantam et al. (2015, arXiv:1411.5726): term frequencies are counts, not shares of a caption,
//! and a caption's length is its number of bigrams. A score lies between 0 and 10.

mod corpus;
mod entries;
mod frequency;
mod idf;
mod numbered;
mod partition;
mod segment;
mod spans;
mod vectors;

pub use frequency::DocumentFrequency;

use std::iter::once;
use std::ops::Range;

use self::corpus::Corpus;
use self::segment::Segment;
use self::spans::Spans;
use self::vectors::Vectors;
use crate::error::Error;
use crate::segment_scores::SegmentScores;
use crate::tokens::{Token, TokenId, python_words};

/// The longest n-gram.
const N: usize = 4;

/// CIDEr-D of each text against its own list of references, between 0 and 10.
///
/// How much an n-gram weighs depends on the references of all images, so one image alone has no score; see
/// [`Cider::words_given`] for frequencies that come from elsewhere.
///
/// # Errors
///
/// [`Error::LengthMismatch`], [`Error::NoReferences`] or [`Error::EmptyCorpus`]; [`Error::NoFrequencies`] where
/// the reference gives 0 to a single image and fails on references without words.
///
/// # Examples
///
/// ```
/// let hyps = ["a dog runs", "a cat sleeps on a bed", "birds fly high"];
/// let refs = [
///     vec!["a dog runs on grass", "the dog runs"],
///     vec!["a cat sleeps", "one cat sleeps on a bed"],
///     vec!["two birds fly"],
/// ];
/// let scores = bleu::cider_d(&hyps, &refs)?;
/// assert!((scores.mean() - 4.298_422_743_516_093).abs() < 1e-12);
/// # Ok::<(), bleu::Error>(())
/// ```
pub fn cider_d<H, S, R>(hyps: &[H], refs: &[S]) -> Result<SegmentScores, Error>
where
    H: AsRef<str>,
    S: AsRef<[R]>,
    R: AsRef<str>,
{
    Cider::d().words(hyps, refs)
}

/// How similar captions are when rare n-grams weigh more than common ones.
///
/// # Examples
///
/// Rewards of sampled captions, with frequencies that were learned once:
///
/// ```
/// use bleu::{Cider, DocumentFrequency};
///
/// let train = [vec!["a dog runs"], vec!["a cat sleeps"], vec!["two birds fly"]];
/// let frequency = DocumentFrequency::of_words(&train)?;
/// let rewards = Cider::d().words_given(&frequency, &["a dog runs"], &[["the dog runs"]])?;
/// assert!(rewards.as_slice()[0] > 3.0);
/// # Ok::<(), bleu::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cider {
    /// The deviation of the Gaussian that lengths may differ by; without one, counts are not clipped either.
    sigma: Option<f64>,
}

impl Cider {
    /// CIDEr-D, the one that captioning papers report: clipped counts, and a Gaussian of deviation 6 on the
    /// difference in length.
    pub fn d() -> Self {
        Self { sigma: Some(6.0) }
    }

    /// `CIDEr` as first published: the cosine of each order.
    pub fn plain() -> Self {
        Self { sigma: None }
    }

    /// CIDEr-D with another deviation.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidSigma`] unless it is above 0.
    pub fn d_with_sigma(sigma: f64) -> Result<Self, Error> {
        if sigma > 0.0 {
            Ok(Self { sigma: Some(sigma) })
        } else {
            Err(Error::InvalidSigma { sigma })
        }
    }

    pub(crate) fn sigma(self) -> Option<f64> {
        self.sigma
    }

    /// Scores texts with the frequencies of their own references.
    ///
    /// # Errors
    ///
    /// As [`cider_d`].
    pub fn words<H, S, R>(self, hyps: &[H], refs: &[S]) -> Result<SegmentScores, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        SegmentScores::check(hyps, refs, |refs| refs.as_ref().len())?;
        let segments = hyps.iter().zip(refs).map(|(hyp, refs)| {
            let refs = refs.as_ref().iter().map(R::as_ref);
            refs.chain(once(hyp.as_ref())).map(python_words)
        });
        Ok(SegmentScores::new(Corpus::read(segments).scores(self)?))
    }

    /// Scores token ids with the frequencies of their own references.
    ///
    /// # Errors
    ///
    /// As [`cider_d`].
    pub fn ids<T, H, S, R>(self, hyps: &[H], refs: &[S]) -> Result<SegmentScores, Error>
    where
        T: TokenId,
        H: AsRef<[T]>,
        S: AsRef<[R]>,
        R: AsRef<[T]>,
    {
        SegmentScores::check(hyps, refs, |refs| refs.as_ref().len())?;
        let segments = hyps.iter().zip(refs).map(|(hyp, refs)| {
            let refs = refs.as_ref().iter().map(R::as_ref);
            let texts = refs.chain(once(hyp.as_ref()));
            texts.map(|ids| ids.iter().map(|id| id.widen()))
        });
        Ok(SegmentScores::new(Corpus::read(segments).scores(self)?))
    }

    /// Scores texts with given frequencies; one image is enough then.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::NoReferences`] or [`Error::EmptyCorpus`].
    pub fn words_given<H, S, R>(
        self,
        frequency: &DocumentFrequency,
        hyps: &[H],
        refs: &[S],
    ) -> Result<SegmentScores, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        let mut segment = Segment::new();
        SegmentScores::of(hyps, refs, |hyp, refs| {
            let refs = refs.as_ref().iter().map(|text| python_words(text.as_ref()));
            self.segment(frequency, &mut segment, python_words(hyp.as_ref()), refs)
        })
    }

    /// Scores token ids with given frequencies; one image is enough then.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::NoReferences`] or [`Error::EmptyCorpus`].
    pub fn ids_given<T, H, S, R>(
        self,
        frequency: &DocumentFrequency<u64>,
        hyps: &[H],
        refs: &[S],
    ) -> Result<SegmentScores, Error>
    where
        T: TokenId,
        H: AsRef<[T]>,
        S: AsRef<[R]>,
        R: AsRef<[T]>,
    {
        let mut segment = Segment::new();
        SegmentScores::of(hyps, refs, |hyp, refs| {
            let widened = |ids: &[T]| -> Vec<u64> { ids.iter().map(|id| id.widen()).collect() };
            let refs = refs.as_ref().iter().map(|ids| widened(ids.as_ref()));
            self.segment(frequency, &mut segment, widened(hyp.as_ref()), refs)
        })
    }

    /// `None` without a reference.
    fn segment<T, W, R>(
        self,
        frequency: &DocumentFrequency<W>,
        segment: &mut Segment,
        hyp: R,
        refs: impl Iterator<Item = R>,
    ) -> Option<f64>
    where
        T: Token + PartialEq<W>,
        R: IntoIterator<Item = T>,
    {
        segment.read(frequency, refs.chain(once(hyp)));
        let (vectors, texts) = segment.vectors();
        let (refs, hyp) = texts.refs_and_hyp();
        self.score(vectors, hyp, refs)
    }

    /// The score of a segment whose texts are spans of words. `None` without a reference.
    fn score(self, vectors: Vectors<'_>, hyp: Range<usize>, refs: Spans<'_>) -> Option<f64> {
        let (mut sums, mut n_refs) = ([0.0; N], 0.0);
        for similarity in vectors.similarities(hyp, refs, self.sigma.is_some()) {
            let lengths = self
                .sigma
                .map_or(1.0, |sigma| gaussian(similarity.n_bigrams_more, sigma));
            for (sum, cosine) in sums.iter_mut().zip(similarity.cosines) {
                *sum += cosine * lengths;
            }
            n_refs += 1.0;
        }
        let mean = sums.iter().sum::<f64>() / N as f64;
        (n_refs > 0.0).then(|| mean / n_refs * 10.0)
    }
}

fn gaussian(delta: f64, sigma: f64) -> f64 {
    (-(delta * delta) / (2.0 * sigma * sigma)).exp()
}
