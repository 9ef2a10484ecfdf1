//! Prompts: what a language model is asked.
//!
//! A [`Pool`] holds captioning nets to start from and classifiers to borrow from; [`Pool::draw`] makes a [`Prompt`] of some of
//! them, the rules that codegen enforces, and the form of the answer. The texts are in one folder a version, and a
//! version's texts do not change once replies to them were recorded. [`repair`] sends diagnostics back.
mod draw;
mod error;
mod nets;
mod pool;
mod repair;
mod rules;
mod shorten;
mod template;

use bleu::Interval;

pub use error::PromptError;
pub use pool::Pool;
pub use repair::repair;

use crate::llm::Message;
use crate::store::{Brief, Form};

/// Version of the texts.
pub const VERSION: &str = "v2";

/// Decoders that may be asked for.
pub const DECODERS: [&str; 3] = ["lstm", "gru", "transformer"];

/// What a prompt is drawn from.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawOptions {
    /// How the net is to be written.
    pub form: Form,
    /// Snippets, K.
    pub snippets: usize,
    /// The captioning net to start from; drawn where absent.
    pub anchor: Option<String>,
    /// The decoder asked for.
    pub decoder: Option<String>,
    /// Seeds the draw.
    pub seed: u64,
    /// Earlier nets to show with their scores.
    pub best: Vec<Shown>,
}

/// An earlier net that a prompt shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Its trial.
    pub trial: u64,
    /// How [`Self::code`] is written.
    pub form: Form,
    /// Its Python, or the data that it was written as.
    pub code: String,
    /// Its BLEU-4.
    pub score: Interval,
    /// Its parameters.
    pub n_params: u64,
}

/// A prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// What it was made from.
    pub brief: Brief,
    /// What is sent.
    pub messages: Vec<Message>,
    /// The JSON Schema of the reply, where it is to be data.
    pub schema: Option<serde_json::Value>,
}

#[cfg(test)]
mod tests;
