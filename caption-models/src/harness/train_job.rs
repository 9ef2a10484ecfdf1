//! The job `train`: epochs, a checkpoint after each, scores and captions at the end.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::checkpoint::{self, CheckpointInfo};
use crate::data::{DataSet, Loader, LoaderConfig, Order, Split};
use crate::harness::caption_job::check_vocab;
use crate::harness::process::{Build, Stop, open_net, started};
use crate::harness::scoring::{Captions, Scoring};
use crate::harness::verify_job::check;
use crate::harness::{CaptionNet, Event, Events, TrainJob};
use crate::train::{EpochRow, Progress, ResumeFile, TrainError, TrainProgress, Trainer};
use crate::verify::Sample;
use crate::vocab::Vocab;

pub(super) fn train(
    build: Build<'_>,
    job: &TrainJob,
    verify: bool,
    events: &mut Events,
) -> Result<(), Stop> {
    let _alone = lock(&job.run)?;
    let mut run = Run::open(build, job)?;
    events.emit(&run.started());
    run.warn_of_problems(events);
    let mut trainer = Trainer::new(run.net.as_ref(), job.seed, job.max_steps)
        .with_pace(job.pace, &run.train, job.epochs);
    let mut progress = run.progress(&mut trainer)?;
    if verify && progress.epoch == 0 {
        run.verify(events)?;
    }
    let mut scored = None;
    while progress.epoch < job.epochs && trainer.goes_on(&progress.scores()) {
        let epoch = progress.epoch + 1;
        let mut row = run.epoch(&mut trainer, epoch, events)?;
        // Before scoring, which may meet a limit or an unreadable picture of its own.
        run.save(LAST, epoch, trainer.n_steps())?;
        let is_scored = job.score.every > 0 && epoch.is_multiple_of(job.score.every);
        scored = is_scored
            .then(|| run.scoring().validation_captions())
            .transpose()?;
        row.bleu4 = scored.as_ref().map(Captions::epoch_bleu).transpose()?;
        if progress.is_best(&row) {
            run.save(BEST, epoch, trainer.n_steps())?;
        }
        progress.add(&row, trainer.n_steps())?;
        write_history(&job.run, &progress.history)?;
        run.resume_file()
            .save(run.net.as_ref(), &trainer, progress.clone())?;
        events.emit(&Event::Epoch(row));
    }
    let captions = scored.map_or_else(|| run.scoring().validation_captions(), Ok)?;
    run.scoring().score(&captions, events)
}

/// Folders of the weights after the last epoch, and after the one of the best BLEU-4.
pub(super) const LAST: &str = "checkpoint";
pub(super) const BEST: &str = "checkpoint/best";

/// A process that was killed takes a moment to go.
const LOCK_TRIES: usize = 30;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

struct Run<'a> {
    job: &'a TrainJob,
    net: Box<dyn CaptionNet>,
    vocab: Vocab,
    train: Loader,
    validation: Loader,
}

impl<'a> Run<'a> {
    fn open(build: Build<'_>, job: &'a TrainJob) -> Result<Self, Stop> {
        if !job.run.is_dir() {
            return Err(Stop::input(format!(
                "there is no run folder {}",
                job.run.display()
            )));
        }
        if job.batch == 0 {
            return Err(Stop::input("a batch needs a picture"));
        }
        let vocab = Vocab::load(&job.vocab)?;
        let net = open_net(build, &job.device, job.seed)?;
        check_vocab(net.as_ref(), &vocab)?;
        let config = || {
            LoaderConfig::new(job.batch, net.spec().image)
                .with_n_captions(job.n_captions)
                .with_max_length(job.max_length)
        };
        let shuffled = config().with_order(Order::Shuffled { seed: job.seed });
        let train = Loader::new(job.data.open(Split::Train)?, &vocab, shuffled)?;
        let validation = Loader::new(job.data.open(Split::Validation)?, &vocab, config())?;
        Ok(Self {
            job,
            net,
            vocab,
            train,
            validation,
        })
    }

    fn resume_file(&self) -> ResumeFile {
        ResumeFile::at(&self.job.run.join(LAST))
    }

