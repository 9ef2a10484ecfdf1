//! The job `train`: epochs, a checkpoint after each, scores and captions at the end.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::checkpoint::{self, CheckpointInfo};
use crate::data::{Loader, LoaderConfig, Order};
use crate::harness::process::{Build, Stop, started};
use crate::harness::scoring::{Captions, Scoring};
use crate::harness::training::Training;
use crate::harness::verify_job::check;
use crate::harness::{Event, Events, TrainJob};
use crate::train::{
    EpochRow, Metric, Phase, Progress, ResumeFile, TrainError, TrainProgress, Trainer,
};
use crate::verify::Sample;

pub(super) fn train(
    build: Build<'_>,
    job: &TrainJob,
    verify: bool,
    events: &mut Events,
) -> Result<(), Stop> {
    let mut run = Run::open(build, job)?;
    let _alone = lock(&job.run)?;
    events.emit(&run.started());
    run.warn_of_problems(events);
    let [train, _] = run.training.pictures();
    let mut trainer = Trainer::new(run.training.net.as_ref(), job.seed, job.max_steps)
        .with_pace(job.pace, train, job.epochs);
    let mut progress = run.progress(&mut trainer)?;
    if verify && trainer.n_steps() == 0 {
        run.verify(events)?;
    }
    let mut scored = None;
    while let Some(phase) = progress.next(job, &mut trainer) {
        let epoch = progress.epoch + 1;
        run.training.enter(phase, epoch, events)?;
        let mut row = run.epoch(&mut trainer, phase, &progress, events)?;
        // Before scoring, which may meet a limit or an unreadable picture of its own.
        run.save(LAST, epoch, trainer.n_steps())?;
        let is_scored = job.score.every > 0 && epoch.is_multiple_of(job.score.every);
        scored = is_scored
            .then(|| run.scoring().validation_captions())
            .transpose()?;
        if let Some(captions) = &scored {
            run.judge(&mut row, captions)?;
        }
        if progress.is_best(&row, job.pace.metric) {
            run.save(BEST, epoch, trainer.n_steps())?;
        }
        progress.add(&row, trainer.n_steps())?;
        write_history(&job.run, &progress.history)?;
        run.save_state(&trainer, &progress)?;
        events.emit(&Event::Epoch(row));
    }
    let captions = if let Some(captions) = scored {
        captions
    } else {
        let last = progress.last(job);
        run.training.enter(last, progress.epoch, events)?;
        run.scoring().validation_captions()?
    };
    run.scoring().score(&captions, events)
}

/// Folders of the weights after the last epoch, and after the best one.
pub(super) const LAST: &str = "checkpoint";
pub(super) const BEST: &str = "checkpoint/best";

/// A process that was killed takes a moment to go.
const LOCK_TRIES: usize = 30;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

struct Run<'a> {
    job: &'a TrainJob,
    training: Training<'a>,
}

impl<'a> Run<'a> {
    fn open(build: Build<'a>, job: &'a TrainJob) -> Result<Self, Stop> {
        if !job.run.is_dir() {
            return Err(Stop::input(format!(
                "there is no run folder {}",
                job.run.display()
            )));
        }
        let training = Training::open(build, job)?;
        Ok(Self { job, training })
    }

    fn resume_file(&self) -> ResumeFile {
        ResumeFile::at(&self.job.run.join(LAST))
    }

    /// Where to begin: at the start, or where the last state was saved.
    fn progress(&mut self, trainer: &mut Trainer) -> Result<TrainProgress, Stop> {
        let found = if self.job.resume {
            self.resume_file()
                .load(self.training.net.as_mut(), trainer)?
        } else {
            None
        };
        let progress = found.unwrap_or_default();
        // The rows of a run that ended elsewhere go.
        write_history(&self.job.run, &progress.history)?;
        Ok(progress)
    }

