//! [`WeightsError`]: weights that cannot be read, written or used.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::LoadReport;
use crate::checkpoint::CheckpointError;

/// Weights that cannot be read, written or used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// The file cannot be opened or read.
    #[error("weights {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("weights: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<CheckpointError>,
    },
    /// The file is truncated, damaged, or something else.
    #[error("{path} holds no weights that can be read: {reason}")]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A tensor that is not of floats.
    #[error("`{name}` in {path} is of {found}, but floats are required")]
    Type {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Its type.
        found: String,
    },
    /// Names or shapes are not the module's.
    #[error("{path} does not fit the module: {report}")]
    Unfit {
        /// The file.
        path: PathBuf,
        /// What differs.
        report: LoadReport,
    },
}

impl WeightsError {
    pub(super) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn write(path: &Path, source: CheckpointError) -> Self {
        Self::Write {
            path: path.to_owned(),
            source: Box::new(source),
        }
    }

    pub(super) fn format(path: &Path, reason: impl Into<String>) -> Self {
        Self::Format {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }
}
