//! Why a search cannot be kept or read.
use std::io;
use std::path::PathBuf;

/// Why a search cannot be kept or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no search in the folder.
    #[error("{} holds no search: there is no search.db, or nothing in it; `nn-caption search --out FOLDER` makes one", path.display())]
    NoSearch {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds a search already.
    #[error("{} already holds a search; go on with it by `nn-caption search --resume --out {}`, or choose another folder", path.display(), path.display())]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// The file is no database, was made by a later version, or cannot be written.
    #[error("cannot use {}: {cause}", path.display())]
    Database {
        /// `search.db`.
        path: PathBuf,
        /// What the database said.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A record holds something else than a search wrote there.
    #[error(
        "the record of {what} in search.db is damaged: {cause}; `search.db` of a backup, or a new search, helps"
    )]
    Damaged {
        /// Which record.
        what: String,
        /// Where its JSON stops to be one.
        cause: serde_json::Error,
    },
    /// A file beside the database cannot be written.
    #[error("cannot write {}: {cause}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}
