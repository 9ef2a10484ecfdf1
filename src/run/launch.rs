//! From a generated net to a running process.
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use caption_models::harness::{
    CaptionJob, EvalJob, Job, JobFile, ProbeJob, ScoreOptions, TrainJob,
};
use caption_models::system::SystemFile;
use codegen::Generated;

use super::{Net, Prepared, RunError, RunFolder, RunInfo};
use crate::candidate::{Builder, Built, Process, ProcessError, Program};

/// Captions of each training picture that reach the net's loss, as LEMUR loads them.
const N_CAPTIONS: usize = 5;
/// Ids of a training caption, SOS and EOS included.
const MAX_LENGTH: usize = 22;
/// The wall clock of a probe.
const PROBE_TIME: Duration = Duration::from_hours(1);
/// The wall clock of captioning: the start, and each picture.
const CAPTION_TIME: [Duration; 2] = [Duration::from_mins(10), Duration::from_secs(10)];

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
        match &self.net {
            Net::Generated { reply, generated } => {
                folder.write(&folder.reply(), reply)?;
                folder.write(&folder.python(), &generated.python)?;
                folder.write(&folder.net(), &generated.source)?;
                folder.write_json(&folder.program(), &generated.program)?;
                folder.write_json(&folder.recipe(), &generated.program.recipe)?;
                folder.write_json(&folder.diagnostics(), &generated.diagnostics)?;
                if let Some(repairs) = &generated.repairs {
                    folder.write(&folder.repairs(), repairs)?;
                }
            }
            Net::System(file) => folder.write_json(&folder.system(), file)?,
        }
        folder.write_json(&folder.info(), &self.info)?;
        self.vocab.save(&folder.vocab())?;
        Ok(())
    }

    /// Builds the candidate of a recorded run; a ready system needs no building.
    ///
    /// # Errors
    ///
    /// When it cannot be built.
    pub fn build(&self, folder: &RunFolder) -> Result<Option<Built>, RunError> {
        let Net::Generated { generated, .. } = &self.net else {
            return Ok(None);
        };
        let builder = Builder::find()?;
        let built = builder.build(&generated.hash, &generated.source, &folder.executable())?;
        Ok(Some(built))
    }

    /// Starts the training of a built candidate. A ready system trains in a process of this program, which must be
    /// the command `nn-caption`.
    ///
    /// # Errors
    ///
    /// When the process cannot be started.
    pub fn start(&self, folder: &RunFolder) -> Result<Process, RunError> {
        let info = &self.info;
        make_features_folder(info)?;
        let file = JobFile {
            limits: info.limits,
            verify: info.verify,
            reads: self.reads(folder),
            job: Job::Train(Box::new(info.job(folder))),
        };
        start(folder, &file, info.time_limit.map(Duration::from_secs))
    }

    /// Records, builds and starts.
    ///
    /// # Errors
    ///
    /// When one of the three fails.
    pub fn launch(&self, folder: &RunFolder) -> Result<Launched, RunError> {
        self.record(folder)?;
        Ok(Launched {
            built: self.build(folder)?,
            process: self.start(folder)?,
        })
    }

    /// The files that a ready system reads.
    fn reads(&self, folder: &RunFolder) -> Vec<PathBuf> {
        match &self.net {
            Net::Generated { .. } => Vec::new(),
            Net::System(file) => {
                let weights = file.config.training.weights.clone();
                weights.into_iter().chain([folder.system()]).collect()
            }
        }
    }
}

impl RunInfo {
    fn job(&self, folder: &RunFolder) -> TrainJob {
        TrainJob {
            run: folder.path().to_path_buf(),
            data: self.data.clone(),
            vocab: folder.vocab(),
            device: self.device.clone(),
            seed: self.seed,
            epochs: self.epochs,
            batch: self.batch,
            resume: false,
            max_steps: None,
            n_captions: N_CAPTIONS,
            max_length: MAX_LENGTH,
            pace: self.pace,
            course: self.course.clone(),
            score: ScoreOptions {
                train_images: self.score_train,
                ..ScoreOptions::default()
            },
        }
    }
}

/// The process that trains may write into the folder, but not make it.
fn make_features_folder(info: &RunInfo) -> Result<(), RunError> {
    let Some(path) = info.course.features.clone() else {
        return Ok(());
    };
    fs::create_dir_all(&path).map_err(|cause| RunError::Write { path, cause })
}

