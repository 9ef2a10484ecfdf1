//! BLEU as sacrebleu 2.6 computes it (`sacrebleu/metrics/bleu.py`; Post 2018, "A Call for Clarity in Reporting
//! BLEU Scores").
//!
//! It tokenises by itself, so that scores of raw text compare, and scales to 100. It differs from Papineni et al.
//! (2002) where an order has no match: such an order is smoothed, unless the corpus matches nothing at all.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::corpus::segments;
use crate::counter::Counter;
use crate::error::Error;
use crate::signature::{References, Signature};
use crate::stats::BleuStats;
use crate::tokens::{Tokenizer, is_space};

/// The settings of sacrebleu's BLEU. By default those of its command line: mixed case, tokenizer `13a`,
/// exponential smoothing, n-grams up to order 4.
///
/// With matches `c_k` of `g_k` k-grams, hypotheses of `h` words and closest references of `r`, the score is
/// `100 · exp(min(0, 1 - r / h)) · exp(Σ ln(c_k / g_k) / N)`. Equal to sacrebleu 2.6 on the golden set.
///
/// # Examples
///
/// ```
/// use bleu::{References, SacreBleu};
///
/// let bleu = SacreBleu::default();
/// let refs = [["the cat is on the mat", "a cat sat on the rug today"]];
/// let score = bleu.corpus(&["the cat sat on a mat"], &refs)?;
/// assert_eq!(
///     score.line(&bleu.signature(References::of(&refs))),
///     "BLEU|nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0 = 39.76 100.0/60.0/25.0/16.7 \
///      (BP = 1.000 ratio = 1.000 hyp_len = 6 ref_len = 6)"
/// );
/// # Ok::<(), bleu::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SacreBleu {
    /// Whether case makes no difference.
    pub lowercase: bool,
    /// How texts become words.
    pub tokenizer: Tokenizer,
    /// What becomes of an order without a match.
    pub smoothing: SacreSmoothing,
    /// Whether orders that the hypotheses are too short for are left out, as for single sentences they should.
    pub effective_order: bool,
    /// The longest n-gram: between 1 and [`MAX_ORDER`](Self::MAX_ORDER).
    pub max_order: usize,
}

/// How sacrebleu smooths (Chen and Cherry 2014).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SacreSmoothing {
    /// The j-th order without a match has 2^-j of one, as in NIST's `mteval-v13a.pl`.
    #[default]
    Exp,
    /// An order without a match has this much of one; sacrebleu's default is 0.1.
    Floor(f64),
    /// This many matches and n-grams more, from bigrams on; sacrebleu's default is 1.
    AddK(f64),
    /// The score is 0.
    None,
}

impl SacreSmoothing {
    /// What is added, where something is: nothing for a value below 0 or not a number.
    fn value(value: f64) -> f64 {
        if value > 0.0 { value.min(1e9) } else { 0.0 }
    }

    fn label(self) -> String {
        match self {
            Self::Exp => "exp".to_owned(),
            Self::Floor(value) => format!("floor[{value:.2}]"),
            Self::AddK(value) => format!("add-k[{value:.2}]"),
            Self::None => "none".to_owned(),
        }
    }
}

impl Default for SacreBleu {
    fn default() -> Self {
        Self {
            lowercase: false,
            tokenizer: Tokenizer::default(),
            smoothing: SacreSmoothing::default(),
            effective_order: false,
            max_order: 4,
        }
    }
}

impl SacreBleu {
    /// The longest n-gram that can be asked for.
    pub const MAX_ORDER: usize = 8;

