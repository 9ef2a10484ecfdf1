//! A candidate's process: a job file in, JSON lines out. Not generic but for [`main`].

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use burn::tensor::Device;

use super::caption_job::caption;
use super::eval_job::eval;
use super::train_job::train;
use super::verify_job::verify;
use super::{Candidate, CaptionNet, Captioner, Event, Events, Job, JobFile, ProbeJob, Stage};
use crate::checkpoint::CheckpointError;
use crate::data::DataError;
use crate::evaluate::GenerateError;
use crate::features::FeatureError;
use crate::limits::Exceeded;
use crate::system::{Freeze, SystemFile};
use crate::train::{ResumeError, TrainError};
use crate::{device, probe};

/// The whole `main` of a candidate: limits the process, does the job in the file that is the only
/// argument, and says so in [`Event`]s on standard output.
pub fn main<N: Captioner>() -> ExitCode {
    let job = std::env::args_os().nth(1).unwrap_or_default();
    let mut events = Events::stdout();
    ExitCode::from(run_job(&build::<N>, Path::new(&job), true, &mut events))
}

/// The whole `main` of a process that does the job in the file `job` with a ready system, whose configuration is the JSON
/// file `system`: limits the process, and says on standard output how it goes.
pub fn run_system(job: &Path, system: &Path) -> ExitCode {
    let build = |device: &Device, seed, freeze| {
        let mut file = SystemFile::read(system).map_err(|error| Stop::input(chain(&error)))?;
        if let Some(freeze) = freeze {
            file.config.training.freeze = freeze;
        }
        let net = file.build(device, seed);
        net.map_err(|error| Stop::input(chain(&error)))
    };
    ExitCode::from(run_job(&build, job, true, &mut Events::stdout()))
}

/// Does the job in the file `job` with a net of type `N`; returns the exit code:
/// [`Stage::exit_code`], or 0 when done. A panic of the net is an event too. The job's limits are
/// left out: they would bind the whole process.
pub fn run<N: Captioner>(job: &Path, events: &mut Events) -> u8 {
    run_job(&build::<N>, job, false, events)
}

fn build<N: Captioner>(
    device: &Device,
    seed: u64,
    freeze: Option<Freeze>,
) -> Result<Box<dyn CaptionNet>, Stop> {
    if freeze.is_some() {
        let message = "only ready systems have stages to freeze, and self-critical training";
        return Err(Stop::input(message));
    }
    match Candidate::<N>::new(device, seed) {
        Ok(net) => Ok(Box::new(net)),
        Err(error) => Err(Stop {
            stage: Stage::State,
            message: error.to_string(),
        }),
    }
}

/// Builds the net on a device, with initial values from a seed, and with other stages frozen than the net itself says.
pub(super) type Build<'a> =
    &'a dyn Fn(&Device, u64, Option<Freeze>) -> Result<Box<dyn CaptionNet>, Stop>;

/// Why a job ended early.
#[derive(Debug)]
pub(super) struct Stop {
    stage: Stage,
    message: String,
}

fn run_job(build: Build<'_>, job: &Path, limited: bool, events: &mut Events) -> u8 {
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let file = read_job(job)?;
        if limited {
            end_with_parent();
            events.emit(&Event::Limits(file.limits.apply(&file.needs())));
        }
        work(build, &file, events)
    }));
    let outcome = outcome.unwrap_or_else(|panic| Err(Stop::panic(panic_message(panic.as_ref()))));
    match outcome {
        Ok(()) => {
            let seconds = start.elapsed().as_secs_f64();
            events.emit(&Event::Done { seconds });
            0
        }
        Err(Stop { stage, message }) => {
            events.emit(&Event::Failed { stage, message });
            stage.exit_code()
        }
    }
}

/// A process whose parent is killed would go on unseen and hold its run folder. Other systems than Linux cannot say so.
fn end_with_parent() {
    #[cfg(target_os = "linux")]
    {
        let signal = rustix::process::Signal::KILL;
        // Where the system refuses, the process goes on as it does elsewhere.
        let _refused = rustix::process::set_parent_process_death_signal(Some(signal));
    }
}

