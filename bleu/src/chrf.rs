//! chrF and chrF++ as sacrebleu 2.6 computes them (`sacrebleu/metrics/chrf.py`; Popović 2015, "chrF: character
//! n-gram F-score for automatic MT evaluation"; Popović 2017, "chrF++: words helping character n-grams").
//!
//! It differs from Popović's own program where an order has no n-grams: such an order is left out of the means
//! unless [`Chrf::eps_smoothing`] is asked for.

use std::borrow::Cow;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde::{Deserialize, Serialize};

use crate::corpus::segments;
use crate::error::Error;
use crate::overlap::{Overlap, n_ngrams};
use crate::sacrebleu::case;
use crate::signature::{References, Signature};
use crate::tokens::{Numbering, is_space, python_words};

/// The settings of chrF. By default those of sacrebleu: characters up to 6-grams, no words, recall twice as
/// important as precision.
///
/// With the means `P` and `R` of precision and recall over the orders of n-grams, the score is
/// `100 · (1 + β²) P R / (β² P + R)`, of counts summed over segments. A segment with several references has the
/// counts of the one that scores best. Equal to sacrebleu 2.6 on the golden set.
///
/// # Examples
///
/// ```
/// use bleu::{Chrf, References};
///
/// let refs = [["the cat is on the mat", "a cat sat on the rug today"]];
/// let chrf = Chrf::plus_plus();
/// assert_eq!(chrf.corpus(&["the cat sat on a mat"], &refs)?.to_string(), "chrF2++ = 44.07");
/// assert_eq!(
///     chrf.signature(References::of(&refs)).to_string(),
///     "nrefs:2|case:mixed|eff:yes|nc:6|nw:2|space:no|version:2.6.0"
/// );
/// # Ok::<(), bleu::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Chrf {
    /// The longest n-gram of characters, at most [`MAX_ORDER`](Self::MAX_ORDER).
    pub char_order: usize,
    /// The longest n-gram of words, at most [`MAX_ORDER`](Self::MAX_ORDER): 2 for chrF++.
    pub word_order: usize,
    /// How much more recall weighs than precision.
    pub beta: u32,
    /// Whether case makes no difference.
    pub lowercase: bool,
    /// Whether white space counts among the characters.
    pub whitespace: bool,
    /// Whether the score is the mean of each order's own, as in Popović's program, with 1e-16 for 0.
    pub eps_smoothing: bool,
}

impl Default for Chrf {
    fn default() -> Self {
        Self {
            char_order: 6,
            word_order: 0,
            beta: 2,
            lowercase: false,
            whitespace: false,
            eps_smoothing: false,
        }
    }
}

impl Chrf {
    /// The longest n-gram that can be asked for.
    pub const MAX_ORDER: usize = 6;

    /// chrF++: with words and pairs of words.
    pub fn plus_plus() -> Self {
        Self {
            word_order: 2,
            ..Self::default()
        }
    }

