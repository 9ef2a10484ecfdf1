//! BLEU-1 to BLEU-4 as `coco-caption` computes them (`pycocoevalcap` 1.2, `bleu_scorer.py`).
//!
//! It differs from Papineni et al. (2002) by two constants that keep it from dividing by zero: an exact match
//! scores 0.9999999997, and an order without n-grams weighs 1e-6 instead of nothing. The doubles are
//! bit-identical to the reference's on the golden set.

use crate::stats::BleuStats;

const TINY: f64 = 1e-15;
const SMALL: f64 = 1e-9;

/// BLEU-1 to BLEU-`N` of one segment or of a corpus; zeros for an empty one.
pub(crate) fn coco_bleu<const N: usize>(stats: &BleuStats<N>) -> [f64; N] {
    let penalty = brevity_penalty(stats);
    let mut product = 1.0;
    let mut order = 0.0;
    std::array::from_fn(|idx| {
        product *= (stats.matches[idx] as f64 + TINY) / (stats.totals[idx] as f64 + SMALL);
        order += 1.0;
        f64::powf(product, 1.0 / order) * penalty
    })
}

fn brevity_penalty<const N: usize>(stats: &BleuStats<N>) -> f64 {
    let ratio = (stats.hyp_len as f64 + TINY) / (stats.ref_len as f64 + SMALL);
    if ratio < 1.0 {
        (1.0 - 1.0 / ratio).exp()
    } else {
        1.0
    }
}
