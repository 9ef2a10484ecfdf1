//! ROUGE-N, ROUGE-L and ROUGE-Lsum as Google's `rouge-score` 0.1.2 computes them (Lin 2004, "ROUGE: A Package for
//! Automatic Evaluation of Summaries").
//!
//! It differs from Lin's Perl program by its words, runs of `a` to `z` and digits, and by scoring each reference
//! alone: the one with the best F1 counts. coco-caption's [`rouge_l`](crate::rouge_l) is another metric.

use serde::{Deserialize, Serialize};

use crate::corpus::segments;
use crate::error::Error;
use crate::overlap::{Overlap, n_ngrams};
use crate::porter::stem;
use crate::rouge::Subsequences;
use crate::summary::summary_hits;
use crate::tokens::Numbering;

/// The settings of `rouge_scorer.RougeScorer`.
///
/// # Examples
///
/// ```
/// use bleu::RougeScorer;
///
/// let scorer = RougeScorer { stemming: true };
/// let scores = scorer.segment("a dog is running", &["the dogs run", "a horse"])?;
/// assert_eq!(scores.rouge_n[0].recall, 2.0 / 3.0);
/// assert_eq!(scores.rouge_l.precision, 0.5);
/// # Ok::<(), bleu::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RougeScorer {
    /// Whether words of more than three letters lose their endings, by Porter's rules as NLTK extends them.
    pub stemming: bool,
}

/// How much of a reference a text covers, and how much of the text that is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RougeScore {
    /// The share of the hypothesis that is in the reference.
    pub precision: f64,
    /// The share of the reference that is in the hypothesis.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
}

/// Every ROUGE of a segment, each of the reference that scores best by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RougeScores {
    /// `rouge_n[n - 1]` compares n-grams.
    pub rouge_n: [RougeScore; RougeScorer::MAX_ORDER],
    /// Compares by the longest common subsequence.
    pub rouge_l: RougeScore,
    /// Compares each line of the reference by the union of its longest common subsequences with all lines of the
    /// hypothesis. Equals `rouge_l` for texts of one line.
    pub rouge_lsum: RougeScore,
}

impl RougeScore {
    fn new(common: u64, hyp_len: u64, ref_len: u64) -> Self {
        let precision = common as f64 / hyp_len.max(1) as f64;
        let recall = common as f64 / ref_len.max(1) as f64;
        let f1 = if precision + recall > 0.0 {
            2.0 * precision * recall / (precision + recall)
        } else {
            0.0
        };
        Self {
            precision,
            recall,
            f1,
        }
    }

    /// Keeps the better one, the first of equals.
    fn improve(&mut self, other: Self) {
        if other.f1 > self.f1 {
            *self = other;
        }
    }
}

impl RougeScorer {
    /// The longest n-gram that is compared.
    pub const MAX_ORDER: usize = 3;

    /// The words of a text, each followed by a space but the last.
    pub fn words(self, text: &str) -> String {
        let lower = text.to_lowercase();
        let mut words = String::with_capacity(lower.len());
        for word in lower.split(|char: char| !matches!(char, 'a'..='z' | '0'..='9')) {
            if word.is_empty() {
                continue;
            }
            if !words.is_empty() {
                words.push(' ');
            }
            if self.stemming && word.len() > 3 {
                words.push_str(&stem(word));
            } else {
                words.push_str(word);
            }
        }
        words
    }

    /// Scores texts, each against its own list of references.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::NoReferences`] or [`Error::EmptyCorpus`].
    pub fn segments<H, S, R>(self, hyps: &[H], refs: &[S]) -> Result<Vec<RougeScores>, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        let mut comparison = Comparison::new(self);
        segments(hyps, refs, |hyp, refs| {
            comparison.score(hyp.as_ref(), refs.as_ref())
        })
    }

    /// Scores a single text.
    ///
    /// # Errors
    ///
    /// [`Error::NoReferences`]
    pub fn segment<R: AsRef<str>>(self, hyp: &str, refs: &[R]) -> Result<RougeScores, Error> {
        let scored = Comparison::new(self).score(hyp, refs);
        scored.ok_or(Error::NoReferences { segment: 0 })
    }
}

/// Compares one segment after the other, in reused memory.
#[derive(Debug)]
struct Comparison {
    scorer: RougeScorer,
    numbering: Numbering,
    ngrams: Overlap<{ RougeScorer::MAX_ORDER }>,
    subsequences: Subsequences,
}

impl Comparison {
    fn new(scorer: RougeScorer) -> Self {
        Self {
            scorer,
            numbering: Numbering::new(),
            ngrams: Overlap::new(),
            subsequences: Subsequences::new(),
        }
    }

    /// `None` without a reference.
    fn score<R: AsRef<str>>(&mut self, hyp: &str, refs: &[R]) -> Option<RougeScores> {
        let words = self.scorer.words(hyp);
        let numbered = self.numbering.start(words.split_ascii_whitespace());
        self.ngrams.start(self.numbering.sequence().iter().copied());
        let positioned = self.subsequences.start(words.split_ascii_whitespace());
        let mut best: Option<RougeScores> = None;
        for reference in refs {
            let ref_words = self.scorer.words(reference.as_ref());
            let best = best.get_or_insert_default();
            self.compare_ngrams(&numbered, &ref_words, &mut best.rouge_n);
            let by_order = self.longest(&positioned, &ref_words);
            best.rouge_l.improve(by_order);
            let one_line = !hyp.contains('\n') && !reference.as_ref().contains('\n');
            best.rouge_lsum.improve(if one_line {
                by_order
            } else {
                self.summary(hyp, reference.as_ref())
            });
        }
        best
    }

    fn compare_ngrams(&mut self, words: &[&str], reference: &str, best: &mut [RougeScore]) {
        /// Stands for every word that the hypothesis does not have.
        const UNKNOWN: u32 = u32::MAX;
        let number = |word| self.numbering.get(words, word).unwrap_or(UNKNOWN);
        let symbols = reference.split_ascii_whitespace().map(number);
        let (shared, ref_len) = self.ngrams.with(symbols);
        for (order, (best, common)) in (1..).zip(best.iter_mut().zip(shared)) {
            let hyp_ngrams = n_ngrams(self.ngrams.len(), order);
            best.improve(RougeScore::new(
                common,
                hyp_ngrams,
                n_ngrams(ref_len, order),
            ));
        }
    }

    fn longest(&mut self, words: &[&str], reference: &str) -> RougeScore {
        let tokens = reference.split_ascii_whitespace();
        let (common, ref_len) = self.subsequences.longest(words, tokens);
        let hyp_len = self.subsequences.len() as u64;
        RougeScore::new(common.into(), hyp_len, ref_len as u64)
    }

    fn summary(&self, hyp: &str, reference: &str) -> RougeScore {
        let lines = |text: &str| -> Vec<String> {
            text.split('\n')
                .map(|line| self.scorer.words(line))
                .collect()
        };
        let (hyp, reference) = (lines(hyp), lines(reference));
        let n_words = |lines: &[String]| -> u64 {
            let words = lines.iter().flat_map(|line| line.split_ascii_whitespace());
            words.count() as u64
        };
        let hits = summary_hits(&hyp, &reference);
        RougeScore::new(hits, n_words(&hyp), n_words(&reference))
    }
}
