//! [`Trainer`]: epochs over a loader.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{EpochReward, EpochSoFar, Pace, Rewards, backward, step_seed};
use crate::data::{Batch, DataError, Input, Loader};
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
    /// What the rates are multiplied by whatever the pace says.
    fixed_rate: Option<f64>,
    /// The epoch that the next one goes on with.
    so_far: Option<EpochSoFar>,
}

/// What a batch teaches: its loss and gradients, and rewards if there are any. The device is seeded, and the last argument
/// is that seed.
type Teach<'a> = &'a mut dyn FnMut(&mut dyn CaptionNet, &Batch, u64) -> (Backward, EpochReward);

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
    /// Mean rewards, in an epoch of self-critical training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reward: Option<EpochReward>,
    /// BLEU-4 on the validation pictures, if they were scored.
    pub bleu4: Option<EpochBleu>,
    /// CIDEr-D on the validation pictures, between 0 and 10, if two or more were scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cider_d: Option<f64>,
    /// Mean loss on the validation pictures in eval mode, if that is the [`Metric`](super::Metric) of the training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_loss: Option<f64>,
}

/// BLEU-4 in both protocols.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochBleu {
    /// Corpus BLEU on words.
    pub coco: f64,
    /// Mean sentence BLEU on ids.
    pub lemur: f64,
}

/// What a trainer tells between batches.
pub enum Progress<'a> {
    /// A batch is done.
    Step {
        /// Step of the epoch, from 1.
        step: usize,
        /// Steps of the epoch.
        steps: usize,
        /// Loss of the batch.
        loss: f64,
        /// What a training could go on from; none while gradients of several batches are gathered.
        moment: Option<Moment<'a>>,
    },
    /// A picture was left out.
    Skipped(DataError),
}

