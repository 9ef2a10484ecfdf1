//! How trials ended, counted.
use std::fmt;

use codegen::Outcome;
use serde::{Serialize, Serializer};

use crate::store::{TrialRecord, TrialState};

/// How a trial ended, or that it has not yet. In the order in which a trial can come to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// The language model gave no reply.
    NoReply,
    /// Somebody works on it.
    Open,
    /// The net was trained before, or nearly.
    Duplicate,
    /// With this word.
    Outcome(Outcome),
}

impl Ending {
    /// The ending of a trial. One that waits for more epochs counts by what it reached so far.
    pub fn of(trial: &TrialRecord) -> Self {
        match trial.outcome {
            _ if trial.duplicate_of.is_some() => Self::Duplicate,
            Some(outcome) => Self::Outcome(outcome),
            None if trial.state == TrialState::Done => Self::NoReply,
            None => Self::Open,
        }
    }

    /// One word, or two.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoReply => "no reply",
            Self::Open => "under way",
            Self::Duplicate => "duplicate",
            Self::Outcome(outcome) => outcome.name(),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Ending {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
