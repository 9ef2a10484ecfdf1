//! [`Course`]: what a training does beside the net's recipe and its [`Pace`](super::Pace).

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::SelfCritical;
use crate::data::Augment;
use crate::system::{Freeze, Unfreeze};

/// What a training does beside the net's recipe and its [`Pace`](super::Pace).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Course {
    /// How training pictures are changed, anew in each epoch. Default: not at all
    pub augment: Augment,
    /// From when on which stages of a ready system's encoder are trained. Default: as the system says
    pub unfreeze: Vec<Unfreeze>,
    /// Epochs of self-critical training after those of cross-entropy, for ready systems. Default: none
    pub self_critical: Option<SelfCritical>,
    /// Where features are kept while the whole encoder keeps its weights and pictures are not changed, see
    /// [`FeatureCache`](crate::features::FeatureCache). Default: nowhere
    pub features: Option<PathBuf>,
    /// Seconds after which the state is saved within an epoch, again and again. Default: 600
    pub save_every: u64,
}

impl Default for Course {
    fn default() -> Self {
        Self {
            augment: Augment::default(),
            unfreeze: Vec::new(),
            self_critical: None,
            features: None,
            save_every: 600,
        }
    }
}

/// What an epoch lowers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Phase {
    /// The net's own loss.
    CrossEntropy,
    /// The loss of self-critical training; the encoder keeps its weights, and dropout is off.
    SelfCritical(SelfCritical),
}

impl Course {
    /// The stages that are frozen in an epoch (from 1), where it is not the system that says so.
    pub fn freeze(&self, phase: Phase, epoch: usize) -> Option<Freeze> {
        match phase {
            Phase::CrossEntropy => Unfreeze::at(&self.unfreeze, epoch),
            Phase::SelfCritical(_) => Some(Freeze::ALL),
        }
    }
}