    /// The score of texts, each against its own list of references: sacrebleu's `corpus_score`, but for references
    /// listed by segment rather than by stream.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::NoReferences`], [`Error::EmptyCorpus`] or [`Error::InvalidOrder`].
    pub fn corpus<H, S, R>(&self, hyps: &[H], refs: &[S]) -> Result<SacreBleuScore, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        if self.max_order <= 4 {
            Ok(self.score(&self.segments::<4, _, _, _>(hyps, refs)?.iter().sum()))
        } else {
            let segments = self.segments::<{ Self::MAX_ORDER }, _, _, _>(hyps, refs)?;
            Ok(self.score(&segments.iter().sum()))
        }
    }

    /// The score of a single text: sacrebleu's `sentence_score`.
    ///
    /// # Errors
    ///
    /// [`Error::NoReferences`] or [`Error::InvalidOrder`].
    pub fn sentence<R: AsRef<str>>(&self, hyp: &str, refs: &[R]) -> Result<SacreBleuScore, Error> {
        self.corpus(&[hyp], &[refs])
    }

    /// The text as it is cut into words: these stand between white space.
    pub fn words(&self, text: &str) -> String {
        self.tokenizer.tokenize(&prepared(text, self.lowercase))
    }

    /// Counts each segment, with n-grams up to order `N`: what [`score`](Self::score) needs, and a bootstrap.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`], [`Error::NoReferences`], [`Error::EmptyCorpus`], or [`Error::InvalidOrder`] if
    /// there are longer n-grams to count than `N`.
    pub fn segments<const N: usize, H, S, R>(
        &self,
        hyps: &[H],
        refs: &[S],
    ) -> Result<Vec<BleuStats<N>>, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        let max_order = N.min(Self::MAX_ORDER);
        if !(1..=max_order).contains(&self.max_order) {
            let order = self.max_order;
            return Err(Error::InvalidOrder { order, max_order });
        }
        let mut texts = Texts::default();
        let mut counter = Counter::default();
        segments(hyps, refs, |hyp, refs| {
            texts.count(self, &mut counter, hyp.as_ref(), refs.as_ref())
        })
    }

    /// The score of counts, of one segment or summed: sacrebleu's `compute_bleu`. Orders that were not counted
    /// have no n-grams.
    pub fn score<const N: usize>(&self, stats: &BleuStats<N>) -> SacreBleuScore {
        let orders = || 0..self.max_order.min(Self::MAX_ORDER);
        let get = |counts: &[u64], order| counts.get(order).map_or(0.0, |&count| count as f64);
        let mut score = SacreBleuScore {
            score: 0.0,
            counts: orders().map(|order| get(&stats.matches, order)).collect(),
            totals: orders().map(|order| get(&stats.totals, order)).collect(),
            precisions: orders().map(|_| 0.0).collect(),
            brevity_penalty: brevity_penalty(stats),
            hyp_len: stats.hyp_len,
            ref_len: stats.ref_len,
        };
        if score.counts.iter().any(|&count| count != 0.0) {
            let effective_order = self.smooth(&mut score);
            let order = if self.effective_order {
                effective_order
            } else {
                score.precisions.len()
            };
            score.score = score.brevity_penalty * geometric_mean(&score.precisions[..order]);
        }
        score
    }

    /// Computes the precisions, and how many of them have n-grams at all.
    fn smooth(&self, score: &mut SacreBleuScore) -> usize {
        let mut halvings = 1.0;
        for order in 0..score.precisions.len() {
            let (count, total) = (&mut score.counts[order], &mut score.totals[order]);
            if let SacreSmoothing::AddK(value) = self.smoothing
                && order > 0
            {
                *count += SacreSmoothing::value(value);
                *total += SacreSmoothing::value(value);
            }
            if *total == 0.0 {
                return order;
            }
            score.precisions[order] = match self.smoothing {
                _ if *count != 0.0 => 100.0 * *count / *total,
                SacreSmoothing::Exp => {
                    halvings *= 2.0;
                    100.0 / (halvings * *total)
                }
                SacreSmoothing::Floor(value) => 100.0 * SacreSmoothing::value(value) / *total,
                SacreSmoothing::AddK(_) | SacreSmoothing::None => 0.0,
            };
        }
        score.precisions.len()
    }

    /// What makes the score reproducible. The order of n-grams is not in it, as it is not in sacrebleu's.
    pub fn signature(&self, references: References) -> Signature {
        Signature::new(references)
            .with("case", "c", &case(self.lowercase))
            .with_flag("eff", "e", self.effective_order)
            .with("tok", "tok", &self.tokenizer)
            .with("smooth", "s", &self.smoothing.label())
            .finish()
    }
}

