//! [`Provider`]: the one thing that searching knows of a language model.
use super::offline::Offline;
use super::replay::Replay;
use super::{LlmError, LlmSpec, Progress, Reply, Request};

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

/// The provider of a language model.
///
/// # Errors
///
/// When it cannot be had: there are no recorded replies, or it is a server.
pub fn open(spec: &LlmSpec) -> Result<Box<dyn Provider>, LlmError> {
    Ok(match spec {
        LlmSpec::Offline => Box::new(Offline),
        LlmSpec::Replay(folder) => Box::new(Replay::open(folder)?),
        LlmSpec::Server { url, .. } => {
            return Err(LlmError::NoServer { url: url.clone() });
        }
    })
}
