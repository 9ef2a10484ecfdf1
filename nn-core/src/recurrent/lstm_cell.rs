//! [`LstmCell`]: one step of long short-term memory.
//!
//! Hochreiter and Schmidhuber 1997, <https://doi.org/10.1162/neco.1997.9.8.1735>, with the forget
//! gate of Gers et al. 2000, <https://doi.org/10.1162/089976600300015015>. Gates are packed as in
//! PyTorch: input, forget, cell, output; there are no connections from the cell to the gates.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::activation::{sigmoid, tanh};
use burn::tensor::{Device, Tensor, assert_shape};

use super::cell::{Recurrence, RecurrentCell, gates, initializer, sum_of_biases};
#[cfg(feature = "flex")]
use super::cell::{last_step, split_weight};
use crate::config::{ConfigError, at_least_one, expect_valid};
#[cfg(feature = "flex")]
use crate::fused;
use crate::linear::linear;

/// Configuration of [`LstmCell`].
#[derive(Config, Debug)]
pub struct LstmCellConfig {
    /// Size of the input. At least 1.
    pub input_size: usize,
    /// Size of the state. At least 1.
    pub hidden_size: usize,
    /// Whether there are biases. Default: true
    #[config(default = true)]
    pub bias: bool,
}

/// One step of an LSTM: PyTorch's `nn.LSTMCell`, and a layer of [`Lstm`](super::Lstm).
#[derive(Module, Debug)]
pub struct LstmCell {
    /// `[4 * hidden, input]`
    pub weight_ih: Param<Tensor<2>>,
    /// `[4 * hidden, hidden]`
    pub weight_hh: Param<Tensor<2>>,
    /// `[4 * hidden]`
    pub bias_ih: Option<Param<Tensor<1>>>,
    /// `[4 * hidden]`
    pub bias_hh: Option<Param<Tensor<1>>>,
}

/// The state of an [`LstmCell`].
#[derive(Clone, Debug)]
pub struct LstmCellState {
    /// `[batch, hidden]`, also what the step puts out
    pub hidden: Tensor<2>,
    /// `[batch, hidden]`
    pub cell: Tensor<2>,
}

impl LstmCellState {
    /// A state of its two parts, each `[batch, hidden]`.
    pub fn new(hidden: Tensor<2>, cell: Tensor<2>) -> Self {
        Self { hidden, cell }
    }
}

impl LstmCellConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a size is 0.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("input_size", self.input_size)?;
        at_least_one("hidden_size", self.hidden_size)
    }

    /// Draws the weights from U(-1/sqrt(hidden), 1/sqrt(hidden)).
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> LstmCell {
        expect_valid("LstmCell", self.check());
        let packed = 4 * self.hidden_size;
        let uniform = initializer(self.hidden_size);
        let bias = || self.bias.then(|| uniform.init([packed], device));
        LstmCell {
            weight_ih: uniform.init([packed, self.input_size], device),
            weight_hh: uniform.init([packed, self.hidden_size], device),
            bias_ih: bias(),
            bias_hh: bias(),
        }
    }
}

impl LstmCell {
    /// One step. Without a state, from zeros.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, input]`
    /// - state, output: `[batch, hidden]` twice
    ///
    /// # Panics
    ///
    /// When a shape does not fit.
    pub fn forward(&self, input: Tensor<2>, state: Option<LstmCellState>) -> LstmCellState {
        let [batch, _] = input.dims();
        let [_, hidden_size] = self.weight_hh.dims();
        let state = state.unwrap_or_else(|| self.zero_state(batch, &input.device()));
        assert_shape!(state.hidden, [batch, hidden_size]);
        assert_shape!(state.cell, [batch, hidden_size]);
        let projected = self.project(input.unsqueeze_dim(0)).squeeze_dim(0); // [batch, 4 * hidden]
        self.advance(&self.recurrence(), projected, state)
    }

    /// Steps that look before each, in one operation. What is seen are the last features of a
    /// step's input.
    ///
    /// - input, the first features: `[length, batch, d]`
    /// - returns: `[length, batch, hidden]` and the last state
    #[cfg(feature = "flex")]
    pub(crate) fn run_attending(
        &self,
        input: Tensor<3>,
        look: fused::Look,
        state: LstmCellState,
    ) -> (Tensor<3>, LstmCellState) {
        let [of_input, context] = split_weight(&self.weight_ih, &input);
        let bias = sum_of_biases(self.bias_ih.as_ref(), self.bias_hh.as_ref());
        let input = fused::AttendingInput {
            projected: linear(input, of_input, bias),
            weight: self.weight_hh.val(),
            context,
            hidden: state.hidden,
            look,
        };
        let (outputs, cell) = fused::attending_lstm(input, state.cell);
        let hidden = last_step(&outputs);
        (outputs, LstmCellState { hidden, cell })
    }
}

impl RecurrentCell for LstmCell {
    type State = LstmCellState;

    fn project(&self, input: Tensor<3>) -> Tensor<3> {
        let bias = sum_of_biases(self.bias_ih.as_ref(), self.bias_hh.as_ref());
        linear(input, self.weight_ih.val(), bias)
    }

    fn recurrence(&self) -> Recurrence {
        Recurrence::new(&self.weight_hh, None)
    }

    fn advance(
        &self,
        recurrence: &Recurrence,
        projected: Tensor<2>,
        state: Self::State,
    ) -> Self::State {
        let packed = projected + recurrence.apply(state.hidden);
        let [input, forget, candidate, output] = gates(packed);
        let kept = sigmoid(forget) * state.cell;
        let cell = kept + sigmoid(input) * tanh(candidate);
        let hidden = sigmoid(output) * tanh(cell.clone());
        LstmCellState { hidden, cell }
    }

    #[cfg(feature = "flex")]
    fn run_fused(
        &self,
        projected: &Tensor<3>,
        state: &Self::State,
    ) -> Option<(Tensor<3>, Self::State)> {
        if !fused::takes(projected) {
            return None;
        }
        let (outputs, cell) = fused::lstm_sequence(
            projected.clone(),
            self.weight_hh.val(),
            state.hidden.clone(),
            state.cell.clone(),
        );
        let hidden = last_step(&outputs);
        Some((outputs, LstmCellState { hidden, cell }))
    }

    fn output(state: &Self::State) -> Tensor<2> {
        state.hidden.clone()
    }

    fn zero_state(&self, batch: usize, device: &Device) -> Self::State {
        let [_, hidden_size] = self.weight_hh.dims();
        let zeros = Tensor::zeros([batch, hidden_size], device);
        LstmCellState::new(zeros.clone(), zeros)
    }
}
