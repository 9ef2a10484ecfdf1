//! Training by the net's own recipe.

mod seed;
mod trainer;

pub use seed::step_seed;
pub use trainer::{EpochBleu, EpochRow, Progress, TrainError, Trainer};
