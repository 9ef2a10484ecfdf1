//! PyTorch's side of a probe, read from its JSON file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use super::numbers::{ParamShape, Sampled};
use crate::harness::{ProbeJob, Task};

/// A golden file. What a file does not hold is not compared.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Golden {
    /// The net's name.
    pub net: String,
    /// What the net is for.
    pub task: Task,
    /// Sizes: `B C H W T V`, or `classes`.
    #[serde(rename = "const")]
    pub sizes: BTreeMap<String, usize>,
    /// The hyper-parameters that the net was built with.
    pub prm: BTreeMap<String, serde_json::Value>,
    /// The error that PyTorch itself ends with; then there are no numbers.
    pub error: Option<String>,
    /// What that error says.
    pub message: Option<String>,
    pub(super) params: Vec<ParamShape>,
    pub(super) logits: Option<Sampled>,
    pub(super) free_running: Option<GoldenFreeRunning>,
    pub(super) loss: Option<GoldenLoss>,
    pub(super) learn: Option<GoldenLearn>,
    pub(super) random: GoldenRandom,
    pub(super) noise: GoldenNoise,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GoldenFreeRunning {
    pub(super) shape: Option<Vec<usize>>,
    pub(super) ids: Option<Vec<Vec<i64>>>,
    pub(super) min_margin: BTreeMap<String, f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct GoldenLoss {
    pub(super) value: Option<f64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GoldenLearn {
    pub(super) labels_form: String,
    pub(super) backward_loss: Vec<f64>,
    pub(super) optimizer: Vec<GoldenOptimizer>,
    pub(super) clip: Vec<GoldenClip>,
    pub(super) grad_norm: BTreeMap<String, Option<f64>>,
    pub(super) abs_sum_after: BTreeMap<String, Option<f64>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct GoldenOptimizer {
    pub(super) class: String,
    #[serde(default)]
    pub(super) groups: Vec<GoldenGroup>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct GoldenGroup {
    pub(super) lr: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct GoldenClip {
    pub(super) total_norm: Option<f64>,
}

/// What depends on PyTorch's generator.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GoldenRandom {
    pub(super) state: Vec<serde_json::Value>,
    /// `None` where PyTorch itself fails.
    pub(super) forward: Option<bool>,
    pub(super) learn: Option<bool>,
}

/// What `f32` costs PyTorch itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GoldenNoise {
    pub(super) logits_max_abs: Option<f64>,
    pub(super) loss_abs: Vec<f64>,
    pub(super) grad_norm_max_rel: Option<f64>,
}

/// A golden file that cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GoldenError {
    /// No such file, or no right to it.
    #[error("cannot read the golden file {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not the JSON of a golden.
    #[error("{path} is no golden file of a probe")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
}

impl Golden {
    /// Reads a golden file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is no golden.
    pub fn read(path: &Path) -> Result<Self, GoldenError> {
        let text = std::fs::read_to_string(path).map_err(|source| GoldenError::Read {
            path: path.to_owned(),
            source,
        })?;
        serde_json::from_str(&text).map_err(|source| GoldenError::Parse {
            path: path.to_owned(),
            source,
        })
    }

    /// Why there is nothing to compare a net with, if so.
    pub fn without_numbers(&self) -> Option<String> {
        if let Some(error) = &self.error {
            let message = self.message.as_deref().unwrap_or("no message");
            return Some(format!("PyTorch itself fails with {error}: {message}"));
        }
        let is_empty = self.params.is_empty()
            && self.logits.is_none()
            && self.loss.is_none()
            && self.learn.is_none();
        is_empty.then(|| "it names neither parameters nor results".to_owned())
    }

    /// Whether the outputs depend on PyTorch's generator.
    pub(super) fn is_forward_random(&self) -> bool {
        self.random.forward.unwrap_or(false) || !self.random.state.is_empty()
    }

    /// Whether a step does.
    pub(super) fn is_learn_random(&self) -> bool {
        self.random.learn.unwrap_or(false) || self.is_forward_random()
    }

    /// A size by the golden's letter.
    pub fn size(&self, name: &str) -> Option<usize> {
        self.sizes.get(name).copied()
    }

    /// Words of the vocabulary, or classes, whichever the net is for.
    pub fn words(&self) -> Option<usize> {
        match self.task {
            Task::Caption => self.size("V"),
            Task::Classify => self.size("classes"),
        }
    }

    /// The image shape `[channels, height, width]`, if the golden has one.
    pub fn image(&self) -> Option<[usize; 3]> {
        Some([self.size("C")?, self.size("H")?, self.size("W")?])
    }

    /// The experiment to run beside it, on the CPU.
    pub fn job(&self) -> ProbeJob {
        let defaults = ProbeJob::default();
        let is_one = self
            .learn
            .as_ref()
            .is_some_and(|learn| learn.labels_form == "BT");
        ProbeJob {
            task: self.task,
            batch: self.size("B").unwrap_or(defaults.batch),
            length: self.size("T").unwrap_or(defaults.length),
            n_captions: if is_one { 1 } else { 2 },
            ..defaults
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(json: &str) -> Option<String> {
        serde_json::from_str::<Golden>(json)
            .unwrap()
            .without_numbers()
    }

    #[test]
    fn a_failure_of_pytorch_leaves_nothing_to_compare() {
        let failed = r#"{"const":{"V":9},"error":"IndexError","message":"too many indices"}"#;
        let reason = reason(failed).unwrap();
        assert!(reason.contains("IndexError: too many indices"), "{reason}");
    }

    #[test]
    fn sizes_alone_are_nothing_to_compare() {
        assert!(reason(r#"{"const":{"V":9},"prm":{"lr":0.1}}"#).is_some());
        assert!(reason(r#"{"params":[{"name":"w","shape":[2]}]}"#).is_none());
    }
}
