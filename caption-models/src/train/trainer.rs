//! [`Trainer`]: epochs over a loader.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::step_seed;
use crate::data::{Batch, DataError, Loader};
use crate::harness::CaptionNet;
use crate::optim::{Slot, Stepper};

/// Steps a net through epochs.
///
/// The device is seeded from the run's seed and the number of the step before every step, so that
/// dropout is a function of the two.
#[derive(Debug)]
pub struct Trainer {
    stepper: Stepper,
    seed: u64,
    max_steps: usize,
    n_steps: usize,
}

/// One line of `history.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRow {
    /// From 1.
    pub epoch: usize,
    /// Steps of this epoch.
    pub steps: usize,
    /// Pictures left out because they could not be read.
    #[serde(default)]
    pub skipped: usize,
    /// Mean training loss of the epoch.
    pub loss: f64,
    /// Mean norm of all gradients before clipping.
    pub grad_norm: f64,
    /// Wall time of its training.
    pub seconds: f64,
    /// Training speed.
    pub images_per_second: f64,
    /// BLEU-4 on the validation pictures, if they were scored.
    pub bleu4: Option<EpochBleu>,
}

/// BLEU-4 in both protocols.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochBleu {
    /// Corpus BLEU on words.
    pub coco: f64,
    /// Mean sentence BLEU on ids.
    pub lemur: f64,
}

/// What a trainer tells between steps.
#[derive(Debug)]
pub enum Progress {
    /// A step is done.
    Step {
        /// Step of the epoch, from 1.
        step: usize,
        /// Steps of the epoch.
        steps: usize,
        /// Loss of the batch.
        loss: f64,
    },
    /// A picture was left out.
    Skipped(DataError),
}

/// Why training stopped.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The pictures cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The loss or the gradient is no number any more.
    #[error("the {what} is {value} in step {step} of epoch {epoch}")]
    Nan {
        /// `loss` or `norm of the gradients`.
        what: &'static str,
        /// What it is instead.
        value: f64,
        /// From 1.
        epoch: usize,
        /// Step of the epoch, from 1.
        step: usize,
    },
    /// The data set has no picture to train on.
    #[error("there is no picture to train on")]
    NoBatch,
}

impl Trainer {
    /// A trainer before its first step; it takes at most `max_steps`.
    pub fn new(net: &dyn CaptionNet, seed: u64, max_steps: Option<usize>) -> Self {
        let max_steps = max_steps.unwrap_or(usize::MAX);
        Self {
            stepper: Stepper::new(net.recipe()),
            seed,
            max_steps,
            n_steps: 0,
        }
    }

    /// What the optimizers remember.
    pub fn stepper(&self) -> &Stepper {
        &self.stepper
    }

    /// Goes on after `n_steps` with what the optimizers remembered then.
    pub(super) fn restore(&mut self, slots: BTreeMap<&'static str, Slot>, n_steps: usize) {
        self.stepper.restore(slots);
        self.n_steps = n_steps;
    }

    /// Steps taken.
    pub fn n_steps(&self) -> usize {
        self.n_steps
    }

    /// Whether it may take no further step.
    pub fn is_finished(&self) -> bool {
        self.n_steps >= self.max_steps
    }

    /// Trains on the batches of epoch `epoch` (from 1).
    ///
    /// # Errors
    ///
    /// When the pictures cannot be read, or the loss or the gradient is no number any more.
    pub fn epoch(
        &mut self,
        net: &mut dyn CaptionNet,
        loader: &Loader,
        epoch: usize,
        tell: &mut dyn FnMut(Progress),
    ) -> Result<EpochRow, TrainError> {
        let start = Instant::now();
        let steps = loader.n_batches().min(self.max_steps - self.n_steps);
        let mut sums = Sums::default();
        for batch in loader.epoch(epoch).take(steps) {
            let mut batch = batch?;
            sums.n_skipped += batch.skipped.len();
            batch
                .skipped
                .drain(..)
                .for_each(|error| tell(Progress::Skipped(error)));
            let step = sums.n_steps + 1;
            let (loss, norm) = self.step(net, &batch);
            check("loss", loss, epoch, step)?;
            check("norm of the gradients", norm, epoch, step)?;
            sums.add(loss, norm, batch.indices.len());
            tell(Progress::Step { step, steps, loss });
        }
        sums.row(epoch, start.elapsed().as_secs_f64())
    }

    /// One step; returns the loss and the norm of the gradients before clipping.
    pub fn step(&mut self, net: &mut dyn CaptionNet, batch: &Batch) -> (f64, f64) {
        net.device().seed(step_seed(self.seed, self.n_steps as u64));
        self.n_steps += 1;
        let device = net.device().clone();
        let backward = net.backward(batch.images(&device), batch.captions(&device));
        let loss = backward
            .loss
            .clone()
            .into_data()
            .iter::<f64>()
            .next()
            .unwrap_or(f64::NAN);
        if !loss.is_finite() {
            return (loss, f64::NAN);
        }
        let norms = self.stepper.step(net, backward);
        (loss, norms.total)
    }
}

fn check(what: &'static str, value: f64, epoch: usize, step: usize) -> Result<(), TrainError> {
    if value.is_finite() {
        Ok(())
    } else {
        Err(TrainError::Nan {
            what,
            value,
            epoch,
            step,
        })
    }
}

#[derive(Default)]
struct Sums {
    n_steps: usize,
    n_images: usize,
    n_skipped: usize,
    loss: f64,
    norm: f64,
}

impl Sums {
    fn add(&mut self, loss: f64, norm: f64, n_images: usize) {
        self.n_steps += 1;
        self.n_images += n_images;
        self.loss += loss;
        self.norm += norm;
    }

    fn row(&self, epoch: usize, seconds: f64) -> Result<EpochRow, TrainError> {
        if self.n_steps == 0 {
            return Err(TrainError::NoBatch);
        }
        let steps = self.n_steps as f64;
        Ok(EpochRow {
            epoch,
            steps: self.n_steps,
            skipped: self.n_skipped,
            loss: self.loss / steps,
            grad_norm: self.norm / steps,
            seconds,
            images_per_second: self.n_images as f64 / seconds.max(1e-9),
            bleu4: None,
        })
    }
}
