//! [`Metric`]: what says which epoch is the best.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::EpochRow;

/// What plateaus, patience and the best weights go by, on the validation pictures. As text, on the command line and in
/// JSON: `bleu4`, `cider-d`, `loss`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// BLEU-4 by protocol `coco`.
    #[default]
    Bleu4,
    /// CIDEr-D with the frequencies of the references.
    CiderD,
    /// The training loss in eval mode.
    Loss,
}

/// Text that is no metric.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{found}` is no metric: expected `bleu4`, `cider-d` or `loss`")]
pub struct MetricError {
    found: String,
}

impl Metric {
    const ALL: [Self; 3] = [Self::Bleu4, Self::CiderD, Self::Loss];

    /// The score of an epoch, of which more is better; minus infinity where it was not measured.
    pub fn of(self, row: &EpochRow) -> f64 {
        let score = match self {
            Self::Bleu4 => row.bleu4.map(|bleu| bleu.coco),
            Self::CiderD => row.cider_d,
            Self::Loss => row.validation_loss.map(|loss| -loss),
        };
        score.unwrap_or(f64::NEG_INFINITY)
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bleu4 => "bleu4",
            Self::CiderD => "cider-d",
            Self::Loss => "loss",
        })
    }
}

impl FromStr for Metric {
    type Err = MetricError;

    fn from_str(text: &str) -> Result<Self, MetricError> {
        let found = Self::ALL
            .into_iter()
            .find(|metric| metric.to_string() == text);
        found.ok_or_else(|| MetricError {
            found: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_there_and_back_as_json_does() {
        for metric in Metric::ALL {
            let text = metric.to_string();
            assert_eq!(text.parse(), Ok(metric));
            assert_eq!(serde_json::to_string(&metric).unwrap(), format!("{text:?}"));
        }
        assert!("bleu".parse::<Metric>().is_err());
    }
}
