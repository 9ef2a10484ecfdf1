//! What a candidate's process is asked to do: one JSON file.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::data::DataSpec;
use crate::decode::DecodeOptions;
use crate::limits::{Limits, Needs};
use crate::train::{Course, Pace};

/// A whole job file: the work, and beside its fields how the process goes about it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobFile {
    /// Kept by [`main`](super::main) only: [`run`](super::run) shares its process with others.
    #[serde(default)]
    pub limits: Limits,
    /// Whether the checks of [`verify`](crate::verify) come before training, on its first pictures. Training starts
    /// from the same weights either way.
    #[serde(default = "yes")]
    pub verify: bool,
    /// Files that the net itself reads, such as weights to start from.
    #[serde(default)]
    pub reads: Vec<PathBuf>,
    /// The work.
    #[serde(flatten)]
    pub job: Job,
}

impl JobFile {
    /// A job with the default limits and checks.
    pub fn new(job: Job) -> Self {
        Self {
            limits: Limits::default(),
            verify: yes(),
            reads: Vec::new(),
            job,
        }
    }

    /// The files and the device that the process takes.
    pub fn needs(&self) -> Needs {
        let mut needs = self.job.needs();
        needs.read.extend(self.reads.iter().cloned());
        needs
    }
}

/// The work of one process.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Job {
    /// Train, then score and caption the validation pictures, and training pictures if that is asked for.
    Train(Box<TrainJob>),
    /// Caption pictures with a trained net.
    Caption(CaptionJob),
    /// Score a trained net on a data set.
    Eval(EvalJob),
    /// Run the experiment of the probe.
    Probe(ProbeJob),
    /// Run the checks of [`verify`](crate::verify) on made-up pictures and captions.
    Verify(VerifyJob),
}

impl Job {
    /// The files and the device that it takes.
    pub fn needs(&self) -> Needs {
        let (read, write, device) = match self {
            Self::Train(job) => {
                let data = job.data.folder();
                let read = data.into_iter().chain([job.vocab.clone()]).collect();
                let features = job.course.features.clone();
                let write = [job.run.clone()].into_iter().chain(features).collect();
                (read, write, &job.device)
            }
            Self::Caption(job) => {
                let read = [job.run.clone()].into_iter().chain(job.images.clone());
                (read.collect(), Vec::new(), &job.device)
            }
            Self::Eval(job) => {
                let read = job.data.folder().into_iter().chain([job.run.clone()]);
                (read.collect(), vec![job.out.clone()], &job.device)
            }
            Self::Probe(job) => (Vec::new(), Vec::new(), &job.device),
            Self::Verify(job) => (Vec::new(), Vec::new(), &job.device),
        };
        let gpu = device != "cpu";
        Needs { read, write, gpu }
    }
}

/// Train a net by its own recipe.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainJob {
    /// Run folder: receives `history.jsonl scores.json captions.json checkpoint/`.
    pub run: PathBuf,
    /// The data set.
    pub data: DataSpec,
    /// `vocab.json`, whose size is the net's.
    pub vocab: PathBuf,
    /// See [`device::parse`](crate::device::parse).
    #[serde(default = "cpu")]
    pub device: String,
    /// Seeds initial values, order of the pictures and dropout.
    #[serde(default)]
    pub seed: u64,
    /// Passes over the training pictures.
    #[serde(default = "one")]
    pub epochs: usize,
    /// Pictures a step.
    #[serde(default = "sixteen")]
    pub batch: usize,
    /// Whether to go on after the last whole epoch in the run folder, if there is one.
    #[serde(default)]
    pub resume: bool,
    /// Ends training early, after so many steps in all.
    #[serde(default)]
    pub max_steps: Option<usize>,
    /// Captions of each picture that reach the net's loss.
    #[serde(default = "five")]
    pub n_captions: usize,
    /// Ids of a training caption, SOS and EOS included.
    #[serde(default = "max_length")]
    pub max_length: usize,
    /// What moves the learning rates, and when training ends early.
    #[serde(default)]
    pub pace: Pace,
    /// What it does beside.
    #[serde(default)]
    pub course: Course,
    /// How to score.
    #[serde(default)]
    pub score: ScoreOptions,
}

/// How a trained net is scored.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScoreOptions {
    /// Validation pictures, the first ones of the set.
    pub images: usize,
    /// Training pictures, the first ones of the set, scored at the end as the validation pictures are: a net that does
    /// far better on them has memorised. Default: 0
    pub train_images: usize,
    /// Score after every so many epochs; 0 scores at the end only.
    pub every: usize,
    /// Resamples behind the intervals.
    pub bootstrap: usize,
    /// How the library decodes.
    pub decode: DecodeOptions,
    /// Training captions tried as the constant caption.
    pub constants: usize,
}

impl Default for ScoreOptions {
    fn default() -> Self {
        Self {
            images: 300,
            train_images: 0,
            every: 1,
            bootstrap: 1000,
            decode: DecodeOptions::default(),
            constants: 200,
        }
    }
}

/// Caption pictures.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaptionJob {
    /// Run folder with `vocab.json` and `checkpoint/model.safetensors`.
    pub run: PathBuf,
    /// Whether to take the weights after the epoch of the best BLEU-4 rather than the last ones.
    #[serde(default)]
    pub best: bool,
    /// The pictures.
    pub images: Vec<PathBuf>,
    /// See [`device::parse`](crate::device::parse).
    #[serde(default = "cpu")]
    pub device: String,
    /// How the library decodes.
    #[serde(default)]
    pub decode: DecodeOptions,
    /// Whether to say where the net looked for each word.
    #[serde(default)]
    pub attention: bool,
}