fn read_job(path: &Path) -> Result<JobFile, Stop> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let path = path.display();
        Stop::input(format!(
            "the argument must be a job file, and `{path}` is none: {error}"
        ))
    })?;
    serde_json::from_str(&text)
        .map_err(|error| Stop::input(format!("{} is no job: {error}", path.display())))
}

fn work(build: Build<'_>, file: &JobFile, events: &mut Events) -> Result<(), Stop> {
    match &file.job {
        Job::Train(job) => train(build, job, file.verify, events),
        Job::Caption(job) => caption(build, job, events),
        Job::Eval(job) => eval(build, job, events),
        Job::Probe(job) => probe_job(build, job, events),
        Job::Verify(job) => verify(build, job, events),
    }
}

fn probe_job(build: Build<'_>, job: &ProbeJob, events: &mut Events) -> Result<(), Stop> {
    let mut net = open_net(build, &job.device, 0)?;
    events.emit(&started(net.as_ref(), "probe", &job.device));
    let numbers = probe::run(net.as_mut(), job);
    events.emit(&Event::Probe {
        numbers: Box::new(numbers),
    });
    Ok(())
}

/// The net on the device called `device`.
pub(super) fn open_net(
    build: Build<'_>,
    device: &str,
    seed: u64,
) -> Result<Box<dyn CaptionNet>, Stop> {
    let device = device::open(device).map_err(|error| Stop {
        stage: Stage::Device,
        message: error.to_string(),
    })?;
    build(&device, seed, None)
}

/// The first event of a job without data.
pub(super) fn started(net: &dyn CaptionNet, job: &str, device: &str) -> Event {
    let (mut trainable, mut parameters) = (0, 0);
    net.for_each_param(&mut |param| {
        let n_values: usize = param.dims.iter().product();
        trainable += if param.entry.kind.is_trainable() {
            n_values
        } else {
            0
        };
        parameters += if param.entry.kind.is_parameter() {
            n_values
        } else {
            0
        };
    });
    Event::Started {
        job: job.to_owned(),
        device: device.to_owned(),
        trainable,
        parameters,
        epochs: 0,
        steps: 0,
        images: [0, 0],
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").to_owned()
}

impl Stop {
    pub(super) fn input(message: impl Into<String>) -> Self {
        Self {
            stage: Stage::Input,
            message: message.into(),
        }
    }

    pub(super) fn verify(message: String) -> Self {
        Self {
            stage: Stage::Verify,
            message,
        }
    }

    fn panic(message: String) -> Self {
        let stage = if Exceeded::is_out_of_memory(&message) {
            Stage::Memory
        } else {
            Stage::Panic
        };
        Self { stage, message }
    }

    pub(super) fn output(error: &dyn std::error::Error) -> Self {
        Self {
            stage: Stage::Output,
            message: chain(error),
        }
    }

    /// With more to say.
    pub(super) fn and(mut self, more: &str) -> Self {
        self.message.push_str("; ");
        self.message.push_str(more);
        self
    }
}

impl From<DataError> for Stop {
    fn from(error: DataError) -> Self {
        match error {
            DataError::ReaderDied { .. } => Self::panic(error.to_string()),
            _ => Self::input(chain(&error)),
        }
    }
}

impl From<FeatureError> for Stop {
    fn from(error: FeatureError) -> Self {
        match error {
            FeatureError::Data(error) => error.into(),
            FeatureError::Write { .. } => Self::output(&error),
        }
    }
}

impl From<GenerateError> for Stop {
    fn from(error: GenerateError) -> Self {
        match error {
            GenerateError::Data(error) => error.into(),
            GenerateError::Decode(_) => Self::input(error.to_string()),
        }
    }
}

impl From<ResumeError> for Stop {
    fn from(error: ResumeError) -> Self {
        match error {
            ResumeError::File(_) => Self::output(&error),
            _ => Self::input(chain(&error)),
        }
    }
}

impl From<CheckpointError> for Stop {
    fn from(error: CheckpointError) -> Self {
        Self::input(chain(&error))
    }
}

impl From<TrainError> for Stop {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Data(error) => error.into(),
            TrainError::Nan { .. } => Self {
                stage: Stage::Nan,
                message: error.to_string(),
            },
            TrainError::NoBatch | TrainError::Rewards(_) => Self::input(error.to_string()),
        }
    }
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = error.source();
    }
    message
}
