//! Positions, and a Transformer decoder position by position.

use burn::tensor::{Bool, Device, Tensor};
use nn_core::{
    LearnedPositionConfig, Mask, SinusoidalPosition2dConfig, SinusoidalPositionConfig,
    TransformerDecoderConfig, TransformerDecoderInput, TransformerDecoderLayerConfig,
};

use crate::wave::{assert_close, wave, waved};

#[test]
fn a_later_start_is_the_tail_of_an_earlier_one() {
    let device = Device::default();
    let sequence = wave([2, 6, 5], 0.5, &device);
    let tail = sequence.clone().narrow(1, 4, 2);
    let sines = SinusoidalPositionConfig::new(5).init();
    let expected = sines.forward(sequence.clone(), 0).narrow(1, 4, 2);
    assert_close(&sines.forward(tail.clone(), 4), &expected);
    let learned = waved(LearnedPositionConfig::new(6, 5).init(&device));
    let expected = learned.forward(sequence, 0).narrow(1, 4, 2);
    assert_close(&learned.forward(tail, 4), &expected);
}

#[test]
#[should_panic(expected = "position 6 lies beyond the 6 that are learned")]
fn a_position_beyond_the_table_is_refused() {
    let device = Device::default();
    let learned = LearnedPositionConfig::new(6, 5).init(&device);
    let _ = learned.forward(Tensor::zeros([1, 2, 5], &device), 5);
}

#[test]
fn a_map_has_the_positions_of_its_rows_and_of_its_columns() {
    let device = Device::default();
    let map = SinusoidalPosition2dConfig::new(8).init();
    let found = map.forward(Tensor::zeros([2, 8, 3, 5], &device));
    let sines = SinusoidalPositionConfig::new(4).init();
    let of_rows = sines.forward(Tensor::zeros([2, 3, 4], &device), 0);
    let of_columns = sines.forward(Tensor::zeros([2, 5, 4], &device), 0);
    for column in 0..5 {
        let rows = found.clone().narrow(1, 0, 4).narrow(3, column, 1);
        assert_close(&rows.squeeze_dim::<3>(3).swap_dims(1, 2), &of_rows);
    }
    for row in 0..3 {
        let columns = found.clone().narrow(1, 4, 4).narrow(2, row, 1);
        assert_close(&columns.squeeze_dim::<3>(2).swap_dims(1, 2), &of_columns);
    }
}

#[test]
fn a_kept_past_changes_nothing() {
    let device = Device::default();
    let hidden = [[true, false, false, false, true], [false; 5]];
    let hidden = Tensor::<2, Bool>::from_data(hidden, &device);
    let of_memory = [[false, true, false], [false; 3]];
    let of_memory = Tensor::<2, Bool>::from_data(of_memory, &device);
    for (batch_first, norm_first) in [(true, false), (false, true)] {
        let layer = TransformerDecoderLayerConfig::new(8, 2)
            .with_d_feedforward(12)
            .with_batch_first(batch_first)
            .with_norm_first(norm_first);
        let config = TransformerDecoderConfig::new(layer, 2).with_norm(norm_first);
        let decoder = waved(config.init(&device));
        let order = |sequence: Tensor<3>| {
            if batch_first {
                sequence
            } else {
                sequence.swap_dims(0, 1)
            }
        };
        let target = order(wave([2, 5, 8], 0.5, &device));
        let memory = order(wave([2, 3, 8], 1.5, &device));
        let input = TransformerDecoderInput::new(target.clone(), memory.clone())
            .with_target_mask(Mask::causal(5, &device))
            .with_target_key_padding_mask(hidden.clone())
            .with_memory_key_padding_mask(of_memory.clone());
        let expected = decoder.forward(input);

        let time = usize::from(batch_first);
        let mut state = decoder.start(&memory, Some(of_memory.clone().into()));
        let mut rows = Vec::new();
        for (t, row) in target.split(1, time).into_iter().enumerate() {
            assert_eq!(state.length(), t);
            let hidden = hidden.clone().narrow(1, 0, t + 1);
            let (output, next) = decoder.step(row, Some(&hidden.into()), state);
            rows.push(output);
            state = next;
        }
        assert_close(&Tensor::cat(rows, time), &expected);
    }
}

#[test]
#[should_panic(expected = "a step takes one position")]
fn two_positions_are_no_step() {
    let device = Device::default();
    let layer = TransformerDecoderLayerConfig::new(8, 2).with_d_feedforward(12);
    let decoder = TransformerDecoderConfig::new(layer, 1).init(&device);
    let state = decoder.start(&Tensor::zeros([1, 3, 8], &device), None);
    let _ = decoder.step(Tensor::zeros([1, 2, 8], &device), None, state);
}
