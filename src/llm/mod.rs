//! Language models: who writes the nets.
//!
//! A [`Provider`] answers one [`Request`] at a time. Searching knows nothing else of it, so a server, a folder of recorded
//! replies and the embedded generator are interchangeable.
mod error;
mod provider;
mod request;

pub use error::{Consequence, LlmError};
pub use provider::Provider;
pub use request::{Finish, Message, Progress, Reply, Request, Role, Sampling, Turn, Usage};
