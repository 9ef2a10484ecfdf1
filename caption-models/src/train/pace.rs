//! [`Pace`]: what moves the learning rates of a recipe, and when training ends early.

use std::f64::consts::PI;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Metric;

/// What moves the learning rates of a net's recipe, and when training ends early.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pace {
    /// How the rates fall. Default: they do not
    pub schedule: Schedule,
    /// Batches over which the rates rise from 0, linearly. Default: 0
    pub warmup: usize,
    /// Batches whose mean gradient is one step of the optimizer; an epoch's last step may have fewer. Default: 1
    pub accumulate: usize,
    /// Training ends after so many epochs without a better score on the validation pictures; 0 goes on. Default: 0
    pub patience: usize,
    /// What score it is that plateaus, patience and the best weights go by. Default: BLEU-4 by protocol `coco`
    pub metric: Metric,
}

/// How learning rates fall. As text, on the command line and in JSON: `constant`, `cosine`, `step:EPOCHS:FACTOR`,
/// `plateau:EPOCHS:FACTOR`.
///
/// ```
/// use caption_models::train::Schedule;
///
/// let schedule: Schedule = "step:10:0.1".parse()?;
/// assert_eq!(schedule, Schedule::Step { every: 10, factor: 0.1 });
/// # Ok::<(), caption_models::train::ScheduleError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Schedule {
    /// They do not.
    #[default]
    Constant,
    /// Along half a cosine, to 0 at the last batch: Loshchilov and Hutter 2017, <https://arxiv.org/abs/1608.03983>,
    /// equation 5 without restarts.
    Cosine,
    /// By a factor, every so many epochs.
    Step {
        /// Epochs between.
        every: usize,
        /// What the rates are multiplied by.
        factor: f64,
    },
    /// By a factor, after every so many epochs without a better score.
    Plateau {
        /// Epochs without a better one, see [`Pace::metric`].
        patience: usize,
        /// What the rates are multiplied by.
        factor: f64,
    },
}

/// Text that is no schedule.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "`{found}` is no schedule: expected `constant`, `cosine`, `step:EPOCHS:FACTOR` or `plateau:EPOCHS:FACTOR` with at least one epoch and a factor between 0 and 1, such as step:10:0.1"
)]
pub struct ScheduleError {
    found: String,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            schedule: Schedule::Constant,
            warmup: 0,
            accumulate: 1,
            patience: 0,
            metric: Metric::Bleu4,
        }
    }
}

impl Pace {
    /// What the rates are multiplied by in batch `batch` (from 0) of `n_batches` in all.
    pub fn batch_factor(&self, batch: usize, n_batches: usize) -> f64 {
        if batch < self.warmup {
            return (batch + 1) as f64 / self.warmup as f64;
        }
        if self.schedule != Schedule::Cosine {
            return 1.0;
        }
        let done = (batch - self.warmup) as f64;
        let all = n_batches.saturating_sub(self.warmup).max(1) as f64;
        0.5 + 0.5 * (PI * (done / all).min(1.0)).cos()
    }

    /// What they are multiplied by in the epoch after those with these scores.
    pub fn epoch_factor(&self, scores: &[f64]) -> f64 {
        let times = match self.schedule {
            Schedule::Constant | Schedule::Cosine => return 1.0,
            Schedule::Step { every, .. } => scores.len() / every.max(1),
            Schedule::Plateau { patience, .. } => falls(scores, patience.max(1)),
        };
        let (Schedule::Step { factor, .. } | Schedule::Plateau { factor, .. }) = self.schedule
        else {
            return 1.0;
        };
        factor.powi(i32::try_from(times).unwrap_or(i32::MAX))
    }

    /// Whether training ends after epochs with these scores.
    pub fn is_over(&self, scores: &[f64]) -> bool {
        self.patience > 0 && since_best(scores) >= self.patience
    }
}

/// Epochs since the best score; of equal ones the first counts.
fn since_best(scores: &[f64]) -> usize {
    let mut best = (f64::NEG_INFINITY, 0);
    for (epoch, score) in scores.iter().enumerate() {
        if *score > best.0 {
            best = (*score, epoch + 1);
        }
    }
    scores.len() - best.1
}

