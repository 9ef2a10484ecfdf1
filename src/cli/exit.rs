//! Exit codes of every command, and errors that know theirs.
use std::path::PathBuf;

use nn_caption::candidate::{BuildError, ProcessError};
use nn_caption::caption_models::device::DeviceError;
use nn_caption::caption_models::harness::Stage;
use nn_caption::codegen::Outcome;
use nn_caption::run::{RunError, RunOutcome};

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// It did what it was asked to.
    Done = 0,
    /// The answer is no: the reply is rejected, numbers differ, a check failed.
    No = 1,
    /// Wrong usage or unreadable input.
    Usage = 2,
    /// Stopped by a limit or a device.
    Stopped = 3,
}

impl Exit {
    /// The exit code of `train` for an outcome. A net that collapsed did train: the answer to "train it" is a run.
    fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Trained | Outcome::Collapse => Self::Done,
            Outcome::Oom | Outcome::Timeout | Outcome::Disk | Outcome::Killed => Self::Stopped,
            _ => Self::No,
        }
    }
}

/// An error and the exit code it ends in.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) error: anyhow::Error,
    /// What became of the net, where the error says something about it.
    pub(crate) outcome: Option<Outcome>,
    /// What became of the run, where there was one.
    pub(crate) ended: Option<Box<Ended>>,
}

/// A run that an error stopped.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) folder: PathBuf,
    pub(crate) outcome: RunOutcome,
}

/// What a subcommand returns.
pub(crate) type Answer = Result<Exit, Failure>;

impl Failure {
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit: Exit::Usage,
            error: error.into(),
            outcome: None,
            ended: None,
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let outcome = error.outcome();
        Self {
            exit: outcome.map_or_else(|| without_outcome(&error), Exit::of),
            error: error.into(),
            outcome,
            ended: None,
        }
    }
}

impl From<ProcessError> for Failure {
    fn from(error: ProcessError) -> Self {
        RunError::from(error).into()
    }
}

impl From<DeviceError> for Failure {
    fn from(error: DeviceError) -> Self {
        let exit = match error {
            DeviceError::Unknown { .. } => Exit::Usage,
            _ => Exit::Stopped,
        };
        Self {
            exit,
            ..Self::usage(error)
        }
    }
}

/// Errors that say nothing about a net: the machine's, or the caller's.
fn without_outcome(error: &RunError) -> Exit {
    match error {
        RunError::Process(error) => match error {
            ProcessError::Start { .. } => Exit::Stopped,
            ProcessError::Failed { stage, .. } if *stage == Stage::Device => Exit::Stopped,
            _ => Exit::Usage,
        },
        RunError::Build(BuildError::Files { .. } | BuildError::Cargo { .. }) => Exit::Stopped,
        _ => Exit::Usage,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn exit(error: ProcessError) -> Exit {
        Failure::from(error).exit
    }

    fn failed(stage: Stage) -> ProcessError {
        let message = String::new();
        ProcessError::Failed { stage, message }
    }

    #[test]
    fn a_limit_is_told_from_a_net_that_fails() {
        let limit = Duration::from_secs(1);
        assert_eq!(exit(ProcessError::TimedOut { limit }), Exit::Stopped);
        assert_eq!(exit(failed(Stage::Nan)), Exit::No);
    }

    #[test]
    fn a_candidates_own_exit_code_is_the_commands() {
        let stages = [
            Stage::Input,
            Stage::Device,
            Stage::State,
            Stage::Nan,
            Stage::Verify,
            Stage::Panic,
            Stage::Memory,
            Stage::Output,
        ];
        for stage in stages {
            assert_eq!(exit(failed(stage)) as u8, stage.exit_code(), "{stage:?}");
        }
    }
}
