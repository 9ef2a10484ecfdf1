//! Recurrent layers in PyTorch's packed layout.
//!
//! PyTorch packs the gates of a cell into one matrix for the input and one for the hidden state,
//! each `[gates * hidden, in]`, with one bias each. A layer projects its whole input at once and
//! then takes one product a step.

mod cell;
mod gru;
mod gru_cell;
mod lstm;
mod lstm_cell;
mod rnn;
mod rnn_cell;
mod stack;

pub use gru::{Gru, GruConfig};
pub use gru_cell::{GruCell, GruCellConfig};
pub use lstm::{Lstm, LstmConfig, LstmState};
pub use lstm_cell::{LstmCell, LstmCellConfig, LstmCellState};
pub use rnn::{Rnn, RnnConfig};
pub use rnn_cell::{Nonlinearity, RnnCell, RnnCellConfig};

pub(crate) use stack::unbind;
