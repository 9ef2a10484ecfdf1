//! Does the net beat the best constant caption? The one question a BLEU alone does not answer.
use std::fmt;

use bleu::Interval;
use caption_models::evaluate::ProtocolScores;
use serde::Serialize;

/// The net beside the best single caption for all pictures, by BLEU-4.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Its whole interval lies above the constant caption's.
    BeatsClearly {
        /// The net.
        net: Interval,
        /// The constant caption.
        constant: Interval,
    },
    /// It scores higher, but the intervals overlap.
    BeatsWithinNoise {
        /// The net.
        net: Interval,
        /// The constant caption.
        constant: Interval,
    },
    /// It scores no higher.
    DoesNotBeat {
        /// The net.
        net: Interval,
        /// The constant caption.
        constant: Interval,
    },
    /// There was no training caption to try as a constant.
    Unknown,
}

impl Verdict {
    /// Compares the two in one protocol.
    pub fn of(scores: &ProtocolScores) -> Self {
        let Some(best) = &scores.constant else {
            return Self::Unknown;
        };
        let [.., net] = scores.net.bleu;
        let [.., constant] = best.score.bleu;
        if net.low > constant.high {
            Self::BeatsClearly { net, constant }
        } else if net.score > constant.score {
            Self::BeatsWithinNoise { net, constant }
        } else {
            Self::DoesNotBeat { net, constant }
        }
    }

    /// Whether the net is clearly better.
    pub fn is_clear(self) -> bool {
        matches!(self, Self::BeatsClearly { .. })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (says, net, constant) = match self {
            Self::BeatsClearly { net, constant } => ("clearly beats", net, constant),
            Self::BeatsWithinNoise { net, constant } => ("beats, within noise,", net, constant),
            Self::DoesNotBeat { net, constant } => ("does NOT beat", net, constant),
            Self::Unknown => return f.write_str("no constant caption to compare the net with"),
        };
        write!(
            f,
            "the net {says} the best constant caption: BLEU-4 {} against {}",
            shown(net),
            shown(constant)
        )
    }
}

fn shown(interval: &Interval) -> String {
    format!(
        "{:.3} [{:.3}, {:.3}]",
        interval.score, interval.low, interval.high
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::rows::tests::protocol;

    #[test]
    fn overlapping_intervals_are_noise() {
        assert!(Verdict::of(&protocol(0.5, Some(0.1))).is_clear());
        assert!(matches!(
            Verdict::of(&protocol(0.11, Some(0.1))),
            Verdict::BeatsWithinNoise { .. }
        ));
        assert!(matches!(
            Verdict::of(&protocol(0.1, Some(0.1))),
            Verdict::DoesNotBeat { .. }
        ));
        assert_eq!(Verdict::of(&protocol(0.1, None)), Verdict::Unknown);
    }

    #[test]
    fn a_net_no_better_than_a_sentence_is_called_that() {
        let said = Verdict::of(&protocol(0.05, Some(0.1))).to_string();
        assert_eq!(
            said,
            "the net does NOT beat the best constant caption: BLEU-4 0.050 [0.030, 0.070] against 0.100 [0.080, 0.120]"
        );
    }
}