    /// The score of texts, each against its own list of references.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::NoReferences`], [`Error::EmptyCorpus`] or [`Error::InvalidOrder`].
    pub fn corpus<H, S, R>(&self, hyps: &[H], refs: &[S]) -> Result<ChrfScore, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        Ok(self.score(&self.segments(hyps, refs)?.iter().sum()))
    }

    /// The score of a single text.
    ///
    /// # Errors
    ///
    /// [`Error::NoReferences`] or [`Error::InvalidOrder`].
    pub fn sentence<R: AsRef<str>>(&self, hyp: &str, refs: &[R]) -> Result<ChrfScore, Error> {
        self.corpus(&[hyp], &[refs])
    }

    /// Counts each segment: what [`score`](Self::score) needs, and a bootstrap.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::NoReferences`], [`Error::EmptyCorpus`] or [`Error::InvalidOrder`].
    pub fn segments<H, S, R>(&self, hyps: &[H], refs: &[S]) -> Result<Vec<ChrfStats>, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        let (order, max_order) = (self.char_order.max(self.word_order), Self::MAX_ORDER);
        if !(1..=max_order).contains(&order) {
            return Err(Error::InvalidOrder { order, max_order });
        }
        let mut counter = Counter::new(*self);
        segments(hyps, refs, |hyp, refs| {
            counter.count(hyp.as_ref(), refs.as_ref())
        })
    }

    /// The score of counts, of one segment or summed.
    pub fn score(&self, stats: &ChrfStats) -> ChrfScore {
        ChrfScore {
            score: self.f_score(stats),
            beta: self.beta,
            word_order: self.word_order.min(Self::MAX_ORDER),
        }
    }

    fn order(&self) -> usize {
        self.char_order.saturating_add(self.word_order)
    }

    fn f_score(&self, stats: &ChrfStats) -> f64 {
        let orders = stats.orders.iter().take(self.order());
        if self.eps_smoothing {
            let sum: f64 = orders.map(|counts| self.smoothed(counts)).sum();
            return 100.0 * sum / self.order().max(1) as f64;
        }
        let (mut precision, mut recall, mut n_orders) = (0.0, 0.0, 0.0);
        for counts in orders.filter(|counts| counts.hyp > 0 && counts.reference > 0) {
            precision += counts.matches as f64 / counts.hyp as f64;
            recall += counts.matches as f64 / counts.reference as f64;
            n_orders += 1.0;
        }
        if precision + recall == 0.0 {
            return 0.0;
        }
        100.0 * self.f_measure(precision / n_orders, recall / n_orders)
    }

    fn smoothed(&self, counts: &OrderCounts) -> f64 {
        const EPSILON: f64 = 1e-16;
        let share = |total: u64| match total {
            0 => EPSILON,
            total => counts.matches as f64 / total as f64,
        };
        let (precision, recall) = (share(counts.hyp), share(counts.reference));
        if self.factor() * precision + recall > 0.0 {
            self.f_measure(precision, recall)
        } else {
            EPSILON
        }
    }

    fn f_measure(&self, precision: f64, recall: f64) -> f64 {
        (1.0 + self.factor()) * precision * recall / (self.factor() * precision + recall)
    }

    fn factor(&self) -> f64 {
        f64::from(self.beta) * f64::from(self.beta)
    }

    /// What makes the score reproducible.
    pub fn signature(&self, references: References) -> Signature {
        Signature::new(references)
            .with("case", "c", &case(self.lowercase))
            .with_flag("eff", "e", !self.eps_smoothing)
            .with("nc", "nc", &self.char_order)
            .with("nw", "nw", &self.word_order)
            .with_flag("space", "s", self.whitespace)
            .finish()
    }
}

/// The n-grams of one segment, or the sum over many: first those of characters, then those of words.
///
/// Adding is exact and order-free. Sums wrap around at 2^64 and never panic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ChrfStats {
    orders: [OrderCounts; 2 * Chrf::MAX_ORDER],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct OrderCounts {
    hyp: u64,
    reference: u64,
    matches: u64,
}

impl AddAssign for ChrfStats {
    fn add_assign(&mut self, other: Self) {
        for (counts, other) in self.orders.iter_mut().zip(&other.orders) {
            counts.hyp = counts.hyp.wrapping_add(other.hyp);
            counts.reference = counts.reference.wrapping_add(other.reference);
            counts.matches = counts.matches.wrapping_add(other.matches);
        }
    }
}

impl Add for ChrfStats {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl Sum for ChrfStats {
    fn sum<I: Iterator<Item = Self>>(segments: I) -> Self {
        segments.fold(Self::default(), Self::add)
    }
}

impl<'a> Sum<&'a Self> for ChrfStats {
    fn sum<I: Iterator<Item = &'a Self>>(segments: I) -> Self {
        segments.copied().sum()
    }
}

/// The chrF of a corpus or a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChrfScore {
    /// Between 0 and 100.
    pub score: f64,
    beta: u32,
    word_order: usize,
}

impl ChrfScore {
    /// The name of the metric with these settings: `chrF2`, `chrF2++` or alike.
    pub fn name(&self) -> String {
        format!("chrF{}{}", self.beta, "+".repeat(self.word_order))
    }
}