/// Score a trained net.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvalJob {
    /// Run folder with `vocab.json` and `checkpoint/`.
    pub run: PathBuf,
    /// Whether to take the weights after the epoch of the best BLEU-4 rather than the last ones.
    #[serde(default)]
    pub best: bool,
    /// Folder that receives `scores.json` and `captions.json`.
    pub out: PathBuf,
    /// The data set.
    pub data: DataSpec,
    /// See [`device::parse`](crate::device::parse).
    #[serde(default = "cpu")]
    pub device: String,
    /// Pictures decoded at once.
    #[serde(default = "sixteen")]
    pub batch: usize,
    /// How to score.
    #[serde(default)]
    pub score: ScoreOptions,
}

/// What a net is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Images and captions to scores of words.
    #[default]
    Caption,
    /// Images to scores of classes: a [`Classifier`](super::Classifier).
    Classify,
}

/// Run the probe with these sizes; image shape and vocabulary are the net's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeJob {
    /// See [`device::parse`](crate::device::parse).
    #[serde(default = "cpu")]
    pub device: String,
    /// What the net is for.
    #[serde(default)]
    pub task: Task,
    /// Pictures.
    #[serde(default = "two")]
    pub batch: usize,
    /// Ids of a caption.
    #[serde(default = "nine")]
    pub length: usize,
    /// Captions that reach the training loss: 2 where the golden's labels are `B2T`, 1 for `BT`.
    #[serde(default = "two")]
    pub n_captions: usize,
}

impl Default for ProbeJob {
    fn default() -> Self {
        Self {
            device: cpu(),
            task: Task::default(),
            batch: two(),
            length: nine(),
            n_captions: two(),
        }
    }
}

/// Check a net without data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyJob {
    /// See [`device::parse`](crate::device::parse).
    #[serde(default = "cpu")]
    pub device: String,
    /// Seeds initial values and made-up captions.
    #[serde(default)]
    pub seed: u64,
    /// Captions of each picture that reach the net's loss.
    #[serde(default = "two")]
    pub n_captions: usize,
}

impl Default for VerifyJob {
    fn default() -> Self {
        Self {
            device: cpu(),
            seed: 0,
            n_captions: two(),
        }
    }
}

const fn yes() -> bool {
    true
}

fn cpu() -> String {
    "cpu".to_owned()
}

const fn one() -> usize {
    1
}

const fn two() -> usize {
    2
}

const fn five() -> usize {
    5
}

const fn nine() -> usize {
    9
}

const fn sixteen() -> usize {
    16
}

const fn max_length() -> usize {
    22
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_train_job_needs_a_run_a_data_set_and_a_vocabulary() {
        let json = r#"{"job":"train","run":"r","data":"scenes","vocab":"v.json","epochs":3}"#;
        let Job::Train(job) = serde_json::from_str(json).unwrap() else {
            panic!("{json}")
        };
        assert_eq!((job.epochs, job.batch, job.score.images), (3, 16, 300));
        assert_eq!(job.score.train_images, 0);
        assert_eq!(job.device, "cpu");
    }

    #[test]
    fn limits_stand_beside_the_fields_of_the_work() {
        let json = r#"{"job":"verify","seed":3,"limits":{"memory_mb":900,"network":true}}"#;
        let file: JobFile = serde_json::from_str(json).unwrap();
        assert_eq!(
            (file.limits.memory_mb, file.limits.network),
            (Some(900), true)
        );
        let again = serde_json::to_string(&file).unwrap();
        let again: JobFile = serde_json::from_str(&again).unwrap();
        assert_eq!(again.limits, file.limits);
        assert!(matches!(again.job, Job::Verify(VerifyJob { seed: 3, .. })));
    }

    #[test]
    fn a_job_without_limits_has_the_default_ones() {
        let json = serde_json::to_string(&Job::Probe(ProbeJob::default())).unwrap();
        let file: JobFile = serde_json::from_str(&json).unwrap();
        assert_eq!(file.limits, Limits::default());
        assert!(file.verify);
    }

    #[test]
    fn a_misspelt_field_is_named() {
        let json = r#"{"job":"train","run":"r","data":"scenes","vocab":"v","epoch":3}"#;
        let error = serde_json::from_str::<JobFile>(json).unwrap_err();
        assert!(error.to_string().contains("`epoch`"), "{error}");
    }

    #[test]
    fn training_reads_its_data_and_writes_its_run() {
        let json = r#"{"job":"train","run":"/r","data":"coco:/d","vocab":"/v","device":"cuda"}"#;
        let job: Job = serde_json::from_str(json).unwrap();
        let expected = Needs {
            read: vec!["/d".into(), "/v".into()],
            write: vec!["/r".into()],
            gpu: true,
        };
        assert_eq!(job.needs(), expected);
    }

    #[test]
    fn a_job_survives_json() {
        let job = Job::Probe(ProbeJob::default());
        let json = serde_json::to_string(&job).unwrap();
        let Job::Probe(back) = serde_json::from_str(&json).unwrap() else {
            panic!("{json}")
        };
        assert_eq!(back, ProbeJob::default());
    }
}
