//! The padding row.

use burn::tensor::{Device, Int, Tensor};
use nn_core::EmbeddingConfig;

use crate::wave::{assert_close, values, waved};

#[test]
fn the_padding_row_starts_at_zero() {
    let device = Device::default();
    let embedding = EmbeddingConfig::new(5, 3)
        .with_padding_idx(Some(2))
        .init(&device);
    let table = values(&embedding.weight.val());
    assert!(table[6..9].iter().all(|value| *value == 0.0));
    assert!(table[..6].iter().all(|value| *value != 0.0));
}

#[test]
fn the_padding_row_gets_no_gradient() {
    let device = Device::default().autodiff();
    let config = EmbeddingConfig::new(4, 2).with_padding_idx(Some(0));
    let embedding = waved(config.init(&device));
    let tokens = Tensor::<2, Int>::from_ints([[1, 0, 1], [0, 3, 0]], &device);
    let gradients = embedding.forward(tokens).sum().backward();
    let gradient = embedding.weight.val().grad(&gradients).unwrap();
    let rows = [[0.0, 0.0], [2.0, 2.0], [0.0, 0.0], [1.0, 1.0]];
    assert_close(&gradient, &Tensor::from_data(rows, &gradient.device()));
}

#[test]
fn the_padding_row_is_read_like_any_other() {
    let device = Device::default().autodiff();
    let config = EmbeddingConfig::new(4, 2);
    let tokens = Tensor::<2, Int>::from_ints([[1, 0, 1], [0, 3, 0]], &device);
    let expected = waved(config.init(&device)).forward(tokens.clone());
    let padded = waved(config.with_padding_idx(Some(0)).init(&device));
    assert_close(&padded.forward(tokens), &expected);
}
