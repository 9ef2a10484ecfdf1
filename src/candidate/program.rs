//! [`Program`]: what does a job in a process of its own.
use std::ffi::OsString;
use std::path::PathBuf;

use super::ProcessError;

/// A program that does a job, and its arguments.
#[derive(Clone, Debug)]
pub struct Program {
    pub(super) executable: PathBuf,
    pub(super) arguments: Vec<OsString>,
}

/// The hidden subcommand by which this program does the job of a ready system.
pub const SYSTEM_COMMAND: &str = "system-process";

impl Program {
    /// A built candidate on a job file.
    pub fn candidate(executable: PathBuf, job: PathBuf) -> Self {
        Self {
            executable,
            arguments: vec![job.into()],
        }
    }

    /// One of the nets that [`Builder::build_many`](super::Builder::build_many) put into one program.
    pub fn one_of_many(executable: PathBuf, job: PathBuf, number: usize) -> Self {
        Self {
            executable,
            arguments: vec![job.into(), number.to_string().into()],
        }
    }

    /// This program, the command `nn-caption`, on a job file and a system's file.
    ///
    /// # Errors
    ///
    /// When the system does not tell where this program is.
    pub fn of_system(job: PathBuf, system: PathBuf) -> Result<Self, ProcessError> {
        let executable = std::env::current_exe().map_err(|error| ProcessError::Start {
            executable: PathBuf::from("nn-caption"),
            reason: error.to_string(),
        })?;
        let arguments = vec![SYSTEM_COMMAND.into(), job.into(), system.into()];
        Ok(Self {
            executable,
            arguments,
        })
    }
}
