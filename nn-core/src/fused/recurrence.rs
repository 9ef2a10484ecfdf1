//! A recurrent cell on its way through a sequence, step by step, so that a step's input may depend
//! on the state before it.

use super::blocks::Blocks;

/// From the first step to the last. All of it in [blocks](super::blocks).
pub(super) trait Forward {
    /// How gates lie.
    fn blocks(&self) -> Blocks;

    /// The hidden state before a step.
    fn hidden(&self, step: usize) -> &[f32];

    /// The input's part of a step's gates, until the step is taken.
    fn gates(&mut self, step: usize) -> &mut [f32];

    /// Takes the next step.
    fn step(&mut self, step: usize);
}

/// From the last step to the first.
pub(super) trait Backward {
    /// How gates lie.
    fn blocks(&self) -> Blocks;

    /// Takes a step back.
    fn step(&mut self, step: usize);

    /// The gradient of the input's part of a step's gates, once the step is taken.
    fn gates(&self, step: usize) -> &[f32];

    /// The gradient of the hidden state before the step that was taken last.
    fn hidden(&mut self) -> &mut [f32];
}
