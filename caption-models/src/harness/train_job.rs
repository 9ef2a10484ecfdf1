//! The job `train`: epochs, a checkpoint after each, scores and captions at the end.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use crate::checkpoint::{self, CheckpointInfo};
use crate::data::{DataSet, Loader, LoaderConfig, Order, Split};
use crate::harness::caption_job::check_vocab;
use crate::harness::process::{Build, Stop, open_net, started};
use crate::harness::scoring::{Captions, Scoring};
use crate::harness::verify_job::check;
use crate::harness::{CaptionNet, Event, Events, TrainJob};
use crate::train::{EpochRow, Progress, TrainError, Trainer};
use crate::verify::Sample;
use crate::vocab::Vocab;

pub(super) fn train(
    build: Build<'_>,
    job: &TrainJob,
    verify: bool,
    events: &mut Events,
) -> Result<(), Stop> {
    let mut run = Run::open(build, job)?;
    events.emit(&run.started());
    run.warn_of_problems(events);
    if verify {
        run.verify(events)?;
    }
    let mut trainer = Trainer::new(run.net.as_ref(), job.seed, job.max_steps);
    let mut scored = None;
    for epoch in 1..=job.epochs {
        if trainer.is_finished() {
            break;
        }
        let mut row = run.epoch(&mut trainer, epoch, events)?;
        // Before scoring, which may meet a limit or an unreadable picture of its own.
        run.save(epoch, trainer.n_steps())?;
        let is_scored = job.score.every > 0 && epoch.is_multiple_of(job.score.every);
        scored = is_scored
            .then(|| run.scoring().validation_captions())
            .transpose()?;
        row.bleu4 = scored.as_ref().map(Captions::epoch_bleu).transpose()?;
        append(&job.run.join("history.jsonl"), &row)?;
        events.emit(&Event::Epoch(row));
    }
    let captions = scored.map_or_else(|| run.scoring().validation_captions(), Ok)?;
    run.scoring().score(&captions, events)
}

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
        // A history continues no other run's.
        remove_old(&job.run.join("history.jsonl"))?;
        Ok(Self {
            job,
            net,
            vocab,
            train,
            validation,
        })
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

    fn save(&self, epoch: usize, step: usize) -> Result<(), Stop> {
        let spec = self.net.spec();
        let seed = self.job.seed;
        let info = CheckpointInfo {
            epoch,
            step,
            seed,
            vocab: spec.vocab,
            image: spec.image,
        };
        checkpoint::save(self.net.as_ref(), &self.job.run.join("checkpoint"), &info)
            .map_err(|error| Stop::output(&error))
    }
}

fn remove_old(path: &Path) -> Result<(), Stop> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Stop::output(&error)),
        _ => Ok(()),
    }
}

fn append(path: &Path, row: &EpochRow) -> Result<(), Stop> {
    let write = || -> std::io::Result<()> {
        let mut line = serde_json::to_vec(row)?;
        line.push(b'\n');
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)?
            .write_all(&line)
    };
    write().map_err(|error| Stop::output(&error))
}
