//! [`RnnCell`]: one step of a plain recurrent layer.
//!
//! Elman 1990, <https://doi.org/10.1207/s15516709cog1402_1>: the activation of a weighted sum of input and hidden state.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::activation::{relu, tanh};
use burn::tensor::{Device, Tensor, assert_shape};

use super::cell::{Recurrence, RecurrentCell, initializer, sum_of_biases};
use crate::config::{ConfigError, at_least_one, expect_valid};
use crate::linear::linear;

/// What a plain recurrent layer applies to its sums.
#[derive(Config, Debug, PartialEq, Eq)]
pub enum Nonlinearity {
    /// The hyperbolic tangent
    Tanh,
    /// max(x, 0)
    Relu,
}

/// Configuration of [`RnnCell`].
#[derive(Config, Debug)]
pub struct RnnCellConfig {
    /// Size of the input. At least 1.
    pub input_size: usize,
    /// Size of the state. At least 1.
    pub hidden_size: usize,
    /// Whether there are biases. Default: true
    #[config(default = true)]
    pub bias: bool,
    /// Applied to the sums. Default: tanh
    #[config(default = "Nonlinearity::Tanh")]
    pub nonlinearity: Nonlinearity,
}

/// One step of a plain recurrent layer: PyTorch's `nn.RNNCell`, and a layer of
/// [`Rnn`](super::Rnn).
#[derive(Module, Debug)]
pub struct RnnCell {
    /// `[hidden, input]`
    pub weight_ih: Param<Tensor<2>>,
    /// `[hidden, hidden]`
    pub weight_hh: Param<Tensor<2>>,
    /// `[hidden]`
    pub bias_ih: Option<Param<Tensor<1>>>,
    /// `[hidden]`
    pub bias_hh: Option<Param<Tensor<1>>>,
    #[module(skip)]
    nonlinearity: Nonlinearity,
}

impl RnnCellConfig {
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
    pub fn init(&self, device: &Device) -> RnnCell {
        expect_valid("RnnCell", self.check());
        let uniform = initializer(self.hidden_size);
        let bias = || self.bias.then(|| uniform.init([self.hidden_size], device));
        RnnCell {
            weight_ih: uniform.init([self.hidden_size, self.input_size], device),
            weight_hh: uniform.init([self.hidden_size, self.hidden_size], device),
            bias_ih: bias(),
            bias_hh: bias(),
            nonlinearity: self.nonlinearity.clone(),
        }
    }
}

impl RnnCell {
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
        let projected = self.project(input.unsqueeze_dim(0)).squeeze_dim(0); // [batch, hidden]
        self.advance(&self.recurrence(), projected, state)
    }
}

impl RecurrentCell for RnnCell {
    type State = Tensor<2>;

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
        let sums = projected + recurrence.apply(state);
        match self.nonlinearity {
            Nonlinearity::Tanh => tanh(sums),
            Nonlinearity::Relu => relu(sums),
        }
    }

    fn output(state: &Self::State) -> Tensor<2> {
        state.clone()
    }

    fn zero_state(&self, batch: usize, device: &Device) -> Self::State {
        let [_, hidden_size] = self.weight_hh.dims();
        Tensor::zeros([batch, hidden_size], device)
    }
}
