//! Exit codes of every command, and errors that know theirs.
use nn_caption::candidate::{BuildError, ProcessError};
use nn_caption::caption_models::device::DeviceError;
use nn_caption::caption_models::harness::Stage;
use nn_caption::run::RunError;

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

/// An error and the exit code it ends in.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) error: anyhow::Error,
}

/// What a subcommand returns.
pub(crate) type Answer = Result<Exit, Failure>;

impl Failure {
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit: Exit::Usage,
            error: error.into(),
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let exit = match &error {
            RunError::Rejected(_) | RunError::Build(BuildError::Refused { .. }) => Exit::No,
            RunError::Process(process) => of_process(process),
            _ => Exit::Usage,
        };
        Self {
            exit,
            error: error.into(),
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
            DeviceError::NotBuiltIn { .. } => Exit::Stopped,
            _ => Exit::Usage,
        };
        Self {
            exit,
            error: error.into(),
        }
    }
}

fn of_process(error: &ProcessError) -> Exit {
    match error {
        ProcessError::Failed { stage, .. } => of_stage(*stage),
        ProcessError::Crashed { .. } => Exit::No,
        _ => Exit::Stopped,
    }
}

fn of_stage(stage: Stage) -> Exit {
    match stage.exit_code() {
        1 => Exit::No,
        2 => Exit::Usage,
        _ => Exit::Stopped,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_limit_is_told_from_a_net_that_fails() {
        let timeout = ProcessError::TimedOut {
            limit: Duration::from_secs(1),
        };
        assert_eq!(Failure::from(timeout).exit, Exit::Stopped);
        let nan = ProcessError::Failed {
            stage: Stage::Nan,
            message: String::new(),
        };
        assert_eq!(Failure::from(nan).exit, Exit::No);
    }
}
