//! A stack of recurrent layers, run over time in one or both directions.

use burn::nn::Dropout;
use burn::tensor::Tensor;

use super::cell::RecurrentCell;

/// The layers of a recurrent module, borrowed for one pass.
pub(super) struct Stack<'a, C> {
    /// One cell a layer, from the input to the output.
    pub(super) layers: &'a [C],
    /// The cells that run backwards in time: as many, or none.
    pub(super) reverse_layers: &'a [C],
    /// Between two layers.
    pub(super) dropout: &'a Dropout,
    /// Whether the batch comes before time.
    pub(super) batch_first: bool,
}

impl<C: RecurrentCell> Stack<'_, C> {
    /// Runs all layers. `states` holds one state a layer and direction, directions inside.
    ///
    /// - input: `[batch, length, in]` or `[length, batch, in]`
    /// - returns: the same with `directions * hidden`, and the last states
    pub(super) fn run(
        &self,
        input: Tensor<3>,
        states: Option<Vec<C::State>>,
    ) -> (Tensor<3>, Vec<C::State>) {
        let mut features = self.turn(input); // [length, batch, in]
        let [length, batch, _] = features.dims();
        assert!(length > 0, "a recurrent layer needs at least 1 step");
        let mut states = match states {
            Some(states) => states,
            None => self.zero_states(batch, &features),
        }
        .into_iter();
        let mut last_states = Vec::with_capacity(self.n_states());
        for layer_idx in 0..self.layers.len() {
            if layer_idx > 0 {
                features = self.dropout.forward(features);
            }
            features = self.run_layer(layer_idx, &features, &mut states, &mut last_states);
        }
        (self.turn(features), last_states)
    }

    /// Runs one layer in its directions: `[length, batch, in]` to
    /// `[length, batch, directions * hidden]`.
    fn run_layer(
        &self,
        layer_idx: usize,
        features: &Tensor<3>,
        states: &mut impl Iterator<Item = C::State>,
        last_states: &mut Vec<C::State>,
    ) -> Tensor<3> {
        let mut run = |cell: &C, reversed: bool| {
            let state = states.next().expect("one state a layer and direction");
            let (output, last) = run_cell(cell, features.clone(), state, reversed);
            last_states.push(last);
            output
        };
        let forwards = run(&self.layers[layer_idx], false);
        match self.reverse_layers.get(layer_idx) {
            Some(cell) => Tensor::cat(vec![forwards, run(cell, true)], 2),
            None => forwards,
        }
    }

    /// States a pass takes and returns.
    pub(super) fn n_states(&self) -> usize {
        self.layers.len() + self.reverse_layers.len()
    }

    fn zero_states(&self, batch: usize, like: &Tensor<3>) -> Vec<C::State> {
        let state = self.layers[0].zero_state(batch, &like.device());
        vec![state; self.n_states()]
    }

    /// Between the caller's order of batch and time, and time first.
    fn turn(&self, features: Tensor<3>) -> Tensor<3> {
        if self.batch_first {
            features.swap_dims(0, 1)
        } else {
            features
        }
    }
}

/// Runs one cell over `input`, `[length, batch, in]`.
fn run_cell<C: RecurrentCell>(
    cell: &C,
    input: Tensor<3>,
    state: C::State,
    reversed: bool,
) -> (Tensor<3>, C::State) {
    let input = if reversed { input.flip([0]) } else { input };
    let (outputs, last) = run_forwards(cell, input, state);
    let outputs = if reversed { outputs.flip([0]) } else { outputs };
    (outputs, last)
}

fn run_forwards<C: RecurrentCell>(
    cell: &C,
    input: Tensor<3>,
    mut state: C::State,
) -> (Tensor<3>, C::State) {
    let [length, _, _] = input.dims();
    let projected = cell.project(input);
    if length > 1
        && let Some(result) = cell.run_fused(&projected, &state)
    {
        return result;
    }
    let recurrence = cell.recurrence();
    let steps = unbind(projected);
    let mut outputs = Vec::with_capacity(steps.len());
    for projected in steps {
        state = cell.advance(&recurrence, projected, state);
        outputs.push(C::output(&state));
    }
    (Tensor::stack(outputs, 0), state)
}

/// The slices along dimension 0.
///
/// The backward pass of a slice writes a tensor of the size it was cut from. Cutting in halves
/// makes that length * log(length) writes instead of length * length.
pub(crate) fn unbind(tensor: Tensor<3>) -> Vec<Tensor<2>> {
    let [length, _, _] = tensor.dims();
    match length {
        0 => Vec::new(),
        1 => vec![tensor.squeeze_dim(0)],
        _ => {
            let half = length / 2;
            let mut slices = unbind(tensor.clone().narrow(0, 0, half));
            slices.extend(unbind(tensor.narrow(0, half, length - half)));
            slices
        }
    }
}
