//! Time, direction and order of dimensions.

use burn::tensor::{Device, Tensor};
use nn_core::{GruConfig, LstmCellState, LstmConfig, LstmState, Nonlinearity, RnnConfig};

use crate::wave::{assert_close, wave, waved};

#[test]
fn lstm_step_by_step_equals_the_whole_sequence() {
    let device = Device::default();
    let lstm = waved(LstmConfig::new(3, 4).with_num_layers(2).init(&device));
    let input = wave([2, 5, 3], 0.5, &device);
    let (whole, last) = lstm.forward(input.clone(), None);

    let mut state = None;
    let mut steps = Vec::new();
    for t in 0..5 {
        let (output, next) = lstm.forward(input.clone().narrow(1, t, 1), state);
        steps.push(output);
        state = Some(next);
    }
    let state = state.unwrap();
    assert_close(&Tensor::cat(steps, 1), &whole);
    assert_close(&state.hidden, &last.hidden);
    assert_close(&state.cell, &last.cell);
}

#[test]
fn gru_step_by_step_equals_the_whole_sequence() {
    let device = Device::default();
    let gru = waved(GruConfig::new(3, 4).with_num_layers(2).init(&device));
    let input = wave([2, 5, 3], 0.5, &device);
    let (whole, last) = gru.forward(input.clone(), None);

    let mut state = None;
    let mut steps = Vec::new();
    for t in 0..5 {
        let (output, next) = gru.forward(input.clone().narrow(1, t, 1), state);
        steps.push(output);
        state = Some(next);
    }
    assert_close(&Tensor::cat(steps, 1), &whole);
    assert_close(&state.unwrap(), &last);
}

#[test]
fn an_rnn_repeats_its_cell_step_by_step() {
    let device = Device::default();
    for nonlinearity in [Nonlinearity::Tanh, Nonlinearity::Relu] {
        let config = RnnConfig::new(3, 4).with_nonlinearity(nonlinearity);
        let rnn = waved(config.init(&device));
        let input = wave([2, 5, 3], 0.5, &device);
        let (whole, last) = rnn.forward(input.clone(), None);
        let mut state = None;
        for t in 0..5 {
            let step = input.clone().narrow(1, t, 1).squeeze_dim(1);
            let output = rnn.layers[0].forward(step, state);
            assert_close(&whole.clone().narrow(1, t, 1).squeeze_dim(1), &output);
            state = Some(output);
        }
        assert_close(&last.squeeze_dim(0), &state.unwrap());
    }
}

#[test]
fn an_lstm_layer_repeats_its_cell() {
    let device = Device::default();
    let lstm = waved(LstmConfig::new(3, 4).init(&device));
    let input = wave([2, 3, 3], 0.5, &device);
    let (hidden, cell) = (wave([2, 4], 1.5, &device), wave([2, 4], 2.5, &device));
    let state = LstmState::new(
        hidden.clone().unsqueeze_dim(0),
        cell.clone().unsqueeze_dim(0),
    );
    let (_, last) = lstm.forward(input.clone(), Some(state));

    let mut state = LstmCellState::new(hidden, cell);
    for t in 0..3 {
        let step = input.clone().narrow(1, t, 1).squeeze_dim(1);
        state = lstm.layers[0].forward(step, Some(state));
    }
    assert_close(&last.hidden.squeeze_dim(0), &state.hidden);
    assert_close(&last.cell.squeeze_dim(0), &state.cell);
}

#[test]
fn time_first_is_batch_first_with_dimensions_swapped() {
    let device = Device::default();
    let config = LstmConfig::new(3, 4).with_bidirectional(true);
    let batch_first = waved(config.init(&device));
    let time_first = waved(config.with_batch_first(false).init(&device));
    let input = wave([2, 5, 3], 0.5, &device);
    let (expected, _) = batch_first.forward(input.clone(), None);
    let (found, _) = time_first.forward(input.swap_dims(0, 1), None);
    assert_close(&found.swap_dims(0, 1), &expected);
}

#[test]
fn the_second_direction_reads_the_sequence_backwards() {
    let device = Device::default();
    let both = waved(GruConfig::new(3, 4).with_bidirectional(true).init(&device));
    let mut backwards = GruConfig::new(3, 4).init(&device);
    backwards.layers = both.reverse_layers.clone();
    let input = wave([2, 5, 3], 0.5, &device);
    let (found, state) = both.forward(input.clone(), None);
    let (expected, last) = backwards.forward(input.flip([1]), None);
    assert_close(&found.narrow(2, 4, 4), &expected.flip([1]));
    assert_close(&state.narrow(0, 1, 1), &last);
}

#[test]
fn without_training_dropout_does_nothing() {
    let device = Device::default();
    let config = LstmConfig::new(3, 4).with_num_layers(2);
    let plain = waved(config.init(&device));
    let dropped = waved(config.with_dropout(0.9).init(&device));
    let input = wave([2, 5, 3], 0.5, &device);
    let (expected, _) = plain.forward(input.clone(), None);
    let (found, _) = dropped.forward(input, None);
    assert_close(&found, &expected);
}

#[test]
fn in_training_dropout_lies_between_layers_only() {
    let device = Device::default().autodiff();
    let input = wave([2, 5, 3], 0.5, &device);
    let difference = |num_layers: usize| {
        let config = LstmConfig::new(3, 4).with_num_layers(num_layers);
        let (plain, _) = waved(config.init(&device)).forward(input.clone(), None);
        let dropped = waved(config.with_dropout(0.9).init(&device));
        let (dropped, _) = dropped.forward(input.clone(), None);
        (dropped - plain).abs().sum().into_scalar::<f32>()
    };
    assert!(difference(1) == 0.0);
    assert!(difference(2) > 0.0);
}

#[test]
#[should_panic(expected = "axis 1 expected 2, got 3")]
fn a_state_of_another_batch_is_refused() {
    let device = Device::default();
    let gru = GruConfig::new(3, 4).init(&device);
    let state = Tensor::zeros([1, 3, 4], &device);
    let _ = gru.forward(Tensor::zeros([2, 5, 3], &device), Some(state));
}
