//! Some steps on one batch, and what they show.

use std::collections::BTreeMap;

use super::{Check, CheckName, Sample};
use crate::harness::CaptionNet;
use crate::optim::Stepper;
use crate::train::step_seed;

/// Steps on the batch.
const N_STEPS: usize = 20;
/// Steps at the end whose mean loss counts.
const N_LAST: usize = 3;
/// What the loss must fall to, as a share of the first one.
const FALLEN: f64 = 0.95;

/// The course of the steps.
#[derive(Debug, Default)]
pub(super) struct Fit {
    /// Losses of the steps; the last one may be no number and then ends them.
    losses: Vec<f64>,
    /// Norm of all gradients in each step.
    norms: Vec<f64>,
    /// The largest norm that each parameter's gradient had.
    pub(super) reached: BTreeMap<&'static str, f64>,
}

impl Fit {
    /// Steps the net by its own recipe.
    pub(super) fn run(net: &mut dyn CaptionNet, sample: &Sample, seed: u64) -> Self {
        let mut fit = Self::default();
        let mut stepper = Stepper::new(net.recipe());
        for step in 0..N_STEPS {
            net.device().seed(step_seed(seed, step as u64));
            fit.step(net, sample, &mut stepper);
            if !fit.is_finite() {
                break;
            }
        }
        fit
    }

    fn step(&mut self, net: &mut dyn CaptionNet, sample: &Sample, stepper: &mut Stepper) {
        let backward = net.backward(sample.images.clone(), sample.captions.clone());
        let loss = backward.loss.clone().into_data().iter::<f64>().next();
        self.losses.push(loss.unwrap_or(f64::NAN));
        let norms = stepper.step(net, backward);
        self.norms.push(norms.total);
        for (entry, norm) in norms.each {
            let largest = self.reached.entry(entry.name).or_insert(0.0);
            *largest = largest.max(norm);
        }
    }

    /// Whether every loss and gradient was a number.
    pub(super) fn is_finite(&self) -> bool {
        self.losses
            .iter()
            .chain(&self.norms)
            .all(|value| value.is_finite())
    }

    /// Whether the first step could be made: what is no number later may be the recipe's fault.
    pub(super) fn numbers(&self) -> Check {
        let first = |values: &[f64]| values.first().copied().unwrap_or(f64::NAN);
        let (loss, norm) = (first(&self.losses), first(&self.norms));
        let detail = format!(
            "the untrained net has finite logits, loss {loss:.4} and norm of the gradients {norm:.4}, all must be finite"
        );
        Check::new(
            CheckName::Numbers,
            loss.is_finite() && norm.is_finite(),
            detail,
        )
    }

    /// Whether the batch was learned.
    pub(super) fn overfit(&self) -> Check {
        let first = self.losses.first().copied().unwrap_or(f64::NAN);
        let last = &self.losses[self.losses.len().saturating_sub(N_LAST)..];
        let last = last.iter().sum::<f64>() / last.len().max(1) as f64;
        let (n_steps, wanted) = (self.losses.len(), first * FALLEN);
        let passed = self.is_finite() && last <= wanted;
        let detail = format!(
            "{n_steps} steps on {} pictures take the loss from {first:.4} to {last:.4}, at most {wanted:.4} is wanted",
            Sample::N_IMAGES
        );
        Check::new(CheckName::Overfit, passed, detail)
    }
}
