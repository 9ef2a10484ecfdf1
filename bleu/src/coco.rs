//! BLEU-1 to BLEU-4 as `coco-caption` computes them (`pycocoevalcap` 1.2, `bleu_scorer.py`).
//!
//! It differs from Papineni et al. (2002) by two constants that keep it from dividing by zero: an exact match
//! scores 0.9999999997, and an order without n-grams weighs 1e-6 instead of nothing. The doubles are
//! bit-identical to the reference's on the golden set.

use serde::{Deserialize, Serialize};

use crate::corpus;
use crate::counter::Counter;
use crate::error::Error;
use crate::stats::BleuStats;
use crate::tokens::python_words;

const TINY: f64 = 1e-15;
const SMALL: f64 = 1e-9;

/// Which length of the references a hypothesis is held against: the `option` of `BleuScorer.compute_score`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RefLength {
    /// The closest one, and the shorter of a tie: what `coco-caption` reports.
    #[default]
    Closest,
    /// The shortest.
    Shortest,
    /// Their mean.
    Average,
}

/// The result of [`coco_bleu`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CocoScore {
    /// BLEU-1 to BLEU-4 of the corpus, between 0 and 1.
    pub bleu: [f64; 4],
    /// BLEU-1 to BLEU-4 of each segment.
    pub segments: Vec<[f64; 4]>,
    /// The counts of all segments; their `ref_len` is the closest one whatever was asked for.
    pub stats: BleuStats,
    /// The sum of the reference lengths that were asked for.
    pub ref_len: f64,
}

/// `coco-caption`'s BLEU of texts against their references, held to a length of choice.
///
/// [`Bleu::coco`](crate::Bleu::coco) is the one with [`RefLength::Closest`], which papers report.
///
/// # Errors
///
/// [`Error::LengthMismatch`], [`Error::NoReferences`] or [`Error::EmptyCorpus`].
///
/// # Examples
///
/// ```
/// use bleu::{RefLength, coco_bleu};
///
/// let refs = [["a dog runs", "a dog runs on grass"]];
/// let score = coco_bleu(&["a dog runs"], &refs, RefLength::Average)?;
/// assert_eq!(score.ref_len, 4.0);
/// assert!((score.bleu[0] - f64::exp(1.0 - 4.0 / 3.0)).abs() < 1e-8);
/// # Ok::<(), bleu::Error>(())
/// ```
pub fn coco_bleu<H, S, R>(hyps: &[H], refs: &[S], length: RefLength) -> Result<CocoScore, Error>
where
    H: AsRef<str>,
    S: AsRef<[R]>,
    R: AsRef<str>,
{
    let mut counter = Counter::new();
    let parts = corpus::segments(hyps, refs, |hyp, refs| {
        let stats = counter.words(hyp.as_ref(), refs.as_ref())?;
        Some((stats, length.of(&stats, refs.as_ref())))
    })?;
    let stats = parts.iter().map(|(stats, _)| stats).sum();
    let ref_len = parts.iter().map(|(_, ref_len)| ref_len).sum();
    let of_segment = |(stats, ref_len): &(BleuStats, f64)| scores(stats, *ref_len);
    Ok(CocoScore {
        bleu: scores(&stats, ref_len),
        segments: parts.iter().map(of_segment).collect(),
        stats,
        ref_len,
    })
}

impl RefLength {
    fn of<R: AsRef<str>>(self, stats: &BleuStats, refs: &[R]) -> f64 {
        let lengths = || {
            refs.iter()
                .map(|text| python_words(text.as_ref()).count() as u64)
        };
        match self {
            Self::Closest => stats.ref_len as f64,
            Self::Shortest => lengths().min().unwrap_or(0) as f64,
            Self::Average => lengths().sum::<u64>() as f64 / refs.len().max(1) as f64,
        }
    }
}

/// BLEU-1 to BLEU-`N` of one segment or of a corpus, held to the closest length; zeros for an empty one.
pub(crate) fn closest_bleu<const N: usize>(stats: &BleuStats<N>) -> [f64; N] {
    scores(stats, stats.ref_len as f64)
}

fn scores<const N: usize>(stats: &BleuStats<N>, ref_len: f64) -> [f64; N] {
    let penalty = brevity_penalty(stats.hyp_len as f64, ref_len);
    let mut product = 1.0;
    let mut order = 0.0;
    std::array::from_fn(|idx| {
        product *= (stats.matches[idx] as f64 + TINY) / (stats.totals[idx] as f64 + SMALL);
        order += 1.0;
        f64::powf(product, 1.0 / order) * penalty
    })
}

fn brevity_penalty(hyp_len: f64, ref_len: f64) -> f64 {
    let ratio = (hyp_len + TINY) / (ref_len + SMALL);
    if ratio < 1.0 {
        (1.0 - 1.0 / ratio).exp()
    } else {
        1.0
    }
}
