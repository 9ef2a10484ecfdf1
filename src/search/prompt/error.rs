//! Why there is no prompt.
use std::path::PathBuf;

use super::DECODERS;
use crate::lemur::LemurError;

/// Why there is no prompt.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PromptError {
    /// The folder of nets, or one of its files, cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The folder or the file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder holds no net.
    #[error(
        "{} holds no net: there is no Python file in it, nor in its `nets`, `nn` or `ab/nn/nn`; captioning nets are called \
         `RESNETLSTM.py`, `ResNetTransformer.py`, `ConvNeXtTransformer.py` or `C*C-*.py`, as in LEMUR, others are classifiers",
        path.display()
    )]
    NoNets {
        /// The folder.
        path: PathBuf,
    },
    /// Results beside the nets cannot be read.
    #[error(transparent)]
    Results(#[from] LemurError),
    /// There is no captioning net of that name.
    #[error("there is no captioning net `{found}` to start from; there are {}", known.join(", "))]
    UnknownAnchor {
        /// The name.
        found: String,
        /// The names of those that there are.
        known: Vec<String>,
    },
    /// There are fewer classifiers than are wanted.
    #[error(
        "{wanted} snippets are wanted, and the pool has {found} that fit beside `{anchor}`; ask for fewer, or name a folder \
         with more nets"
    )]
    TooFewSnippets {
        /// How many are wanted.
        wanted: usize,
        /// How many there are.
        found: usize,
        /// The net to start from, whose own encoder is left out.
        anchor: String,
    },
    /// The net to start from leaves no room for anything else.
    #[error("the captioning net `{anchor}` has {found} characters, and may have {most}")]
    AnchorTooLong {
        /// Its name.
        anchor: String,
        /// Its characters.
        found: usize,
        /// The most it may have.
        most: usize,
    },
    /// The decoder is none that a net can be asked for.
    #[error("`{found}` is no decoder: it must be one of {}", DECODERS.join(", "))]
    UnknownDecoder {
        /// The word.
        found: String,
    },
}
