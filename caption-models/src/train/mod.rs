//! Training by the net's own recipe, and going on with it after an interruption.

mod pace;
mod resume;
mod seed;
mod trainer;

pub use pace::{Pace, Schedule, ScheduleError};
pub use resume::{ResumeError, ResumeFile, TrainProgress};
pub use seed::step_seed;
pub use trainer::{EpochBleu, EpochRow, Progress, TrainError, Trainer};
