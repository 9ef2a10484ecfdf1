//! One result.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::python;
use crate::run::RunInfo;

/// Numbers of a training that say nothing about how it was asked for.
const RESULTS: [&str; 4] = ["uid", "duration", "accuracy", "epoch"];

/// One result as LEMUR keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatRow {
    /// LEMUR's BLEU-4.
    pub accuracy: f64,
    /// Nanoseconds from the start of training to the end of this epoch.
    pub duration: u64,
    /// md5 of the hyper-parameters: equal for the epochs of one training.
    pub uid: String,
    /// Hyper-parameters, `batch` and `transform` among them.
    #[serde(flatten)]
    pub prm: BTreeMap<String, Value>,
}

impl StatRow {
    /// The result of a run.
    pub(super) fn new(accuracy: f64, seconds: f64, info: &RunInfo) -> Self {
        let prm = hyper_parameters(info);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float saturates"
        )]
        let duration = (seconds * 1e9) as u64;
        let uid = python::uid(prm.iter().map(|(name, value)| (name.as_str(), value)));
        Self {
            accuracy,
            duration,
            uid,
            prm,
        }
    }

    /// As it stands in the file: all names in order.
    pub(super) fn sorted(&self) -> BTreeMap<String, Value> {
        let mut all = self.prm.clone();
        all.insert("accuracy".to_owned(), self.accuracy.into());
        all.insert("duration".to_owned(), self.duration.into());
        all.insert("uid".to_owned(), self.uid.clone().into());
        all
    }
}

/// `transform` is LEMUR's name for what we do to a picture: resized, between 0 and 1.
fn hyper_parameters(info: &RunInfo) -> BTreeMap<String, Value> {
    let mut prm = info.prm.clone();
    prm.retain(|name, _| !RESULTS.contains(&name.as_str()));
    prm.insert("batch".to_owned(), info.batch.into());
    let [_, height, width] = info.image;
    let transform = if height == width {
        format!("echo_{height}")
    } else {
        format!("echo_{height}x{width}")
    };
    prm.insert("transform".to_owned(), transform.into());
    prm
}
