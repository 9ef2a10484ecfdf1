//! One optimizer step with PyTorch's formulas and the net's own numbers.
//!
//! Burn's optimizers are close but not these: their clipping by norm is per parameter, their betas
//! are `f32`, and they are compiled again for each net. These work on flat tensors behind
//! [`CaptionNet`] and are compiled once.

mod clip;
mod rules;

use std::collections::BTreeMap;

use burn::tensor::Tensor;

pub use clip::GradientNorms;
pub use rules::{Slot, update};

use crate::harness::{Backward, CaptionNet, Recipe, StateEntry};

/// Applies a [`Recipe`]: clips all gradients together, then steps each group's optimizer.
#[derive(Debug)]
pub struct Stepper {
    recipe: Recipe,
    slots: BTreeMap<&'static str, Slot>,
}

impl Stepper {
    /// A stepper before its first step.
    pub fn new(recipe: Recipe) -> Self {
        Self {
            recipe,
            slots: BTreeMap::new(),
        }
    }

    /// What it remembers of each parameter it has stepped.
    pub fn slots(&self) -> &BTreeMap<&'static str, Slot> {
        &self.slots
    }

    pub(crate) fn restore(&mut self, slots: BTreeMap<&'static str, Slot>) {
        self.slots = slots;
    }

    /// Updates the net with the gradients of one backward pass; returns their norms before
    /// clipping. Parameters without a gradient stay as they are, as in PyTorch.
    pub fn step(&mut self, net: &mut dyn CaptionNet, backward: Backward) -> GradientNorms {
        self.step_at(net, backward, 1.0)
    }

    /// The same with every learning rate of the recipe multiplied by `rate`.
    pub fn step_at(
        &mut self,
        net: &mut dyn CaptionNet,
        backward: Backward,
        rate: f64,
    ) -> GradientNorms {
        let norms = GradientNorms::of(&backward.gradients);
        let factor = self
            .recipe
            .clip_norm
            .and_then(|limit| norms.clip_factor(limit));
        let mut gradients: BTreeMap<&str, Tensor<1>> = BTreeMap::new();
        for (entry, gradient) in backward.gradients {
            let gradient = match factor {
                Some(factor) => gradient.mul_scalar(factor),
                None => gradient,
            };
            gradients.insert(entry.name, gradient);
        }
        let mut updated = BTreeMap::new();
        net.for_each_param(&mut |param| {
            if let Some(gradient) = gradients.remove(param.entry.name) {
                let value = self.update(param.entry, param.value, gradient, rate);
                updated.insert(param.entry.name, value);
            }
        });
        net.set_params(&mut |entry, _| updated.remove(entry.name));
        norms
    }

    fn update(
        &mut self,
        entry: &'static StateEntry,
        value: Tensor<1>,
        gradient: Tensor<1>,
        rate: f64,
    ) -> Tensor<1> {
        match self
            .recipe
            .groups
            .iter()
            .find(|group| group.holds(entry.name))
        {
            Some(group) => {
                let slot = self.slots.entry(entry.name).or_default();
                update(&group.optimizer.at(rate), slot, value, gradient)
            }
            None => value,
        }
    }
}
