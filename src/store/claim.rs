//! What a writer does next.
use crate::llm::Request;

use super::Brief;

/// What a writer does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// Goes on with a trial that another process left behind.
    TakeOver(u64),
    /// Trains a waiting trial up to its next rung.
    Promote(u64),
    /// Begins a trial.
    Begin {
        /// Its number.
        number: u64,
        /// What it asks for.
        brief: Brief,
        /// The first request.
        request: Box<Request>,
    },
    /// Waits for other processes: what they do decides.
    Wait,
    /// Nothing is left to do.
    Finish,
}
