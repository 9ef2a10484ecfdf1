//! Training by the net's own recipe, and going on with it after an interruption.

mod course;
mod metric;
mod pace;
mod resume;
mod seed;
mod self_critical;
mod so_far;
mod trainer;

pub use course::{Course, Phase};
pub use metric::{Metric, MetricError};
pub use pace::{Pace, Schedule, ScheduleError};
pub use resume::{ResumeError, ResumeFile, TrainProgress};
pub use seed::step_seed;
pub use self_critical::{EpochReward, Reward, Rewards, SelfCritical, SelfCriticalError, backward};
pub use so_far::EpochSoFar;
pub use trainer::{EpochBleu, EpochRow, Moment, Progress, TrainError, Trainer};