    /// Where to begin: at the start, or after the last whole epoch.
    fn progress(&mut self, trainer: &mut Trainer) -> Result<TrainProgress, Stop> {
        let found = if self.job.resume {
            self.resume_file().load(self.net.as_mut(), trainer)?
        } else {
            None
        };
        let progress = found.unwrap_or_default();
        // The rows of a run that ended elsewhere go.
        write_history(&self.job.run, &progress.history)?;
        Ok(progress)
    }

    fn scoring(&self) -> Scoring<'_> {
        Scoring {
            net: self.net.as_ref(),
            vocab: &self.vocab,
            train: &self.train,
            validation: &self.validation,
            options: &self.job.score,
            out: &self.job.run,
        }
    }

    fn started(&self) -> Event {
        let mut event = started(self.net.as_ref(), "train", &self.job.device);
        let all_steps = self.job.epochs * self.train.n_batches();
        if let Event::Started {
            epochs,
            steps,
            images,
            ..
        } = &mut event
        {
            *epochs = self.job.epochs;
            *steps = self
                .job
                .max_steps
                .map_or(all_steps, |max_steps| all_steps.min(max_steps));
            *images = [&self.train, &self.validation].map(|loader| loader.data().items().len());
        }
        event
    }

    fn warn_of_problems(&self, events: &mut Events) {
        let sets: [&Arc<dyn DataSet>; 2] = [self.train.data(), self.validation.data()];
        for problem in sets.into_iter().flat_map(|set| set.problems()) {
            events.emit(&Event::Warning {
                message: problem.to_string(),
            });
        }
    }

    /// Checks the net on the first training pictures.
    fn verify(&mut self, events: &mut Events) -> Result<(), Stop> {
        let config = LoaderConfig {
            batch: Sample::N_IMAGES,
            order: Order::InOrder,
            ..self.train.config().clone()
        };
        let loader = Loader::new(Arc::clone(self.train.data()), &self.vocab, config)?;
        let batch = loader.epoch(1).next().ok_or(TrainError::NoBatch)??;
        let sample = Sample::of_batch(self.net.as_ref(), &batch);
        check(self.net.as_mut(), &sample, self.job.seed, events)
    }

    fn epoch(
        &mut self,
        trainer: &mut Trainer,
        epoch: usize,
        events: &mut Events,
    ) -> Result<EpochRow, Stop> {
        let mut tell = |progress| match progress {
            Progress::Step { step, steps, loss } => {
                events.emit(&Event::Step {
                    epoch,
                    step,
                    steps,
                    loss,
                });
            }
            Progress::Skipped(error) => {
                events.emit(&Event::Warning {
                    message: error.to_string(),
                });
            }
        };
        Ok(trainer.epoch(self.net.as_mut(), &self.train, epoch, &mut tell)?)
    }

    fn save(&self, folder: &str, epoch: usize, step: usize) -> Result<(), Stop> {
        let spec = self.net.spec();
        let seed = self.job.seed;
        let info = CheckpointInfo {
            epoch,
            step,
            seed,
            vocab: spec.vocab,
            image: spec.image,
        };
        checkpoint::save(self.net.as_ref(), &self.job.run.join(folder), &info)
            .map_err(|error| Stop::output(&error))
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

fn score(row: &EpochRow) -> f64 {
    row.bleu4.map_or(f64::NEG_INFINITY, |bleu| bleu.coco)
}

fn write_history(run: &Path, rows: &str) -> Result<(), Stop> {
    let path = run.join("history.jsonl");
    checkpoint::write_whole(&path, rows.as_bytes()).map_err(|error| Stop::output(&error))
}

impl TrainProgress {
    /// BLEU-4 by protocol `coco` after each epoch; of epochs that were not scored, minus infinity.
    fn scores(&self) -> Vec<f64> {
        let rows = self.history.lines();
        let rows = rows.filter_map(|row| serde_json::from_str::<EpochRow>(row).ok());
        rows.map(|row| score(&row)).collect()
    }

    /// Whether an epoch was scored, and better than all before.
    fn is_best(&self, row: &EpochRow) -> bool {
        let best = self.scores().into_iter().fold(f64::NEG_INFINITY, f64::max);
        score(row) > best
    }

    fn add(&mut self, row: &EpochRow, n_steps: usize) -> Result<(), Stop> {
        let line = serde_json::to_string(row).map_err(|error| Stop::output(&error))?;
        self.history.push_str(&line);
        self.history.push('\n');
        self.epoch = row.epoch;
        self.step = n_steps;
        Ok(())
    }
}