/// A moment within an epoch that [`ResumeFile::save`](super::ResumeFile::save) can keep.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// The trainer.
    pub trainer: &'a Trainer,
    /// The net.
    pub net: &'a dyn CaptionNet,
    /// The epoch under way.
    pub so_far: EpochSoFar,
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
    /// The captions give no rewards.
    #[error("self-critical training needs captions of two pictures at least: {0}")]
    Rewards(#[from] bleu::Error),
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
            fixed_rate: None,
            so_far: None,
        }
    }

    /// Moves the learning rates by `pace` over a training of `n_epochs`.
    #[must_use]
    pub fn with_pace(mut self, pace: Pace, loader: &Loader, n_epochs: usize) -> Self {
        self.pace = pace;
        self.n_batches = (n_epochs * loader.n_batches()).min(self.max_steps);
        self
    }

    /// Whether an epoch follows those with these scores, and the rates it has then.
    pub fn goes_on(&mut self, scores: &[f64]) -> bool {
        self.epoch_factor = self.pace.epoch_factor(scores);
        !self.is_finished() && !self.pace.is_over(scores)
    }

    /// What the optimizers remember.
    pub fn stepper(&self) -> &Stepper {
        &self.stepper
    }

    /// Goes on after `n_steps` with what the optimizers remembered then, within an epoch if one was under way.
    pub(super) fn restore(
        &mut self,
        slots: BTreeMap<&'static str, Slot>,
        n_steps: usize,
        so_far: Option<EpochSoFar>,
    ) {
        self.stepper.restore(slots);
        self.n_steps = n_steps;
        self.so_far = so_far;
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
        self.fixed_rate = None;
        let (row, _) = self.teach(net, loader, epoch, &mut cross_entropy, tell)?;
        Ok(row)
    }

    /// Trains on the batches of epoch `epoch` (from 1) by [`backward`](super::backward), with the recipe's rates
    /// multiplied by `rate`.
    ///
    /// # Errors
    ///
    /// As [`epoch`](Self::epoch).
    ///
    /// # Panics
    ///
    /// When the net has no [`frozen_encoder`](CaptionNet::frozen_encoder).
    pub fn self_critical_epoch(
        &mut self,
        net: &mut dyn CaptionNet,
        loader: &Loader,
        epoch: usize,
        rate: f64,
        tell: &mut dyn FnMut(Progress),
    ) -> Result<EpochRow, TrainError> {
        let rewards = Rewards::of(loader)?;
        self.fixed_rate = Some(rate);
        let of_captions =
            |indices: &[usize], captions: &[Vec<i64>]| rewards.of_captions(indices, captions);
        let mut teach = |net: &mut dyn CaptionNet, batch: &Batch, seed| {
            backward(net, batch, &of_captions, seed)
        };
        let (row, reward) = self.teach(net, loader, epoch, &mut teach, tell)?;
        Ok(EpochRow {
            reward: Some(reward),
            ..row
        })
    }

    fn teach(
        &mut self,
        net: &mut dyn CaptionNet,
        loader: &Loader,
        epoch: usize,
        teach: Teach<'_>,
        tell: &mut dyn FnMut(Progress),
    ) -> Result<(EpochRow, EpochReward), TrainError> {
        let start = Instant::now();
        let mut so_far = self.so_far.take().unwrap_or_default();
        let (n_done, seconds) = (so_far.n_batches, so_far.seconds);
        let left = self.max_steps - (self.n_steps - n_done);
        let steps = loader.n_batches().min(left);
        let mut gathered = Gathered::default();
        for batch in loader.epoch(epoch).take(steps).skip(n_done) {
            let mut batch = batch?;
            so_far.n_skipped += batch.skipped.len();
            batch
                .skipped
                .drain(..)
                .for_each(|error| tell(Progress::Skipped(error)));
            let step = so_far.n_batches + 1;
            let (loss, reward) = self.backward(net, &batch, teach, &mut gathered);
            check("loss", loss, epoch, step)?;
            so_far.add(loss, batch.indices.len());
            so_far.add_reward(reward);
            if gathered.n_batches == self.pace.accumulate.max(1) || step == steps {
                let norm = self.step(net, std::mem::take(&mut gathered));
                check("norm of the gradients", norm, epoch, step)?;
                so_far.add_step(norm);
            }
            so_far.seconds = seconds + start.elapsed().as_secs_f64();
            let moment = (gathered.n_batches == 0).then_some(Moment {
                trainer: self,
                net,
                so_far,
            });
            tell(Progress::Step {
                step,
                steps,
                loss,
                moment,
            });
        }
        let rate = self.rate();
        // A reader may have left out the pictures of the last batches.
        if gathered.n_batches > 0 {
            let norm = self.step(net, gathered);
            check("norm of the gradients", norm, epoch, so_far.n_batches)?;
            so_far.add_step(norm);
        }
        so_far.seconds = seconds + start.elapsed().as_secs_f64();
        Ok((so_far.row(epoch, rate)?, so_far.reward()))
    }

    /// The loss and the rewards of a batch, whose gradients are gathered.
    fn backward(
        &mut self,
        net: &mut dyn CaptionNet,
        batch: &Batch,
        teach: Teach<'_>,
        gathered: &mut Gathered,
    ) -> (f64, EpochReward) {
        let seed = step_seed(self.seed, self.n_steps as u64);
        net.device().seed(seed);
        self.n_steps += 1;
        let (backward, reward) = teach(net, batch, seed);
        let loss = backward.loss.clone().into_data().iter::<f64>().next();
        gathered.add(backward);
        (loss.unwrap_or(f64::NAN), reward)
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
        self.fixed_rate
            .unwrap_or_else(|| self.epoch_factor * self.pace.batch_factor(batch, self.n_batches))
    }
}

/// The net's own loss.
fn cross_entropy(net: &mut dyn CaptionNet, batch: &Batch, _seed: u64) -> (Backward, EpochReward) {
    let device = net.device().clone();
    let captions = batch.captions(&device);
    let backward = match batch.input(&device) {
        Input::Images(images) => net.backward(images, captions),
        Input::Features(features) => net.backward_from(features, captions),
    };
    (backward, EpochReward::default())
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
