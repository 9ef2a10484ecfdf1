//! [`RecurrentLayers`]: the recurrent layers of a decoder, of either kind.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};

use crate::config::ConfigError;
#[cfg(feature = "flex")]
use crate::fused;
#[cfg(feature = "flex")]
use crate::recurrent::LstmCellState;
use crate::recurrent::{Gru, GruConfig, Lstm, LstmConfig, LstmState};

/// The kind of recurrent layers.
#[derive(Config, Debug, PartialEq, Eq)]
pub enum RecurrentKind {
    /// Long short-term memory: [`Lstm`].
    Lstm,
    /// Gated recurrent units: [`Gru`].
    Gru,
}

/// Recurrent layers of either kind.
#[derive(Module, Debug)]
pub enum RecurrentLayers {
    /// Long short-term memory.
    Lstm(Lstm),
    /// Gated recurrent units.
    Gru(Gru),
}

/// The states of recurrent layers of either kind.
#[derive(Clone, Debug)]
pub struct RecurrentState {
    /// `[layers, batch, hidden]`
    pub hidden: Tensor<3>,
    /// Of an LSTM, where it is missing zeros: `[layers, batch, hidden]`
    pub cell: Option<Tensor<3>>,
}

/// The sizes of [`RecurrentLayers`].
pub(super) struct LayersSpec {
    pub(super) kind: RecurrentKind,
    pub(super) input_size: usize,
    pub(super) hidden_size: usize,
    pub(super) num_layers: usize,
    pub(super) dropout: f64,
}

impl LayersSpec {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match self.kind {
            RecurrentKind::Lstm => self.lstm().check(),
            RecurrentKind::Gru => self.gru().check(),
        }
    }

    pub(super) fn init(&self, device: &Device) -> RecurrentLayers {
        match self.kind {
            RecurrentKind::Lstm => RecurrentLayers::Lstm(self.lstm().init(device)),
            RecurrentKind::Gru => RecurrentLayers::Gru(self.gru().init(device)),
        }
    }

    fn lstm(&self) -> LstmConfig {
        LstmConfig::new(self.input_size, self.hidden_size)
            .with_num_layers(self.num_layers)
            .with_dropout(self.dropout)
    }

    fn gru(&self) -> GruConfig {
        GruConfig::new(self.input_size, self.hidden_size)
            .with_num_layers(self.num_layers)
            .with_dropout(self.dropout)
    }
}

impl RecurrentLayers {
    /// Runs over sequences, from a state.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, length, input]`
    /// - output: `[batch, length, hidden]`, and the state after the last step
    ///
    /// # Panics
    ///
    /// When a shape does not fit, or the length is 0.
    pub fn forward(&self, input: Tensor<3>, state: RecurrentState) -> (Tensor<3>, RecurrentState) {
        match self {
            Self::Lstm(lstm) => {
                let cell = state.cell.unwrap_or_else(|| state.hidden.zeros_like());
                let state = LstmState::new(state.hidden, cell);
                let (output, LstmState { hidden, cell }) = lstm.forward(input, Some(state));
                let cell = Some(cell);
                (output, RecurrentState { hidden, cell })
            }
            Self::Gru(gru) => {
                let (output, hidden) = gru.forward(input, Some(state.hidden));
                (output, RecurrentState { hidden, cell: None })
            }
        }
    }

    /// Steps that look before each, in one operation: only where there is one layer. What is seen
    /// are the last features of its input.
    ///
    /// - input, the first features: `[batch, length, d]`
    /// - returns: as [`forward`](Self::forward)
    #[cfg(feature = "flex")]
    pub(super) fn run_attending(
        &self,
        input: Tensor<3>,
        look: fused::Look,
        state: RecurrentState,
    ) -> (Tensor<3>, RecurrentState) {
        let input = input.swap_dims(0, 1); // [length, batch, d]
        let hidden: Tensor<2> = state.output();
        let (outputs, last) = match self {
            Self::Lstm(lstm) => {
                let cell = state.cell.map(|cell| cell.squeeze_dim(0));
                let cell = cell.unwrap_or_else(|| hidden.zeros_like());
                let state = LstmCellState::new(hidden, cell);
                let (outputs, last) = lstm.layers[0].run_attending(input, look, state);
                let cell = Some(last.cell.unsqueeze());
                let hidden = last.hidden.unsqueeze();
                (outputs, RecurrentState { hidden, cell })
            }
            Self::Gru(gru) => {
                let (outputs, last) = gru.layers[0].run_attending(input, look, hidden);
                let hidden = last.unsqueeze();
                (outputs, RecurrentState { hidden, cell: None })
            }
        };
        (outputs.swap_dims(0, 1), last)
    }

    /// How many they are.
    pub(super) fn n_layers(&self) -> usize {
        match self {
            Self::Lstm(lstm) => lstm.layers.len(),
            Self::Gru(gru) => gru.layers.len(),
        }
    }

    /// The state of zeros.
    pub fn zero_state(&self, batch: usize, device: &Device) -> RecurrentState {
        let weight_hh = match self {
            Self::Lstm(lstm) => &lstm.layers[0].weight_hh,
            Self::Gru(gru) => &gru.layers[0].weight_hh,
        };
        let [_, hidden_size] = weight_hh.dims();
        RecurrentState {
            hidden: Tensor::zeros([self.n_layers(), batch, hidden_size], device),
            cell: None,
        }
    }
}

impl RecurrentState {
    /// What the last layer put out, `[batch, hidden]`.
    pub(super) fn output(&self) -> Tensor<2> {
        let [n_layers, _, _] = self.hidden.dims();
        self.hidden
            .clone()
            .narrow(0, n_layers - 1, 1)
            .squeeze_dim(0)
    }

    /// The `rows` of the batch, in their order.
    #[must_use]
    pub fn select(self, rows: Tensor<1, Int>) -> Self {
        Self {
            hidden: self.hidden.select(1, rows.clone()),
            cell: self.cell.map(|cell| cell.select(1, rows)),
        }
    }
}
