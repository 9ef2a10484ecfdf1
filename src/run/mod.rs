//! One run: from a reply and a data set to a folder with a trained net, its captions and scores.
mod error;
mod folder;
mod info;
mod launch;
mod outcome;
mod plan;
mod source;

pub use error::RunError;
pub use folder::RunFolder;
pub use info::RunInfo;
pub use launch::{Launched, caption, eval, launch_probe, probe_one_of_many, resume};
pub use outcome::{RunOutcome, RunStage};
pub use plan::{Plan, Prepared, options};
pub use source::{Net, Source, SystemPlan};
