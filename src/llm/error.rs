//! Why there is no reply.
use std::path::PathBuf;

use super::Turn;
use super::preset::PRESETS;

/// A word that names no language model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// Nothing of that name is known.
    #[error(
        "`{found}` is no language model: it must be `offline`, `replay:DIR`, an http(s) URL, or one of {}, which a URL may \
         follow as in `vllm:http://gpu:8000`",
        preset_names()
    )]
    Unknown {
        /// The word.
        found: String,
    },
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
    #[error("the folder of recorded replies {} cannot be read: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
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
    #[error("the recorded reply {} cannot be read: {source}", path.display())]
    Recorded {
        /// Its file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
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
    /// A server was named, and none can be asked.
    #[error(
        "{url} is a server, which this version cannot ask: record its replies in a folder, a file each, and give `replay:FOLDER`"
    )]
    NoServer {
        /// The server.
        url: String,
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
            Self::NotRecorded { .. } | Self::Recorded { .. } | Self::RecordedTooLarge { .. } => {
                Consequence::TrialEnds
            }
            Self::Folder { .. } | Self::NoReplies { .. } | Self::NoServer { .. } => {
                Consequence::SearchStops
            }
        }
    }
}
