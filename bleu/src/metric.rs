//! What all metrics have in common.

use std::ops::{Add, AddAssign};

use serde::{Deserialize, Serialize};

use crate::bleu::Bleu;
use crate::bootstrap::total;
use crate::chrf::{Chrf, ChrfStats};
use crate::cider::Cider;
use crate::error::Error;
use crate::mean::Mean;
use crate::rouge::rouge_l;
use crate::sacrebleu::SacreBleu;
use crate::segment_scores::SegmentScores;
use crate::signature::References;
use crate::stats::BleuStats;
use crate::ter::{Ter, TerStats};

/// A metric whose `K` corpus scores are a function of statistics that add up over segments.
///
/// So segments can be counted by threads, processes or one after the other, resampled by a
/// [`Bootstrap`](crate::Bootstrap) and swapped by a [`Randomization`](crate::Randomization). Sums of counts are the
/// same in any order; those of scores are added in the order of the segments.
///
/// # Examples
///
/// ```
/// use bleu::{Bleu, Bootstrap, Metric, RougeL};
///
/// fn low<const K: usize>(metric: &impl Metric<K>, hyps: &[&str], refs: &[[&str; 2]]) -> Result<f64, bleu::Error> {
///     let segments = metric.segments(hyps, refs)?;
///     let intervals = Bootstrap::default().intervals(&segments, |total| metric.scores(total))?;
///     Ok(intervals[K - 1].low)
/// }
///
/// let hyps = ["a dog runs", "birds fly high"];
/// let refs = [["a dog runs on grass", "the dog runs"], ["two birds fly", "birds in the sky"]];
/// assert!(low(&RougeL, &hyps, &refs)? > 0.5);
/// assert!(low(&Bleu::coco(), &hyps, &refs)? < 0.5);
/// # Ok::<(), bleu::Error>(())
/// ```
pub trait Metric<const K: usize = 1> {
    /// What is known of one segment, or of the sum of many.
    type Segment: Copy + Default + AddAssign;

    /// What each score is called.
    fn names(&self) -> [String; K];

    /// Whether a lower score is a better one, as of [`Ter`].
    fn lower_is_better(&self) -> bool {
        false
    }

    /// The settings that the scores depend on, in one line.
    fn signature(&self, references: References) -> String;

    /// Reads each text and its own list of references.
    ///
    /// # Errors
    ///
    /// What is wrong with the corpus or the settings.
    fn segments<H, S, R>(&self, hyps: &[H], refs: &[S]) -> Result<Vec<Self::Segment>, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>;

    /// The scores of a sum of segments.
    fn scores(&self, total: &Self::Segment) -> [f64; K];

    /// The scores of a corpus.
    ///
    /// # Errors
    ///
    /// Those of [`segments`](Self::segments).
    fn corpus_scores<H, S, R>(&self, hyps: &[H], refs: &[S]) -> Result<[f64; K], Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        let segments = self.segments(hyps, refs)?;
        Ok(self.scores(&total(segments.iter())))
    }
}

/// The version in signatures of scores that are pycocoevalcap's.
const COCO: &str = "version:pycocoevalcap-1.2";

/// A segment as any [`Bleu`] needs it: counts, and its own scores for those that are means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BleuSegment {
    counts: BleuStats,
    scores: Mean<4>,
}

impl AddAssign for BleuSegment {
    fn add_assign(&mut self, other: Self) {
        self.counts += other.counts;
        self.scores += other.scores;
    }
}

impl Add for BleuSegment {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl Metric<4> for Bleu {
    type Segment = BleuSegment;

    fn names(&self) -> [String; 4] {
        let whose = match self.to_string() {
            coco if coco == "coco" => String::new(),
            other => format!("{other} "),
        };
        std::array::from_fn(|idx| format!("{whose}BLEU-{}", idx + 1))
    }

    fn signature(&self, references: References) -> String {
        format!(
            "nrefs:{references}|preset:{self}|len:closest|version:{}",
            self.version()
        )
    }

