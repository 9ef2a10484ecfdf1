//! From a generated net to a running process.
use std::fs;
use std::path::{Path, PathBuf};

use caption_models::harness::{CaptionJob, Job, JobFile, ProbeJob, ScoreOptions, TrainJob};
use codegen::Generated;

use super::{Prepared, RunError, RunFolder, RunInfo};
use crate::candidate::{Builder, Built, Process};

/// Captions of each training picture that reach the net's loss, as LEMUR loads them.
const N_CAPTIONS: usize = 5;
/// Ids of a training caption, SOS and EOS included.
const MAX_LENGTH: usize = 22;
/// Longest caption of a picture given by hand, in words.
const MAX_WORDS: usize = 20;

/// A candidate at work.
#[derive(Debug)]
pub struct Launched {
    /// How it was built; `None` when the program was there already.
    pub built: Option<Built>,
    /// The process.
    pub process: Process,
}

impl Prepared {
    /// Writes everything that is known before training.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn record(&self, folder: &RunFolder) -> Result<(), RunError> {
        let generated = &self.generated;
        folder.write(&folder.reply(), &self.reply)?;
        folder.write(&folder.python(), &generated.python)?;
        folder.write(&folder.net(), &generated.source)?;
        folder.write_json(&folder.program(), &generated.program)?;
        folder.write_json(&folder.recipe(), &generated.program.recipe)?;
        folder.write_json(&folder.diagnostics(), &generated.diagnostics)?;
        folder.write_json(&folder.info(), &self.info)?;
        self.vocab.save(&folder.vocab())?;
        Ok(())
    }

    /// Builds the candidate of a recorded run.
    ///
    /// # Errors
    ///
    /// When it cannot be built.
    pub fn build(&self, folder: &RunFolder) -> Result<Built, RunError> {
        let generated = &self.generated;
        let builder = Builder::find()?;
        Ok(builder.build(&generated.hash, &generated.source, &folder.executable())?)
    }

    /// Starts the training of a built candidate.
    ///
    /// # Errors
    ///
    /// When the process cannot be started.
    pub fn start(&self, folder: &RunFolder) -> Result<Process, RunError> {
        start(folder, Job::Train(self.job(folder)))
    }

    /// Records, builds and starts.
    ///
    /// # Errors
    ///
    /// When one of the three fails.
    pub fn launch(&self, folder: &RunFolder) -> Result<Launched, RunError> {
        self.record(folder)?;
        let built = Some(self.build(folder)?);
        Ok(Launched {
            built,
            process: self.start(folder)?,
        })
    }

    fn job(&self, folder: &RunFolder) -> TrainJob {
        TrainJob {
            run: folder.path().to_path_buf(),
            data: self.info.data.clone(),
            vocab: folder.vocab(),
            device: self.info.device.clone(),
            seed: self.info.seed,
            epochs: self.info.epochs,
            batch: self.info.batch,
            max_steps: None,
            n_captions: N_CAPTIONS,
            max_length: MAX_LENGTH,
            score: ScoreOptions {
                train_images: self.info.score_train,
                ..ScoreOptions::default()
            },
        }
    }
}

/// Captions pictures with the net of a run; its program is built again from `net.rs` when it has gone.
///
/// # Errors
///
/// When the program cannot be built or started.
pub fn caption(
    folder: &RunFolder,
    images: Vec<PathBuf>,
    device: String,
) -> Result<Launched, RunError> {
    let built = if folder.executable().is_file() {
        None
    } else {
        Some(rebuild(folder)?)
    };
    let run = folder.path().to_path_buf();
    let job = Job::Caption(CaptionJob {
        run,
        images,
        device,
        max_length: MAX_WORDS,
    });
    Ok(Launched {
        built,
        process: start(folder, job)?,
    })
}

/// Builds a net into `scratch` and starts its probe.
///
/// # Errors
///
/// When the program cannot be built or started.
pub fn launch_probe(
    generated: &Generated,
    job: ProbeJob,
    scratch: &Path,
) -> Result<Launched, RunError> {
    let folder = RunFolder::create(scratch)?;
    let builder = Builder::find()?;
    let built = builder.build(&generated.hash, &generated.source, &folder.executable())?;
    Ok(Launched {
        built: Some(built),
        process: start(&folder, Job::Probe(job))?,
    })
}

fn rebuild(folder: &RunFolder) -> Result<Built, RunError> {
    let info: RunInfo = folder.read_json(&folder.info())?;
    let path = folder.net();
    let net = fs::read_to_string(&path).map_err(|source| RunError::File { path, source })?;
    Ok(Builder::find()?.build(&info.hash, &net, &folder.executable())?)
}

fn start(folder: &RunFolder, job: Job) -> Result<Process, RunError> {
    folder.write_json(&folder.job(), &JobFile::new(job))?;
    Ok(Process::start(
        &folder.executable(),
        &folder.job(),
        &folder.log(),
        None,
    )?)
}
