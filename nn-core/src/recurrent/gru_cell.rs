//! [`GruCell`]: one step of a gated recurrent unit.
//!
//! Cho et al. 2014, <https://arxiv.org/abs/1406.1078>. As in PyTorch (and unlike the paper) the
//! reset gate scales the hidden state after its product with the weights; gates are packed
//! reset, update, new.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::activation::{sigmoid, tanh};
use burn::tensor::{Device, Tensor, assert_shape};

use super::cell::{Recurrence, RecurrentCell, gates, initializer};
#[cfg(feature = "flex")]
use super::cell::{last_step, split_weight};
use crate::config::{ConfigError, at_least_one, expect_valid};
#[cfg(feature = "flex")]
use crate::fused;
use crate::linear::linear;

/// Configuration of [`GruCell`].
#[derive(Config, Debug)]
pub struct GruCellConfig {
    /// Size of the input. At least 1.
    pub input_size: usize,
    /// Size of the state. At least 1.
    pub hidden_size: usize,
    /// Whether there are biases. Default: true
    #[config(default = true)]
    pub bias: bool,
}

/// One step of a GRU: PyTorch's `nn.GRUCell`, and a layer of [`Gru`](super::Gru).
#[derive(Module, Debug)]
pub struct GruCell {
    /// `[3 * hidden, input]`
    pub weight_ih: Param<Tensor<2>>,
    /// `[3 * hidden, hidden]`
    pub weight_hh: Param<Tensor<2>>,
    /// `[3 * hidden]`
    pub bias_ih: Option<Param<Tensor<1>>>,
    /// `[3 * hidden]`
    pub bias_hh: Option<Param<Tensor<1>>>,
}

impl GruCellConfig {
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
    pub fn init(&self, device: &Device) -> GruCell {
        expect_valid("GruCell", self.check());
        let packed = 3 * self.hidden_size;
        let uniform = initializer(self.hidden_size);
        let bias = || self.bias.then(|| uniform.init([packed], device));
        GruCell {
            weight_ih: uniform.init([packed, self.input_size], device),
            weight_hh: uniform.init([packed, self.hidden_size], device),
            bias_ih: bias(),
            bias_hh: bias(),
        }
    }
}

impl GruCell {
    /// One step. Without a state, from zeros.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, input]`
    /// - state, output: `[batch, hidden]`
    ///
    /// # Panics
    ///
    /// When a shape does not fit.
    pub fn forward(&self, input: Tensor<2>, state: Option<Tensor<2>>) -> Tensor<2> {
        let [batch, _] = input.dims();
        let [_, hidden_size] = self.weight_hh.dims();
        let state = state.unwrap_or_else(|| self.zero_state(batch, &input.device()));
        assert_shape!(state, [batch, hidden_size]);
        let projected = self.project(input.unsqueeze_dim(0)).squeeze_dim(0); // [batch, 3 * hidden]
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
        state: Tensor<2>,
    ) -> (Tensor<3>, Tensor<2>) {
        let [of_input, context] = split_weight(&self.weight_ih, &input);
        let input = fused::AttendingInput {
            projected: linear(input, of_input, self.bias_ih.as_ref().map(Param::val)),
            weight: self.weight_hh.val(),
            context,
            hidden: state,
            look,
        };
        let outputs = fused::attending_gru(input, self.bias_of_state());
        let last = last_step(&outputs);
        (outputs, last)
    }

    /// What is added to the state's part of the gates, `[3 * hidden]`.
    #[cfg(feature = "flex")]
    fn bias_of_state(&self) -> Tensor<1> {
        match &self.bias_hh {
            Some(bias) => bias.val(),
            None => Tensor::zeros([self.weight_hh.dims()[0]], &self.weight_hh.device()),
        }
    }
}

impl RecurrentCell for GruCell {
    type State = Tensor<2>;

    fn project(&self, input: Tensor<3>) -> Tensor<3> {
        let bias = self.bias_ih.as_ref().map(Param::val);
        linear(input, self.weight_ih.val(), bias)
    }

    fn recurrence(&self) -> Recurrence {
        Recurrence::new(&self.weight_hh, self.bias_hh.as_ref())
    }

    fn advance(
        &self,
        recurrence: &Recurrence,
        projected: Tensor<2>,
        state: Self::State,
    ) -> Self::State {
        let [input_reset, input_update, input_new] = gates(projected);
        let [state_reset, state_update, state_new] = gates(recurrence.apply(state.clone()));
        let reset = sigmoid(input_reset + state_reset);
        let update = sigmoid(input_update + state_update);
        let new = tanh(input_new + reset * state_new);
        new.clone() + update * (state - new)
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
        let (weight, bias) = (self.weight_hh.val(), self.bias_of_state());
        let outputs = fused::gru_sequence(projected.clone(), weight, bias, state.clone());
        let last = last_step(&outputs);
        Some((outputs, last))
    }

    fn output(state: &Self::State) -> Tensor<2> {
        state.clone()
    }

    fn zero_state(&self, batch: usize, device: &Device) -> Self::State {
        let [_, hidden_size] = self.weight_hh.dims();
        Tensor::zeros([batch, hidden_size], device)
    }
}
