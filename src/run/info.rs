//! `run.json`: how a run was asked for.
use std::collections::BTreeMap;

use caption_models::data::DataSpec;
use caption_models::limits::Limits;
use caption_models::train::{Course, Pace};
use serde::{Deserialize, Serialize};

/// How a run was asked for, and which net it trains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// The version of this package.
    pub version: String,
    /// The canonical Program's sha256; empty for a ready system.
    pub hash: String,
    /// The ready system's name, where the net is one.
    #[serde(default)]
    pub system: Option<String>,
    /// Whether the encoder started from weights in a file.
    #[serde(default)]
    pub pretrained: bool,
    /// The data set.
    pub data: DataSpec,
    /// The device's name.
    pub device: String,
    /// Passes over the training pictures.
    pub epochs: usize,
    /// Pictures a step.
    pub batch: usize,
    /// Channels, height, width.
    pub image: [usize; 3],
    /// Hyper-parameters as the net received them.
    pub prm: BTreeMap<String, serde_json::Value>,
    /// Seeds initial values, order of the pictures and dropout.
    pub seed: u64,
    /// Training pictures scored beside the validation pictures.
    #[serde(default)]
    pub score_train: usize,
    /// What moves the learning rates, and when training ends early.
    #[serde(default)]
    pub pace: Pace,
    /// What the training does beside.
    #[serde(default)]
    pub course: Course,
    /// What the candidate's process may use.
    #[serde(default)]
    pub limits: Limits,
    /// Seconds that the candidate may run, by the clock on the wall; `null` for ever.
    #[serde(default)]
    pub time_limit: Option<u64>,
    /// Whether the net was checked before training.
    #[serde(default = "yes")]
    pub verify: bool,
}

impl RunInfo {
    /// Passes over the training pictures, self-critical ones included.
    pub fn n_epochs(&self) -> usize {
        let critical = self.course.self_critical.map_or(0, |how| how.epochs);
        self.epochs + critical
    }

    /// The ready system's name, or the first digits of the Program's hash.
    pub fn net(&self) -> &str {
        let hash = self.hash.get(..12).unwrap_or(&self.hash);
        self.system.as_deref().unwrap_or(hash)
    }
}

/// What runs before this field did.
const fn yes() -> bool {
    true
}
