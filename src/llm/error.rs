//! Why there is no reply.
use super::Turn;

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LlmError {
    /// The recorded replies have all been given.
    #[error("all recorded replies have been given: there is none for trial {}", turn.trial)]
    AllGiven {
        /// What was asked for.
        turn: Turn,
    },
    /// The trial has no further recorded reply.
    #[error("there is no recorded reply for request {} of trial {}", turn.attempt + 1, turn.trial)]
    NotRecorded {
        /// What was asked for.
        turn: Turn,
    },
}

/// What an error means for a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// The trial ends; the next one may fare better.
    TrialEnds,
    /// No further trial begins; what there is is finished.
    NoMoreTrials,
    /// The search stops: asking again is pointless until a person acts.
    SearchStops,
}

impl LlmError {
    /// What it means for a search.
    pub fn consequence(&self) -> Consequence {
        match self {
            Self::AllGiven { .. } => Consequence::NoMoreTrials,
            Self::NotRecorded { .. } => Consequence::TrialEnds,
        }
    }
}
