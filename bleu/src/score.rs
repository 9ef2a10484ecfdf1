//! The BLEU of a corpus, and how to show it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::bleu::Bleu;
use crate::stats::BleuStats;

/// BLEU-1 to BLEU-4 of a corpus, between 0 and 1, and what they were computed from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BleuScore {
    /// Whose BLEU it is.
    pub metric: Bleu,
    /// `bleu[k - 1]` is BLEU-k: n-grams up to order k.
    pub bleu: [f64; 4],
    /// Segments that were scored.
    pub n_segments: usize,
    /// The counts of all segments.
    pub stats: BleuStats,
}

impl BleuScore {
    /// Tokens of the hypotheses for each token of the references closest in length; 0 if those are empty.
    pub fn length_ratio(&self) -> f64 {
        match self.stats.ref_len {
            0 => 0.0,
            ref_len => self.stats.hyp_len as f64 / ref_len as f64,
        }
    }
}

/// In points of 100, with the metric's name: `BLEU-1..4 (coco) 83.33 86.07 85.15 80.09`.
impl fmt::Display for BleuScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BLEU-1..4 ({})", self.metric)?;
        self.bleu
            .iter()
            .try_for_each(|bleu| write!(f, " {:.2}", 100.0 * bleu))
    }
}
