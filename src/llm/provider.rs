//! [`Provider`]: the one thing that searching knows of a language model.
use super::{LlmError, Progress, Reply, Request};

/// Answers requests, one at a time.
pub trait Provider: Send {
    /// What it is called where it is shown: a language model and where it runs.
    fn name(&self) -> String;

    /// Answers a request. `seen` learns how far the reply is.
    ///
    /// # Errors
    ///
    /// When there is no reply; [`LlmError::consequence`] says what that means for the search.
    fn ask(&mut self, request: &Request, seen: &mut dyn FnMut(Progress))
    -> Result<Reply, LlmError>;
}
