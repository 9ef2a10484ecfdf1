//! [`Trainer`]: epochs over a loader.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Pace, step_seed};
use crate::data::{Batch, DataError, Loader};
use crate::harness::{Backward, CaptionNet};
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
    pace: Pace,
    /// Batches of the whole training, as far as it is known.
    n_batches: usize,
    /// What [`Pace::epoch_factor`] says of the epoch under way.
    epoch_factor: f64,
}

/// One line of `history.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRow {
    /// From 1.
    pub epoch: usize,
    /// Steps of the optimizer in this epoch.
    pub steps: usize,
    /// Pictures left out because they could not be read.
    #[serde(default)]
    pub skipped: usize,
    /// Mean training loss of the epoch.
    pub loss: f64,
    /// What the recipe's learning rates were multiplied by in the last step.
    #[serde(default = "one")]
    pub rate: f64,
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
            pace: Pace::default(),
            n_batches: 0,
            epoch_factor: 1.0,
        }
    }

    /// Moves the learning rates by `pace` over a training of `n_epochs`.
    #[must_use]
    pub fn with_pace(mut self, pace: Pace, loader: &Loader, n_epochs: usize) -> Self {
        self.pace = pace;
        self.n_batches = (n_epochs * loader.n_batches()).min(self.max_steps);
        self
    }

    /// Whether an epoch follows those with these BLEU-4, and the rates it has then.
    pub fn goes_on(&mut self, scores: &[f64]) -> bool {
        self.epoch_factor = self.pace.epoch_factor(scores);
        !self.is_finished() && !self.pace.is_over(scores)
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
        let (mut sums, mut gathered) = (Sums::default(), Gathered::default());
        for batch in loader.epoch(epoch).take(steps) {
            let mut batch = batch?;
            sums.n_skipped += batch.skipped.len();
            batch
                .skipped
                .drain(..)
                .for_each(|error| tell(Progress::Skipped(error)));
            let step = sums.n_batches + 1;
            let loss = self.backward(net, &batch, &mut gathered);
            check("loss", loss, epoch, step)?;
            sums.add(loss, batch.indices.len());
            if gathered.n_batches == self.pace.accumulate.max(1) || step == steps {
                let norm = self.step(net, std::mem::take(&mut gathered));
                check("norm of the gradients", norm, epoch, step)?;
                sums.add_step(norm);
            }
            tell(Progress::Step { step, steps, loss });
        }
        let rate = self.rate();
        // A reader may have left out the pictures of the last batches.
        if gathered.n_batches > 0 {
            let norm = self.step(net, gathered);
            check("norm of the gradients", norm, epoch, sums.n_batches)?;
            sums.add_step(norm);
        }
        sums.row(epoch, rate, start.elapsed().as_secs_f64())
    }

    /// The loss of a batch, whose gradients are gathered.
    fn backward(
        &mut self,
        net: &mut dyn CaptionNet,
        batch: &Batch,
        gathered: &mut Gathered,
    ) -> f64 {
        net.device().seed(step_seed(self.seed, self.n_steps as u64));
        self.n_steps += 1;
        let device = net.device().clone();
        let backward = net.backward(batch.images(&device), batch.captions(&device));
        let loss = backward.loss.clone().into_data().iter::<f64>().next();
        gathered.add(backward);
        loss.unwrap_or(f64::NAN)
    }

    /// A step of the optimizer; returns the norm of the gradients before clipping.
    fn step(&mut self, net: &mut dyn CaptionNet, gathered: Gathered) -> f64 {
        let rate = self.rate();
        match gathered.mean() {
            Some(backward) => self.stepper.step_at(net, backward, rate).total,
            None => 0.0,
        }
    }

    /// What the rates are multiplied by in the batch before the next.
    fn rate(&self) -> f64 {
        let batch = self.n_steps.saturating_sub(1);
        self.epoch_factor * self.pace.batch_factor(batch, self.n_batches)
    }
}

/// Gradients of the batches since the last step.
#[derive(Default)]
struct Gathered {
    n_batches: usize,
    sum: Option<Backward>,
}

impl Gathered {
    fn add(&mut self, backward: Backward) {
        self.n_batches += 1;
        self.sum = Some(match self.sum.take() {
            None => backward,
            Some(sum) => sum.plus(backward),
        });
    }

    fn mean(self) -> Option<Backward> {
        let share = 1.0 / self.n_batches as f64;
        let times = |sum: Backward| {
            if self.n_batches > 1 {
                sum.times(share)
            } else {
                sum
            }
        };
        self.sum.map(times)
    }
}

/// What runs before this field did.
const fn one() -> f64 {
    1.0
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
    n_batches: usize,
    n_steps: usize,
    n_images: usize,
    n_skipped: usize,
    loss: f64,
    norm: f64,
}

impl Sums {
    fn add(&mut self, loss: f64, n_images: usize) {
        self.n_batches += 1;
        self.n_images += n_images;
        self.loss += loss;
    }

    fn add_step(&mut self, norm: f64) {
        self.n_steps += 1;
        self.norm += norm;
    }

    fn row(&self, epoch: usize, rate: f64, seconds: f64) -> Result<EpochRow, TrainError> {
        if self.n_batches == 0 {
            return Err(TrainError::NoBatch);
        }
        Ok(EpochRow {
            epoch,
            steps: self.n_steps,
            skipped: self.n_skipped,
            loss: self.loss / self.n_batches as f64,
            rate,
            grad_norm: self.norm / self.n_steps as f64,
            seconds,
            images_per_second: self.n_images as f64 / seconds.max(1e-9),
            bleu4: None,
        })
    }
}
