//! LSTM and GRU.

use nn_core::{
    GruCellConfig, GruConfig, LstmCellConfig, LstmCellState, LstmConfig, LstmState, RnnConfig,
};

use super::Case;
use super::golden::Golden;

pub(crate) const CASES: &[Case] = &[
    ("gru_1", gru_with_state),
    ("gru_2", gru_of_two_layers),
    ("gru_cell", gru_cell),
    ("lstm_1", lstm),
    ("lstm_2_state", lstm_of_two_layers_with_state),
    ("lstm_cell", lstm_cell),
    ("lstm_seq_first_bi", lstm_of_two_directions),
    ("rnn_tanh", rnn),
];

fn gru_with_state(golden: &Golden) {
    golden.compare(GruConfig::new(16, 12).init(golden.device()), |gru| {
        let (output, state) = gru.forward(golden.input("x"), Some(golden.input("h0")));
        vec![output.into(), state.into()]
    });
}

fn gru_of_two_layers(golden: &Golden) {
    let config = GruConfig::new(16, 12).with_num_layers(2);
    golden.compare(config.init(golden.device()), |gru| {
        let (output, state) = gru.forward(golden.input("x"), None);
        vec![output.into(), state.into()]
    });
}

fn gru_cell(golden: &Golden) {
    golden.compare(GruCellConfig::new(16, 12).init(golden.device()), |cell| {
        let state = cell.forward(golden.input("x"), Some(golden.input("h0")));
        vec![state.into()]
    });
}

fn lstm(golden: &Golden) {
    golden.compare(LstmConfig::new(16, 12).init(golden.device()), |lstm| {
        let (output, state) = lstm.forward(golden.input("x"), None);
        vec![output.into(), state.hidden.into(), state.cell.into()]
    });
}

fn lstm_of_two_layers_with_state(golden: &Golden) {
    let config = LstmConfig::new(16, 12).with_num_layers(2);
    golden.compare(config.init(golden.device()), |lstm| {
        let state = LstmState::new(golden.input("h0"), golden.input("c0"));
        let (output, state) = lstm.forward(golden.input("x"), Some(state));
        vec![output.into(), state.hidden.into(), state.cell.into()]
    });
}

fn lstm_cell(golden: &Golden) {
    golden.compare(LstmCellConfig::new(16, 12).init(golden.device()), |cell| {
        let state = LstmCellState::new(golden.input("h0"), golden.input("c0"));
        let state = cell.forward(golden.input("x"), Some(state));
        vec![state.hidden.into(), state.cell.into()]
    });
}

fn lstm_of_two_directions(golden: &Golden) {
    let config = LstmConfig::new(16, 12)
        .with_batch_first(false)
        .with_bidirectional(true);
    golden.compare(config.init(golden.device()), |lstm| {
        let (output, state) = lstm.forward(golden.input("x"), None);
        vec![output.into(), state.hidden.into(), state.cell.into()]
    });
}

fn rnn(golden: &Golden) {
    golden.compare(RnnConfig::new(16, 12).init(golden.device()), |rnn| {
        let (output, state) = rnn.forward(golden.input("x"), None);
        vec![output.into(), state.into()]
    });
}