/// Goes on with a training that was interrupted, after its last whole epoch.
///
/// # Errors
///
/// When the program cannot be built or started.
pub fn resume(folder: &RunFolder, info: &RunInfo) -> Result<Launched, RunError> {
    make_features_folder(info)?;
    let mut job = info.job(folder);
    job.resume = true;
    let is_system = folder.system().is_file();
    let mut reads = Vec::new();
    if is_system {
        let system: SystemFile = folder.read_json(&folder.system())?;
        reads.extend(system.config.training.weights);
        reads.push(folder.system());
    }
    let file = JobFile {
        limits: info.limits,
        verify: info.verify,
        reads,
        job: Job::Train(Box::new(job)),
    };
    let needs_build = !is_system && !folder.executable().is_file();
    Ok(Launched {
        built: needs_build.then(|| rebuild(folder)).transpose()?,
        process: start(folder, &file, info.time_limit.map(Duration::from_secs))?,
    })
}

/// Captions pictures with the net of a run; its program is built again from `net.rs` when it has gone or does not start.
///
/// # Errors
///
/// When the program cannot be built or started.
pub fn caption(folder: &RunFolder, job: CaptionJob) -> Result<Launched, RunError> {
    let [start_up, picture] = CAPTION_TIME;
    let n_images = u32::try_from(job.images.len()).unwrap_or(u32::MAX);
    let time = Some(start_up.saturating_add(picture.saturating_mul(n_images)));
    with_trained(folder, JobFile::new(Job::Caption(job)), time)
}

/// Scores the net of a run on a data set; its program is built again as [`caption`] does.
///
/// # Errors
///
/// When the program cannot be built or started.
pub fn eval(folder: &RunFolder, job: EvalJob) -> Result<Launched, RunError> {
    with_trained(folder, JobFile::new(Job::Eval(job)), None)
}

/// Starts a job of the trained net of a run.
fn with_trained(
    folder: &RunFolder,
    file: JobFile,
    time: Option<Duration>,
) -> Result<Launched, RunError> {
    if folder.system().is_file() {
        return with_trained_system(folder, file, time);
    }
    if folder.executable().is_file() {
        match start(folder, &file, time) {
            Err(RunError::Process(ProcessError::Start { .. })) => {}
            started => {
                return Ok(Launched {
                    built: None,
                    process: started?,
                });
            }
        }
    }
    Ok(Launched {
        built: Some(rebuild(folder)?),
        process: start(folder, &file, time)?,
    })
}

/// The checkpoint holds all weights, so the file that training started from may have gone.
fn with_trained_system(
    folder: &RunFolder,
    mut file: JobFile,
    time_limit: Option<Duration>,
) -> Result<Launched, RunError> {
    let mut system: SystemFile = folder.read_json(&folder.system())?;
    system.config.training.weights = None;
    folder.write_json(&folder.trained_system(), &system)?;
    file.reads = vec![folder.trained_system()];
    folder.write_json(&folder.job(), &file)?;
    let program = Program::of_system(folder.job(), folder.trained_system())?;
    Ok(Launched {
        built: None,
        process: Process::start(&program, &folder.log(), time_limit)?,
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
        process: start(&folder, &JobFile::new(Job::Probe(job)), Some(PROBE_TIME))?,
    })
}

/// Starts the probe of one of the nets that [`Builder::build_many`] put into the program `executable`.
///
/// # Errors
///
/// When the program cannot be started.
pub fn probe_one_of_many(
    executable: &Path,
    number: usize,
    job: ProbeJob,
    scratch: &Path,
) -> Result<Process, RunError> {
    let folder = RunFolder::create(scratch)?;
    folder.write_json(&folder.job(), &JobFile::new(Job::Probe(job)))?;
    let program = Program::one_of_many(executable.to_path_buf(), folder.job(), number);
    Ok(Process::start(&program, &folder.log(), Some(PROBE_TIME))?)
}

fn rebuild(folder: &RunFolder) -> Result<Built, RunError> {
    let info: RunInfo = folder.read_json(&folder.info())?;
    let path = folder.net();
    let net = fs::read_to_string(&path).map_err(|cause| RunError::Read { path, cause })?;
    Ok(Builder::find()?.build(&info.hash, &net, &folder.executable())?)
}

fn start(
    folder: &RunFolder,
    file: &JobFile,
    time_limit: Option<Duration>,
) -> Result<Process, RunError> {
    folder.write_json(&folder.job(), file)?;
    let program = if folder.system().is_file() {
        Program::of_system(folder.job(), folder.system())?
    } else {
        Program::candidate(folder.executable(), folder.job())
    };
    Ok(Process::start(&program, &folder.log(), time_limit)?)
}
