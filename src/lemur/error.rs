//! What can go wrong with LEMUR's files.
use std::io;
use std::path::PathBuf;

use crate::run::RunError;

/// Why an export or a folder of results failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LemurError {
    /// A file or folder cannot be written.
    #[error("cannot write {}: {cause}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// A file or folder cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// A file of results holds something else.
    #[error("{} is not a list of LEMUR's results: {cause}", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// Where.
        cause: serde_json::Error,
    },
    /// A trial's run folder lacks what the export needs.
    #[error("trial {trial} cannot be exported: {cause}")]
    Run {
        /// The trial.
        trial: u64,
        /// What is missing.
        cause: Box<RunError>,
    },
    /// A net's name is no file name.
    #[error("trial {trial} has a net whose name cannot be a file's: {name:?}")]
    Name {
        /// The trial.
        trial: u64,
        /// The name.
        name: String,
    },
}
