//! What recurrent cells share.

use burn::module::{Initializer, Param};
use burn::tensor::{Device, Tensor};

use crate::linear::linear;

/// A cell that a [stack](super::stack) runs over time.
pub(super) trait RecurrentCell {
    /// What a step hands to the next one.
    type State: Clone;

    /// The part of all steps that does not depend on the state.
    ///
    /// `input: [length, batch, in]`, returns `[length, batch, gates * hidden]`.
    fn project(&self, input: Tensor<3>) -> Tensor<3>;

    /// The weights that meet the state in every step.
    fn recurrence(&self) -> Recurrence;

    /// One step. `projected: [batch, gates * hidden]`.
    fn advance(
        &self,
        recurrence: &Recurrence,
        projected: Tensor<2>,
        state: Self::State,
    ) -> Self::State;

    /// All steps at once, where there is one operation for them on the tensors' device.
    ///
    /// - projected: `[length, batch, gates * hidden]`
    /// - returns: what the steps put out, `[length, batch, hidden]`, and the last state
    fn run_fused(
        &self,
        projected: &Tensor<3>,
        state: &Self::State,
    ) -> Option<(Tensor<3>, Self::State)> {
        let _ = (projected, state);
        None
    }

    /// What a step puts out, `[batch, hidden]`.
    fn output(state: &Self::State) -> Tensor<2>;

    /// The state before the first step.
    fn zero_state(&self, batch: usize, device: &Device) -> Self::State;
}

/// The weights that meet the state in every step, read once a sequence.
pub(super) struct Recurrence {
    /// `[gates * hidden, hidden]`
    weight: Tensor<2>,
    /// `[gates * hidden]`
    bias: Option<Tensor<1>>,
}

impl Recurrence {
    pub(super) fn new(weight_hh: &Param<Tensor<2>>, bias: Option<&Param<Tensor<1>>>) -> Self {
        Self {
            weight: weight_hh.val(),
            bias: bias.map(Param::val),
        }
    }

    /// `hidden: [batch, hidden]`, returns `[batch, gates * hidden]`.
    pub(super) fn apply(&self, hidden: Tensor<2>) -> Tensor<2> {
        linear(hidden, self.weight.clone(), self.bias.clone())
    }
}

/// PyTorch's initial values of recurrent layers: everything from U(-1/sqrt(hidden), 1/sqrt(hidden)).
pub(super) fn initializer(hidden_size: usize) -> Initializer {
    let bound = 1.0 / (hidden_size as f64).sqrt();
    Initializer::Uniform {
        min: -bound,
        max: bound,
    }
}

/// Cuts the packed gates apart.
///
/// - packed: `[batch, N * hidden]`
/// - returns: N times `[batch, hidden]`
pub(super) fn gates<const N: usize>(packed: Tensor<2>) -> [Tensor<2>; N] {
    packed
        .chunk(N, 1)
        .try_into()
        .expect("a cell packs its gates evenly")
}

/// The bias of cells that add both biases to the same sums: once for all steps.
pub(super) fn sum_of_biases(
    of_input: Option<&Param<Tensor<1>>>,
    of_hidden: Option<&Param<Tensor<1>>>,
) -> Option<Tensor<1>> {
    match (of_input, of_hidden) {
        (Some(input), Some(hidden)) => Some(input.val() + hidden.val()),
        (one, None) | (None, one) => one.map(Param::val),
    }
}

/// Cuts an input's weight, `[gates * hidden, d + d_memory]`, into what meets `input`,
/// `[length, batch, d]`, and what meets the features after it.
#[cfg(feature = "flex")]
pub(super) fn split_weight(weight: &Param<Tensor<2>>, input: &Tensor<3>) -> [Tensor<2>; 2] {
    let ([_, d_all], [_, _, d]) = (weight.dims(), input.dims());
    [(0, d), (d, d_all - d)].map(|(start, width)| weight.val().narrow(1, start, width))
}

/// The last of `outputs`, `[length, batch, hidden]`.
#[cfg(feature = "flex")]
pub(super) fn last_step(outputs: &Tensor<3>) -> Tensor<2> {
    let [length, _, _] = outputs.dims();
    outputs.clone().narrow(0, length - 1, 1).squeeze_dim(0)
}
