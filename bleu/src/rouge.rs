//! ROUGE-L as `coco-caption` computes it (`pycocoevalcap` 1.2, `rouge.py`).
//!
//! It differs from Lin (2004): precision and recall are each the best over the references, which need not be
//! the same one; and texts are split at every single space, so that two spaces enclose an empty word.

use crate::error::Error;
use crate::segment_scores::SegmentScores;
use crate::tokens::Numbering;

/// How much more recall weighs than precision.
const BETA: f64 = 1.2;

/// ROUGE-L of each text against its own list of references, between 0 and 1.
///
/// # Errors
///
/// [`Error::LengthMismatch`], [`Error::NoReferences`] or [`Error::EmptyCorpus`].
///
/// # Examples
///
/// ```
/// let hyps = ["a dog runs", "birds fly high"];
/// let refs = [vec!["a dog runs on grass", "the dog runs"], vec!["two birds fly"]];
/// let scores = bleu::rouge_l(&hyps, &refs)?;
/// assert!((scores.as_slice()[1] - 2.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), bleu::Error>(())
/// ```
pub fn rouge_l<H, S, R>(hyps: &[H], refs: &[S]) -> Result<SegmentScores, Error>
where
    H: AsRef<str>,
    S: AsRef<[R]>,
    R: AsRef<str>,
{
    let mut subsequences = Subsequences::new();
    SegmentScores::of(hyps, refs, |hyp, refs| {
        let refs = refs.as_ref().iter().map(AsRef::as_ref);
        segment_score(&mut subsequences, hyp.as_ref(), refs)
    })
}

/// `None` without a reference.
fn segment_score<'a>(
    subsequences: &mut Subsequences,
    hyp: &'a str,
    refs: impl Iterator<Item = &'a str>,
) -> Option<f64> {
    let words = subsequences.start(hyp.split(' '));
    let mut best: Option<(f64, f64)> = None;
    for reference in refs {
        let (common, ref_len) = subsequences.longest(&words, reference.split(' '));
        let precision = f64::from(common) / subsequences.len() as f64;
        let recall = f64::from(common) / ref_len as f64;
        let (best_precision, best_recall) = best.unwrap_or_default();
        best = Some((precision.max(best_precision), recall.max(best_recall)));
    }
    best.map(|(precision, recall)| f_measure(precision, recall))
}

fn f_measure(precision: f64, recall: f64) -> f64 {
    if precision == 0.0 || recall == 0.0 {
        return 0.0;
    }
    let beta2 = BETA * BETA;
    (1.0 + beta2) * precision * recall / (recall + beta2 * precision)
}

/// Longest common subsequences with one text, 64 of its positions at a time (Hyyrö 2004, "Bit-parallel
/// LCS-length computation revisited", the variant of one addition).
#[derive(Clone, Debug)]
pub(crate) struct Subsequences {
    numbering: Numbering,
    /// `n_blocks` for each word: the positions where it stands.
    positions: Vec<u64>,
    /// The dynamic program's current row: a zero bit where it steps up.
    row: Vec<u64>,
}

impl Subsequences {
    pub(crate) fn new() -> Self {
        Self {
            numbering: Numbering::new(),
            positions: Vec::new(),
            row: Vec::new(),
        }
    }

    /// Takes up a text and returns its words.
    pub(crate) fn start<'a>(&mut self, tokens: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
        let words = self.numbering.start(tokens);
        let n_blocks = self.n_blocks();
        self.positions.clear();
        self.positions.resize(words.len() * n_blocks, 0);
        for (position, &word) in self.numbering.sequence().iter().enumerate() {
            self.positions[word as usize * n_blocks + position / 64] |= 1 << (position % 64);
        }
        words
    }

    pub(crate) fn len(&self) -> usize {
        self.numbering.sequence().len()
    }

    fn n_blocks(&self) -> usize {
        self.len().div_ceil(64)
    }

    /// The length of the longest common subsequence, and that of `tokens`.
    pub(crate) fn longest<'a>(
        &mut self,
        words: &[&'a str],
        tokens: impl Iterator<Item = &'a str>,
    ) -> (u32, usize) {
        let n_blocks = self.n_blocks();
        self.row.clear();
        self.row.resize(n_blocks, u64::MAX);
        let mut len = 0;
        for token in tokens {
            len += 1;
            if let Some(word) = self.numbering.get(words, token) {
                let positions = &self.positions[word as usize * n_blocks..][..n_blocks];
                advance(&mut self.row, positions);
            }
        }
        // Positions behind the text never match, so their bits stay ones.
        (self.row.iter().map(|block| block.count_zeros()).sum(), len)
    }
}

/// The row below `row`, for a word that stands at `positions`: `(row + met) | (row - met)` on the whole.
fn advance(row: &mut [u64], positions: &[u64]) {
    let mut carry = false;
    for (block, positions) in row.iter_mut().zip(positions) {
        let met = *block & positions;
        let (sum, overflow) = block.overflowing_add(met);
        let (sum, carried) = sum.overflowing_add(u64::from(carry));
        carry = overflow || carried;
        *block = sum | (*block - met);
    }
}