/// sacrebleu's line: `chrF2 = 40.71`.
impl fmt::Display for ChrfScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {:.2}", self.name(), self.score)
    }
}

/// Counts one segment after the other, in reused memory.
#[derive(Debug)]
struct Counter {
    settings: Chrf,
    chars: Overlap<{ Chrf::MAX_ORDER }>,
    words: Overlap<{ Chrf::MAX_ORDER }>,
    numbering: Numbering,
}

impl Counter {
    fn new(settings: Chrf) -> Self {
        Self {
            settings,
            chars: Overlap::new(),
            words: Overlap::new(),
            numbering: Numbering::new(),
        }
    }

    /// The counts of the reference that scores best, the first of equals. `None` without a reference.
    fn count<R: AsRef<str>>(&mut self, hyp: &str, refs: &[R]) -> Option<ChrfStats> {
        let hyp = self.prepared(hyp);
        let mut words = Vec::new();
        if self.settings.char_order > 0 {
            self.chars.start(chars(&hyp, self.settings.whitespace));
        }
        if self.settings.word_order > 0 {
            words = self.numbering.start(words_and_punctuation(&hyp));
            self.words.start(self.numbering.sequence().iter().copied());
        }
        let mut best: Option<(f64, ChrfStats)> = None;
        for reference in refs {
            let stats = self.compare(&words, &self.prepared(reference.as_ref()));
            let score = self.settings.f_score(&stats);
            if best.as_ref().is_none_or(|(best, _)| score > *best) {
                best = Some((score, stats));
            }
        }
        best.map(|(_, stats)| stats)
    }

    fn prepared<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.settings.lowercase {
            Cow::Owned(text.to_lowercase())
        } else {
            Cow::Borrowed(text)
        }
    }

    fn compare(&mut self, words: &[&str], reference: &str) -> ChrfStats {
        let mut stats = ChrfStats::default();
        let (of_chars, rest) = stats.orders.split_at_mut(self.settings.char_order);
        if !of_chars.is_empty() {
            let symbols = chars(reference, self.settings.whitespace);
            fill(of_chars, &mut self.chars, symbols);
        }
        let of_words = &mut rest[..self.settings.word_order];
        if !of_words.is_empty() {
            /// Stands for every word that the hypothesis does not have.
            const UNKNOWN: u32 = u32::MAX;
            let number = |word| self.numbering.get(words, word).unwrap_or(UNKNOWN);
            let symbols = words_and_punctuation(reference).map(number);
            fill(of_words, &mut self.words, symbols);
        }
        stats
    }
}

fn fill<const N: usize>(
    orders: &mut [OrderCounts],
    overlap: &mut Overlap<N>,
    symbols: impl Iterator<Item = u32>,
) {
    let (shared, ref_len) = overlap.with(symbols);
    for (idx, (counts, matches)) in orders.iter_mut().zip(shared).enumerate() {
        counts.reference = n_ngrams(ref_len, idx + 1);
        // Hypotheses are not blamed for n-grams that the reference is too short for.
        if counts.reference > 0 {
            counts.hyp = n_ngrams(overlap.len(), idx + 1);
        }
        counts.matches = matches;
    }
}

fn chars(text: &str, whitespace: bool) -> impl Iterator<Item = u32> {
    text.chars()
        .filter(move |&char| whitespace || !is_space(char))
        .map(u32::from)
}

/// The words of a text, with a punctuation mark at their end apart, or else one at their start.
fn words_and_punctuation(text: &str) -> impl Iterator<Item = &str> {
    python_words(text).flat_map(|word| {
        let (first, second) = split_punctuation(word);
        [first, second].into_iter().filter(|part| !part.is_empty())
    })
}

fn split_punctuation(word: &str) -> (&str, &str) {
    let is_mark = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_punctuation);
    let bytes = word.as_bytes();
    if is_mark(bytes.last()) {
        word.split_at(word.len() - 1)
    } else if is_mark(bytes.first()) {
        word.split_at(1)
    } else {
        (word, "")
    }
}
