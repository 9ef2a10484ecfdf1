//! Why a run does not come about.
use std::io;
use std::path::PathBuf;

use caption_models::data::DataError;
use caption_models::harness::Stage;
use caption_models::limits::Exceeded;
use caption_models::system::SystemError;
use codegen::{Outcome, Rejected};

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
    /// The ready system cannot be had.
    #[error(transparent)]
    System(#[from] SystemError),
    /// The candidate could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The candidate did not finish.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The folder is taken.
    #[error("{} already holds a run; choose another folder, or go on with it by `nn-caption resume`", path.display())]
    FolderTaken {
        /// The folder.
        path: PathBuf,
    },
    /// The folder cannot be made.
    #[error("cannot make the run folder {}: {cause}; choose one that can be written", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The folder holds no trained net.
    #[error("{} is no run with a trained net: there is no {}", path.display(), missing.display())]
    NoRun {
        /// The folder.
        path: PathBuf,
        /// The first file looked for in vain.
        missing: PathBuf,
    },
    /// A file of the run could not be read.
    #[error("cannot read {}: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file of the run could not be written.
    #[error("cannot write {}: {cause}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file of the run holds something else than a run wrote there.
    #[error("{} is damaged: {cause}; a run writes it, so train again or restore it", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where the JSON stops to be one.
        cause: serde_json::Error,
    },
}

impl RunError {
    /// How the candidate ended. `None` when the error says nothing about the net: wrong usage, unreadable input, a
    /// device or a tool that cannot be had.
    pub fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Rejected(rejected) => Some(rejected.outcome()),
            Self::Build(BuildError::Refused { .. }) => Some(Outcome::Build),
            Self::Process(error) => of_process(error),
            Self::Write { cause, .. } if is_full(cause) => Some(Outcome::Disk),
            _ => None,
        }
    }
}

fn of_process(error: &ProcessError) -> Option<Outcome> {
    Some(match error {
        ProcessError::Failed { stage, .. } => return of_stage(*stage),
        ProcessError::TimedOut { .. } => Outcome::Timeout,
        ProcessError::Exceeded { limit } => match limit {
            Exceeded::Memory => Outcome::Oom,
            Exceeded::CpuTime => Outcome::Timeout,
            Exceeded::FileSize => Outcome::Disk,
        },
        ProcessError::Killed { .. } => Outcome::Killed,
        ProcessError::Crashed { .. } => Outcome::Crash,
        ProcessError::Start { .. } => return None,
    })
}

fn of_stage(stage: Stage) -> Option<Outcome> {
    match stage {
        Stage::State | Stage::Panic => Some(Outcome::Crash),
        Stage::Nan => Some(Outcome::Nan),
        Stage::Verify => Some(Outcome::Verify),
        Stage::Memory => Some(Outcome::Oom),
        Stage::Output => Some(Outcome::Disk),
        _ => None,
    }
}

fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), FileTooLarge | QuotaExceeded | StorageFull)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn outcome(error: ProcessError) -> Option<Outcome> {
        RunError::from(error).outcome()
    }

    fn failed(stage: Stage) -> ProcessError {
        let message = String::new();
        ProcessError::Failed { stage, message }
    }

    #[test]
    fn every_end_of_a_candidate_has_its_word() {
        let limit = Duration::from_secs(1);
        assert_eq!(
            outcome(ProcessError::TimedOut { limit }),
            Some(Outcome::Timeout)
        );
        let limits = [
            (Exceeded::Memory, Outcome::Oom),
            (Exceeded::CpuTime, Outcome::Timeout),
            (Exceeded::FileSize, Outcome::Disk),
        ];
        for (limit, expected) in limits {
            assert_eq!(outcome(ProcessError::Exceeded { limit }), Some(expected));
        }
        let stages = [
            (Stage::Panic, Outcome::Crash),
            (Stage::Nan, Outcome::Nan),
            (Stage::Verify, Outcome::Verify),
            (Stage::Output, Outcome::Disk),
        ];
        for (stage, expected) in stages {
            assert_eq!(outcome(failed(stage)), Some(expected));
        }
    }

    #[test]
    fn what_says_nothing_about_the_net_has_none() {
        for stage in [Stage::Input, Stage::Device] {
            assert_eq!(outcome(failed(stage)), None);
        }
    }

    #[test]
    fn only_a_full_disk_is_an_outcome_of_writing() {
        let write = |kind: io::ErrorKind| RunError::Write {
            path: PathBuf::new(),
            cause: kind.into(),
        };
        let full = write(io::ErrorKind::StorageFull);
        assert_eq!(full.outcome(), Some(Outcome::Disk));
        assert_eq!(write(io::ErrorKind::PermissionDenied).outcome(), None);
    }
}
