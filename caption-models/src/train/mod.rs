//! Training by the net's own recipe, and going on with it after an interruption.

mod resume;
mod seed;
mod trainer;

pub use resume::{ResumeError, ResumeFile, TrainProgress};
pub use seed::step_seed;
pub use trainer::{EpochBleu, EpochRow, Progress, TrainError, Trainer};
