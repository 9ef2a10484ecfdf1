//! Why a search stops before its end.
use crate::llm::LlmError;
use crate::run::RunError;
use crate::store::StoreError;

use super::prompt::PromptError;

/// Why a search stops before its end. What was finished is kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No reply can be had.
    #[error(transparent)]
    Llm(#[from] LlmError),
    /// No prompt can be made.
    #[error(transparent)]
    Prompt(#[from] PromptError),
    /// A net cannot be trained for a reason that is not the net's.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The kept plan is of another version.
    #[error("the search was planned by another version of nn-caption: {0}; begin a new one")]
    Plan(#[from] serde_json::Error),
}
