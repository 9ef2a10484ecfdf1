//! Why there is no reply.
use std::path::PathBuf;

use super::Turn;
use super::preset::PRESETS;
use super::server::{Fault, KEY_ENV};

/// A word that names no language model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// Nothing of that name is known.
    #[error(
        "`{found}` is no language model: it must be `offline`, `replay:DIR`, an http(s) URL, or one of {}, which a URL may \
         follow as in `vllm:http://gpu:8000/v1`",
        preset_names()
    )]
    Unknown {
        /// The word.
        found: String,
    },
    /// It is no URL.
    #[error("`{found}` is no URL: {cause}")]
    Url {
        /// The word.
        found: String,
        /// Why.
        cause: String,
    },
    /// The URL holds a name or a password, which would be kept with the search.
    #[error(
        "a URL with a name or password in it would be kept and shown; put the key into the environment variable {KEY_ENV}, \
         or name another with --key-env"
    )]
    Password,
}

fn preset_names() -> String {
    let names: Vec<String> = PRESETS
        .iter()
        .map(|preset| format!("`{}`", preset.name))
        .collect();
    names.join(", ")
}

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
    /// The folder of recorded replies cannot be read.
    #[error("the folder of recorded replies {} cannot be read: {cause}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The folder holds no recorded reply.
    #[error(
        "{} holds no recorded reply: it must hold files `*.md`, `*.txt`, `*.py` or `*.json`, or be the folder of a search \
         with `trials/NNNN/exchanges/`",
        path.display()
    )]
    NoReplies {
        /// The folder.
        path: PathBuf,
    },
    /// A recorded reply cannot be read.
    #[error("the recorded reply {} cannot be read: {cause}", path.display())]
    Recorded {
        /// Its file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A recorded reply is larger than a reply may be.
    #[error("the recorded reply {} has {found} bytes, and may have {most}", path.display())]
    RecordedTooLarge {
        /// Its file.
        path: PathBuf,
        /// Its bytes.
        found: u64,
        /// The most a reply may have.
        most: u64,
    },
    /// A server gives no reply.
    #[error("{url} gave no reply{}: {fault}", times(*sent))]
    Server {
        /// The server.
        url: String,
        /// Times the request was sent.
        sent: u32,
        /// What was wrong the last time.
        fault: Fault,
    },
    /// What the environment holds is no key.
    #[error("the environment variable {name} holds no key: a key is one word of ASCII characters")]
    Key {
        /// The variable.
        name: String,
    },
}

fn times(sent: u32) -> String {
    match sent {
        0 | 1 => String::new(),
        sent => format!(" to {sent} requests"),
    }
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
            Self::NotRecorded { .. } | Self::Recorded { .. } | Self::RecordedTooLarge { .. } => {
                Consequence::TrialEnds
            }
            Self::Server { fault, .. } => fault.consequence(),
            Self::Folder { .. } | Self::NoReplies { .. } | Self::Key { .. } => {
                Consequence::SearchStops
            }
        }
    }
}
