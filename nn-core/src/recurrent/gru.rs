//! [`Gru`]: gated recurrent units over sequences. The formula and its paper stand at [`GruCell`].

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig};
use burn::tensor::{Device, Tensor, assert_shape};

use super::gru_cell::{GruCell, GruCellConfig};
use super::stack::{Stack, unbind};
use crate::config::{ConfigError, at_least_one, dropout, expect_valid};

/// Configuration of [`Gru`].
#[derive(Config, Debug)]
pub struct GruConfig {
    /// Size of the input. At least 1.
    pub input_size: usize,
    /// Size of the state of each layer and direction. At least 1.
    pub hidden_size: usize,
    /// Layers. At least 1. Default: 1
    #[config(default = 1)]
    pub num_layers: usize,
    /// Whether there are biases. Default: true
    #[config(default = true)]
    pub bias: bool,
    /// Dropout between layers, in [0, 1). Default: 0
    #[config(default = 0.0)]
    pub dropout: f64,
    /// Whether inputs are `[batch, length, ..]` rather than `[length, batch, ..]`. Default: true
    /// (PyTorch: false)
    #[config(default = true)]
    pub batch_first: bool,
    /// Whether a second set of layers runs backwards in time. Default: false
    #[config(default = false)]
    pub bidirectional: bool,
}

/// Gated recurrent units: PyTorch's `nn.GRU`.
///
/// PyTorch's `weight_ih_l1` is `layers.1.weight_ih` here, and `weight_ih_l1_reverse` is
/// `reverse_layers.1.weight_ih`.
#[derive(Module, Debug)]
pub struct Gru {
    /// One cell a layer, from the input to the output.
    pub layers: Vec<GruCell>,
    /// The cells that run backwards in time: as many, or none.
    pub reverse_layers: Vec<GruCell>,
    dropout: Dropout,
    batch_first: bool,
}

impl GruConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a size is 0 or `dropout` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.cell(self.input_size).check()?;
        at_least_one("num_layers", self.num_layers)?;
        dropout("dropout", self.dropout)
    }

    /// Draws the weights from U(-1/sqrt(hidden), 1/sqrt(hidden)).
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> Gru {
        expect_valid("Gru", self.check());
        let n_directions = 1 + usize::from(self.bidirectional);
        let layer = |layer_idx: usize| match layer_idx {
            0 => self.cell(self.input_size).init(device),
            _ => self.cell(n_directions * self.hidden_size).init(device),
        };
        let n_reversed = self.num_layers * (n_directions - 1);
        Gru {
            layers: (0..self.num_layers).map(layer).collect(),
            reverse_layers: (0..n_reversed).map(layer).collect(),
            dropout: DropoutConfig::new(self.dropout).init(),
            batch_first: self.batch_first,
        }
    }

    fn cell(&self, input_size: usize) -> GruCellConfig {
        GruCellConfig::new(input_size, self.hidden_size).with_bias(self.bias)
    }
}

impl Gru {
    /// Runs over sequences. Without a state, from zeros.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, length, input]`; batch and length change places without `batch_first`
    /// - state: `[layers * directions, batch, hidden]`
    /// - output: `[batch, length, directions * hidden]`, and the state after the last step
    ///
    /// # Panics
    ///
    /// When a shape does not fit, or the length is 0.
    pub fn forward(&self, input: Tensor<3>, state: Option<Tensor<3>>) -> (Tensor<3>, Tensor<3>) {
        let stack = Stack {
            layers: &self.layers,
            reverse_layers: &self.reverse_layers,
            dropout: &self.dropout,
            batch_first: self.batch_first,
        };
        if let Some(state) = &state {
            let batch = input.dims()[usize::from(!self.batch_first)];
            let [_, hidden_size] = self.layers[0].weight_hh.dims();
            assert_shape!(state, [stack.n_states(), batch, hidden_size]);
        }
        let (output, states) = stack.run(input, state.map(unbind));
        (output, Tensor::stack(states, 0))
    }
}
