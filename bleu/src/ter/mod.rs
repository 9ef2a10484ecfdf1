//! TER as sacrebleu 2.6 computes it (`sacrebleu/metrics/ter.py`; Snover et al. 2006, "A Study of Translation Edit
//! Rate with Targeted Human Annotation").
//!
//! The fewest edits are hard to find, so that every implementation has limits of its own; these are sacrebleu's.

mod distance;
mod shift;

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde::{Deserialize, Serialize};

use crate::corpus::segments;
use crate::error::Error;
use crate::signature::{References, Signature};
use crate::tokens::{Numbering, is_space, tercom_words};
use shift::Editor;

/// The settings of TER, the rate of words to insert, delete, substitute or move in blocks until a text is its
/// reference. By default those of sacrebleu: in lower case, words between white space.
///
/// The score is `100 · Σ edits / Σ length`: edits to the reference that is reached with the fewest, and the mean
/// length of all references. Lower is better. Equal to sacrebleu 2.6 on the golden set.
///
/// # Examples
///
/// ```
/// use bleu::{References, Ter};
///
/// let refs = [["the cat is on the mat", "a cat sat on the rug today"]];
/// let ter = Ter::default();
/// assert_eq!(ter.corpus(&["the cat sat on a mat"], &refs)?.to_string(), "TER = 30.77");
/// assert_eq!(
///     ter.signature(References::of(&refs)).to_string(),
///     "nrefs:2|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:2.6.0"
/// );
/// # Ok::<(), bleu::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the four switches of the reference, independent of each other"
)]
pub struct Ter {
    /// Whether punctuation is cut off words, and entities are decoded.
    pub normalized: bool,
    /// Whether punctuation is dropped.
    pub no_punct: bool,
    /// Whether the two above know Chinese and Japanese writing.
    pub asian_support: bool,
    /// Whether case makes a difference.
    pub case_sensitive: bool,
}

impl Ter {
    /// The text as it is cut into words: these stand between single spaces.
    pub fn words(self, text: &str) -> String {
        tercom_words(self, text.trim_end_matches(is_space))
    }

    /// The score of texts, each against its own list of references.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::NoReferences`] or [`Error::EmptyCorpus`].
    pub fn corpus<H, S, R>(self, hyps: &[H], refs: &[S]) -> Result<TerScore, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        let stats: TerStats = self.segments(hyps, refs)?.iter().sum();
        Ok(stats.score())
    }

    /// The score of a single text.
    ///
    /// # Errors
    ///
    /// [`Error::NoReferences`]
    pub fn sentence<R: AsRef<str>>(self, hyp: &str, refs: &[R]) -> Result<TerScore, Error> {
        self.corpus(&[hyp], &[refs])
    }

    /// Counts the edits of each segment: what [`TerStats::score`] needs, and a bootstrap.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::NoReferences`] or [`Error::EmptyCorpus`].
    pub fn segments<H, S, R>(self, hyps: &[H], refs: &[S]) -> Result<Vec<TerStats>, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        let mut counter = Counter {
            settings: self,
            numbering: Numbering::new(),
            editor: Editor::default(),
            reference: Vec::new(),
        };
        segments(hyps, refs, |hyp, refs| {
            counter.count(hyp.as_ref(), refs.as_ref())
        })
    }

    /// What makes the score reproducible.
    pub fn signature(self, references: References) -> Signature {
        let case = if self.case_sensitive { "mixed" } else { "lc" };
        Signature::new(references)
            .with("case", "c", &case)
            .with("tok", "t", &"tercom")
            .with_flag("norm", "nr", self.normalized)
            .with_flag("punct", "pn", !self.no_punct)
            .with_flag("asian", "as", self.asian_support)
            .finish()
    }
}

/// The edits of one segment, or the sum over many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TerStats {
    /// Edits to the reference that is reached with the fewest.
    pub edits: u64,
    /// The mean length of the references.
    pub ref_len: f64,
}

impl TerStats {
    /// The score of these edits. Edits without a word of reference score 100.
    pub fn score(&self) -> TerScore {
        let rate = if self.ref_len > 0.0 {
            self.edits as f64 / self.ref_len
        } else {
            f64::from(u8::from(self.edits > 0))
        };
        TerScore {
            score: 100.0 * rate,
            edits: self.edits,
            ref_len: self.ref_len,
        }
    }
}

impl AddAssign for TerStats {
    fn add_assign(&mut self, other: Self) {
        self.edits = self.edits.wrapping_add(other.edits);
        self.ref_len += other.ref_len;
    }
}

impl Add for TerStats {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl Sum for TerStats {
    fn sum<I: Iterator<Item = Self>>(segments: I) -> Self {
        segments.fold(Self::default(), Self::add)
    }
}

impl<'a> Sum<&'a Self> for TerStats {
    fn sum<I: Iterator<Item = &'a Self>>(segments: I) -> Self {
        segments.copied().sum()
    }
}

/// The TER of a corpus or a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TerScore {
    /// Edits for 100 words of the references: 0 is perfect, and more than 100 is possible.
    pub score: f64,
    /// All edits.
    pub edits: u64,
    /// The mean lengths of the references, added up.
    pub ref_len: f64,
}

/// sacrebleu's line: `TER = 30.77`.
impl fmt::Display for TerScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TER = {:.2}", self.score)
    }
}

/// Counts one segment after the other, in reused memory.
#[derive(Debug)]
struct Counter {
    settings: Ter,
    numbering: Numbering,
    editor: Editor,
    reference: Vec<u32>,
}

impl Counter {
    /// `None` without a reference.
    fn count<R: AsRef<str>>(&mut self, hyp: &str, refs: &[R]) -> Option<TerStats> {
        /// Stands for every word that the hypothesis does not have.
        const UNKNOWN: u32 = u32::MAX;
        let hyp = self.settings.words(hyp);
        let words = self.numbering.start(hyp.split_ascii_whitespace());
        let mut n_words = 0;
        let edits = refs.iter().map(|reference| {
            let reference = self.settings.words(reference.as_ref());
            let number = |word| self.numbering.get(&words, word).unwrap_or(UNKNOWN);
            self.reference.clear();
            self.reference
                .extend(reference.split_ascii_whitespace().map(number));
            n_words += self.reference.len();
            let hyp = self.numbering.sequence();
            self.editor.count(hyp, &self.reference, words.len())
        });
        let edits = edits.min()?;
        Some(TerStats {
            edits,
            ref_len: n_words as f64 / refs.len() as f64,
        })
    }
}
