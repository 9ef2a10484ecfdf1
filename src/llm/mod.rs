//! Language models: who writes the nets.
//!
//! A [`Provider`] answers one [`Request`] at a time. Searching knows nothing else of it, so a server, a folder of
//! recorded replies and the embedded generator are interchangeable; [`open`] makes any of them.
//!
//! ```
//! use nn_caption::llm::{LlmSpec, Message, Request, Role, ServerOptions, Turn, open};
//!
//! let spec: LlmSpec = "offline".parse()?;
//! let mut provider = open(&spec, &ServerOptions::default())?;
//! let question = Message { role: Role::User, content: "Write a captioning net.".to_owned() };
//! let request = Request {
//!     turn: Turn { trial: 1, attempt: 0 },
//!     messages: vec![question],
//!     sampling: spec.sampling(0),
//!     schema: None,
//! };
//! let reply = provider.ask(&request, &mut |_| ())?;
//! assert!(!reply.text.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
mod error;
mod offline;
mod preset;
mod provider;
pub(crate) mod random;
mod replay;
mod request;
mod server;
mod spec;

pub use error::{Consequence, LlmError, SpecError};
pub(crate) use offline::DECODER_ASKED;
pub use preset::{PRESETS, Preset};
pub use provider::{Provider, open};
pub use request::{
    Finish, Heard, Message, Progress, Reply, Request, Role, Sampling, SentInVain, Turn, Usage,
};
pub use server::{Awaited, Fault, KEY_ENV, Rates, ServerOptions, TimeOuts};
pub use spec::LlmSpec;

/// Bytes of the longest reply, reasoning included.
pub const MAX_REPLY_BYTES: u64 = 4 * 1024 * 1024;