/// How signatures call whether case makes a difference.
pub(crate) fn case(lowercase: bool) -> &'static str {
    if lowercase { "lc" } else { "mixed" }
}

fn brevity_penalty<const N: usize>(stats: &BleuStats<N>) -> f64 {
    match (stats.hyp_len, stats.ref_len) {
        (hyp_len, ref_len) if hyp_len >= ref_len => 1.0,
        (0, _) => 0.0,
        (hyp_len, ref_len) => (1.0 - ref_len as f64 / hyp_len as f64).exp(),
    }
}

fn geometric_mean(precisions: &[f64]) -> f64 {
    /// Stands for the logarithm of 0.
    const LOG_ZERO: f64 = -9_999_999_999.0;
    let log = |&precision: &f64| match precision {
        0.0 => LOG_ZERO,
        _ => precision.ln(),
    };
    if precisions.is_empty() {
        return 0.0;
    }
    (precisions.iter().map(log).sum::<f64>() / precisions.len() as f64).exp()
}

/// sacrebleu's BLEU of a corpus or a sentence, and what it was computed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SacreBleuScore {
    /// Between 0 and 100, up to rounding: a perfect score is 100.00000000000004.
    pub score: f64,
    /// The matches of each order, with what smoothing added.
    pub counts: Vec<f64>,
    /// The n-grams of each order, with what smoothing added.
    pub totals: Vec<f64>,
    /// The precision of each order, between 0 and 100.
    pub precisions: Vec<f64>,
    /// What hypotheses lose that are shorter than their references.
    pub brevity_penalty: f64,
    /// Words of the hypotheses.
    pub hyp_len: u64,
    /// Words of the references that are closest in length.
    pub ref_len: u64,
}

impl SacreBleuScore {
    /// With the settings that it was computed by.
    pub fn line(&self, signature: &Signature) -> String {
        self.to_string()
            .replacen("BLEU", &format!("BLEU|{signature}"), 1)
    }
}

/// sacrebleu's line: `BLEU = 39.76 100.0/60.0/25.0/16.7 (BP = 1.000 ratio = 1.000 hyp_len = 6 ref_len = 6)`.
impl fmt::Display for SacreBleuScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |precision| format!("{precision:.1}");
        let precisions: Vec<String> = self.precisions.iter().map(shown).collect();
        let ratio = match self.ref_len {
            0 => 0.0,
            ref_len => self.hyp_len as f64 / ref_len as f64,
        };
        write!(
            f,
            "BLEU = {:.2} {} (BP = {:.3} ratio = {ratio:.3} hyp_len = {} ref_len = {})",
            self.score,
            precisions.join("/"),
            self.brevity_penalty,
            self.hyp_len,
            self.ref_len
        )
    }
}

/// The tokenised texts of one segment, in reused memory.
#[derive(Debug, Default)]
struct Texts {
    hyp: String,
    refs: Vec<String>,
    spare: String,
}

impl Texts {
    fn count<const N: usize, R: AsRef<str>>(
        &mut self,
        settings: &SacreBleu,
        counter: &mut Counter<N>,
        hyp: &str,
        refs: &[R],
    ) -> Option<BleuStats<N>> {
        let tokenizer = settings.tokenizer;
        let hyp = prepared(hyp, settings.lowercase);
        tokenizer.separate(&hyp, &mut self.hyp, &mut self.spare);
        if self.refs.len() < refs.len() {
            self.refs.resize_with(refs.len(), String::new);
        }
        for (text, reference) in self.refs.iter_mut().zip(refs) {
            let reference = prepared(reference.as_ref(), settings.lowercase);
            tokenizer.separate(&reference, text, &mut self.spare);
        }
        counter.words(&self.hyp, &self.refs[..refs.len()])
    }
}

/// What sacrebleu does before it tokenises.
fn prepared(text: &str, lowercase: bool) -> Cow<'_, str> {
    let trimmed = |text: &str| text.trim_end_matches(is_space).len();
    if lowercase {
        let mut lower = text.to_lowercase();
        lower.truncate(trimmed(&lower));
        Cow::Owned(lower)
    } else {
        Cow::Borrowed(&text[..trimmed(text)])
    }
}