    fn segments<H, S, R>(&self, hyps: &[H], refs: &[S]) -> Result<Vec<BleuSegment>, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        SegmentScores::check(hyps, refs, |_| 1)?;
        let mut accumulator = self.accumulator();
        for (hyp, refs) in hyps.iter().zip(refs) {
            accumulator.push(hyp.as_ref(), refs.as_ref())?;
        }
        let counted = accumulator.segments().iter();
        let segment = |&counts: &BleuStats| BleuSegment {
            counts,
            scores: Mean::of(self.segment(&counts)),
        };
        Ok(counted.map(segment).collect())
    }

    fn scores(&self, total: &BleuSegment) -> [f64; 4] {
        if self.is_mean() {
            total.scores.value()
        } else {
            self.segment(&total.counts)
        }
    }
}

impl Metric for SacreBleu {
    type Segment = BleuStats;

    fn names(&self) -> [String; 1] {
        ["sacreBLEU".to_owned()]
    }

    fn signature(&self, references: References) -> String {
        self.signature(references).to_string()
    }

    /// N-grams of up to four words are counted: a longer `max_order` is [`Error::InvalidOrder`].
    fn segments<H, S, R>(&self, hyps: &[H], refs: &[S]) -> Result<Vec<BleuStats>, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        SacreBleu::segments(self, hyps, refs)
    }

    fn scores(&self, total: &BleuStats) -> [f64; 1] {
        [self.score(total).score]
    }
}

impl Metric for Chrf {
    type Segment = ChrfStats;

    fn names(&self) -> [String; 1] {
        [self.score(&ChrfStats::default()).name()]
    }

    fn signature(&self, references: References) -> String {
        self.signature(references).to_string()
    }

    fn segments<H, S, R>(&self, hyps: &[H], refs: &[S]) -> Result<Vec<ChrfStats>, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        Chrf::segments(self, hyps, refs)
    }

    fn scores(&self, total: &ChrfStats) -> [f64; 1] {
        [self.score(total).score]
    }
}

impl Metric for Ter {
    type Segment = TerStats;

    fn names(&self) -> [String; 1] {
        ["TER".to_owned()]
    }

    fn lower_is_better(&self) -> bool {
        true
    }

    fn signature(&self, references: References) -> String {
        Ter::signature(*self, references).to_string()
    }

    fn segments<H, S, R>(&self, hyps: &[H], refs: &[S]) -> Result<Vec<TerStats>, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        Ter::segments(*self, hyps, refs)
    }

    fn scores(&self, total: &TerStats) -> [f64; 1] {
        [total.score().score]
    }
}

/// [`rouge_l`] as a metric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RougeL;

impl Metric for RougeL {
    type Segment = Mean;

    fn names(&self) -> [String; 1] {
        ["ROUGE-L".to_owned()]
    }

    fn signature(&self, references: References) -> String {
        format!("nrefs:{references}|beta:1.2|{COCO}")
    }

    fn segments<H, S, R>(&self, hyps: &[H], refs: &[S]) -> Result<Vec<Mean>, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        Ok(means(&rouge_l(hyps, refs)?))
    }

    fn scores(&self, total: &Mean) -> [f64; 1] {
        total.value()
    }
}

impl Metric for Cider {
    type Segment = Mean;

    fn names(&self) -> [String; 1] {
        let name = match self.sigma() {
            Some(_) => "CIDEr-D",
            None => "CIDEr",
        };
        [name.to_owned()]
    }

    fn signature(&self, references: References) -> String {
        let sigma = self.sigma().map(|sigma| format!("|sigma:{sigma}"));
        let sigma = sigma.unwrap_or_default();
        format!("nrefs:{references}|n:4{sigma}|df:corpus|{COCO}")
    }

    fn segments<H, S, R>(&self, hyps: &[H], refs: &[S]) -> Result<Vec<Mean>, Error>
    where
        H: AsRef<str>,
        S: AsRef<[R]>,
        R: AsRef<str>,
    {
        Ok(means(&self.words(hyps, refs)?))
    }

    fn scores(&self, total: &Mean) -> [f64; 1] {
        total.value()
    }
}

fn means(scores: &SegmentScores) -> Vec<Mean> {
    let scores = scores.as_slice().iter();
    scores.map(|&score| Mean::of([score])).collect()
}
