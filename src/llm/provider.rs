//! [`Provider`]: the one thing that searching knows of a language model.
use super::offline::Offline;
use super::replay::Replay;
use super::server::Server;
use super::{Heard, LlmError, LlmSpec, Reply, Request, ServerOptions};

/// Answers requests, one at a time.
pub trait Provider: Send {
    /// What it is called where it is shown: a language model and where it runs.
    fn name(&self) -> String;

    /// Answers a request. `heard` learns how far the reply is, and what goes wrong on the way.
    ///
    /// # Errors
    ///
    /// When there is no reply; [`LlmError::consequence`] says what that means for the search.
    fn ask(&mut self, request: &Request, heard: &mut dyn FnMut(Heard)) -> Result<Reply, LlmError>;
}

/// The provider of a language model. A server is asked as `options` say, and is there: it has answered once.
///
/// # Errors
///
/// When it cannot be had: there are no recorded replies, or the server cannot be reached or wants another key.
pub fn open(spec: &LlmSpec, options: &ServerOptions) -> Result<Box<dyn Provider>, LlmError> {
    Ok(match spec {
        LlmSpec::Offline => Box::new(Offline),
        LlmSpec::Replay(folder) => Box::new(Replay::open(folder)?),
        LlmSpec::Server { preset, url } => Box::new(Server::open(url, *preset, options)?),
    })
}