    fn scoring(&self) -> Scoring<'_> {
        let [train, validation] = self.training.inputs();
        Scoring {
            net: self.training.net.as_ref(),
            vocab: &self.training.vocab,
            train,
            validation,
            options: &self.job.score,
            out: &self.job.run,
        }
    }

    /// Scores of an epoch.
    fn judge(&self, row: &mut EpochRow, captions: &Captions) -> Result<(), Stop> {
        row.bleu4 = Some(captions.epoch_bleu()?);
        row.cider_d = captions.epoch_cider_d();
        if self.job.pace.metric == Metric::Loss {
            row.validation_loss = Some(self.scoring().validation_loss()?);
        }
        Ok(())
    }

    fn started(&self) -> Event {
        let [train, validation] = self.training.pictures();
        let mut event = started(self.training.net.as_ref(), "train", &self.job.device);
        let critical = self.job.course.self_critical.map_or(0, |how| how.epochs);
        let all_epochs = self.job.epochs + critical;
        let all_steps = all_epochs * train.n_batches();
        if let Event::Started {
            epochs,
            steps,
            images,
            ..
        } = &mut event
        {
            *epochs = all_epochs;
            *steps = self
                .job
                .max_steps
                .map_or(all_steps, |max_steps| all_steps.min(max_steps));
            *images = [train, validation].map(|loader| loader.data().items().len());
        }
        event
    }

    fn warn_of_problems(&self, events: &mut Events) {
        let sets = self.training.pictures().iter().map(Loader::data);
        for problem in sets.flat_map(|set| set.problems()) {
            events.emit(&Event::Warning {
                message: problem.to_string(),
            });
        }
    }

    /// Checks the net on the first training pictures.
    fn verify(&mut self, events: &mut Events) -> Result<(), Stop> {
        let [train, _] = self.training.pictures();
        let config = LoaderConfig {
            batch: Sample::N_IMAGES,
            order: Order::InOrder,
            augment: None,
            ..train.config().clone()
        };
        let loader = Loader::new(Arc::clone(train.data()), &self.training.vocab, config)?;
        let batch = loader.epoch(1).next().ok_or(TrainError::NoBatch)??;
        let sample = Sample::of_batch(self.training.net.as_ref(), &batch);
        check(self.training.net.as_mut(), &sample, self.job.seed, events)
    }

    fn epoch(
        &mut self,
        trainer: &mut Trainer,
        phase: Phase,
        before: &TrainProgress,
        events: &mut Events,
    ) -> Result<EpochRow, Stop> {
        let epoch = before.epoch + 1;
        let file = self.resume_file();
        let pause = Duration::from_secs(self.job.course.save_every);
        let mut saved = Instant::now();
        let mut tell = |progress: Progress<'_>| match progress {
            Progress::Step {
                step,
                steps,
                loss,
                moment,
            } => {
                events.emit(&Event::Step {
                    epoch,
                    step,
                    steps,
                    loss,
                });
                if let Some(moment) = moment.filter(|_| saved.elapsed() >= pause && step < steps) {
                    warn_of(file.save_moment(moment, before), events);
                    saved = Instant::now();
                }
            }
            Progress::Skipped(error) => warn_of(Err(error), events),
        };
        let [train, _] = self.training.inputs().clone();
        let net = self.training.net.as_mut();
        let row = match phase {
            Phase::CrossEntropy => trainer.epoch(net, &train, epoch, &mut tell)?,
            Phase::SelfCritical(how) => {
                trainer.self_critical_epoch(net, &train, epoch, how.rate, &mut tell)?
            }
        };
        Ok(row)
    }

    fn save(&self, folder: &str, epoch: usize, step: usize) -> Result<(), Stop> {
        let net = self.training.net.as_ref();
        let spec = net.spec();
        let info = CheckpointInfo {
            epoch,
            step,
            seed: self.job.seed,
            vocab: spec.vocab,
            image: spec.image,
        };
        checkpoint::save(net, &self.job.run.join(folder), &info)
            .map_err(|error| self.unwritten(&error))
    }

    fn save_state(&self, trainer: &Trainer, progress: &TrainProgress) -> Result<(), Stop> {
        let net = self.training.net.as_ref();
        self.resume_file()
            .save(net, trainer, progress.clone())
            .map_err(|error| self.unwritten(&error))
    }

    /// A file that cannot be written is told with the state that the training can go on from.
    fn unwritten(&self, error: &dyn std::error::Error) -> Stop {
        match self.resume_file().last_good() {
            Some(path) => Stop::output(error).and(&format!(
                "the last good state is {}: `nn-caption resume` goes on from there",
                path.display()
            )),
            None => Stop::output(error),
        }
    }
}

/// What goes wrong within an epoch does not end it.
fn warn_of<E: std::error::Error>(outcome: Result<(), E>, events: &mut Events) {
    if let Err(error) = outcome {
        events.emit(&Event::Warning {
            message: error.to_string(),
        });
    }
}

/// Holds the run folder for this process: two trainings in one would mix.
fn lock(run: &Path) -> Result<File, Stop> {
    let path = run.join("lock");
    let file = File::create(&path).map_err(|error| Stop::output(&error))?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(error)) => return Err(Stop::output(&error)),
        }
    }
    Err(Stop::input(format!(
        "another process is training in {}; wait for it or stop it",
        run.display()
    )))
}

fn write_history(run: &Path, rows: &str) -> Result<(), Stop> {
    let path = run.join("history.jsonl");
    checkpoint::write_whole(&path, rows.as_bytes()).map_err(|error| Stop::output(&error))
}
