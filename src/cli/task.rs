//! `--task`: what a net is for, to the command, to codegen and to the probe.
use nn_caption::caption_models::harness;
use nn_caption::codegen::{self, Options};

/// What a net is for
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Task {
    /// Pictures to captions
    Caption,
    /// Pictures to classes
    Classify,
}

impl Task {
    /// codegen's options for a net of this task.
    pub(crate) fn of(self, options: Options) -> Options {
        let task = match self {
            Self::Caption => codegen::Task::Caption,
            Self::Classify => codegen::Task::Classify,
        };
        Options { task, ..options }
    }

    /// The same in a job file.
    pub(crate) fn of_job(self) -> harness::Task {
        match self {
            Self::Caption => harness::Task::Caption,
            Self::Classify => harness::Task::Classify,
        }
    }
}

impl From<harness::Task> for Task {
    fn from(task: harness::Task) -> Self {
        match task {
            harness::Task::Caption => Self::Caption,
            harness::Task::Classify => Self::Classify,
        }
    }
}
