//! Why a run does not come about.
use std::io;
use std::path::PathBuf;

use caption_models::data::DataError;
use codegen::Rejected;

use crate::candidate::{BuildError, ProcessError};

/// Why a run does not come about, or ends early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The reply was rejected; the diagnostics say why.
    #[error(transparent)]
    Rejected(Box<Rejected>),
    /// The data cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The candidate could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The candidate did not finish.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The folder is taken.
    #[error("{} already holds a run; choose another folder", path.display())]
    FolderTaken {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds no trained net.
    #[error("{} is no run with a trained net: there is no {}", path.display(), missing.display())]
    NoRun {
        /// The folder.
        path: PathBuf,
        /// The first file looked for in vain.
        missing: PathBuf,
    },
    /// A file of the run could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