/// How often `patience` epochs passed without a better score; each time the count starts anew.
fn falls(scores: &[f64], patience: usize) -> usize {
    let (mut best, mut waited, mut n_falls) = (f64::NEG_INFINITY, 0, 0);
    for score in scores {
        if *score > best {
            (best, waited) = (*score, 0);
            continue;
        }
        waited += 1;
        if waited == patience {
            (waited, n_falls) = (0, n_falls + 1);
        }
    }
    n_falls
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let error = || ScheduleError {
            found: text.to_owned(),
        };
        let parts: Vec<&str> = text.split(':').collect();
        let [kind, epochs, factor] = parts[..] else {
            return match text {
                "constant" => Ok(Self::Constant),
                "cosine" => Ok(Self::Cosine),
                _ => Err(error()),
            };
        };
        let epochs = epochs.parse().ok().filter(|epochs| *epochs > 0);
        let factor = factor
            .parse()
            .ok()
            .filter(|factor| *factor > 0.0 && *factor < 1.0);
        match (kind, epochs, factor) {
            ("step", Some(every), Some(factor)) => Ok(Self::Step { every, factor }),
            ("plateau", Some(patience), Some(factor)) => Ok(Self::Plateau { patience, factor }),
            _ => Err(error()),
        }
    }
}

impl TryFrom<String> for Schedule {
    type Error = ScheduleError;

    fn try_from(text: String) -> Result<Self, ScheduleError> {
        text.parse()
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant => f.write_str("constant"),
            Self::Cosine => f.write_str("cosine"),
            Self::Step { every, factor } => write!(f, "step:{every}:{factor}"),
            Self::Plateau { patience, factor } => write!(f, "plateau:{patience}:{factor}"),
        }
    }
}

impl From<Schedule> for String {
    fn from(schedule: Schedule) -> Self {
        schedule.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(schedule: &str) -> Pace {
        Pace {
            schedule: schedule.parse().unwrap(),
            ..Pace::default()
        }
    }

    fn assert_near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }

    #[test]
    fn rates_rise_and_then_fall_along_a_cosine() {
        let pace = Pace {
            warmup: 4,
            ..pace("cosine")
        };
        assert_near(pace.batch_factor(0, 14), 0.25);
        assert_near(pace.batch_factor(3, 14), 1.0);
        assert_near(pace.batch_factor(4, 14), 1.0);
        assert_near(pace.batch_factor(9, 14), 0.5);
        assert_near(pace.batch_factor(14, 14), 0.0);
    }

    #[test]
    fn steps_fall_by_epochs() {
        let pace = pace("step:2:0.1");
        let factors = [0, 1, 2, 3, 4].map(|n_epochs| pace.epoch_factor(&vec![0.0; n_epochs]));
        for (found, expected) in factors.into_iter().zip([1.0, 1.0, 0.1, 0.1, 0.01]) {
            assert_near(found, expected);
        }
    }

    #[test]
    fn a_plateau_lasts_until_a_better_score() {
        let pace = pace("plateau:2:0.5");
        assert_near(pace.epoch_factor(&[0.1, 0.1]), 1.0);
        assert_near(pace.epoch_factor(&[0.1, 0.1, 0.05]), 0.5);
        assert_near(pace.epoch_factor(&[0.1, 0.1, 0.05, 0.2]), 0.5);
        assert_near(pace.epoch_factor(&[0.1, 0.1, 0.05, 0.1, 0.1]), 0.25);
    }

    #[test]
    fn patience_ends() {
        let pace = Pace {
            patience: 2,
            ..Pace::default()
        };
        assert!(!pace.is_over(&[0.1, 0.2, 0.2]));
        assert!(pace.is_over(&[0.1, 0.2, 0.2, 0.1]));
        assert!(!Pace::default().is_over(&[0.1; 50]));
    }

    #[test]
    fn text_goes_there_and_back_and_anything_else_is_refused() {
        for text in ["constant", "cosine", "step:3:0.5", "plateau:1:0.25"] {
            assert_eq!(text.parse::<Schedule>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "step",
            "step:0:0.1",
            "step:1:1.5",
            "plateau:1",
            "cosine:3",
        ] {
            assert!(text.parse::<Schedule>().is_err(), "{text}");
        }
    }
}
