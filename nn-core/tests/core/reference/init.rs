//! Initial values: PyTorch's distributions.
//!
//! Tests share the device's generator, so no seed fixes these numbers; there are enough of them
//! that the limits lie more than six standard deviations out.

use burn::tensor::{Device, Tensor};
use nn_core::{EmbeddingConfig, LstmConfig, MultiheadAttentionConfig};

use crate::wave::values;

/// The largest absolute value, and the standard deviation about 0.
fn spread<const D: usize>(tensor: &Tensor<D>) -> (f32, f32) {
    let numbers = values(tensor);
    let largest = numbers
        .iter()
        .fold(0.0, |largest: f32, x| largest.max(x.abs()));
    let n_values = u16::try_from(numbers.len()).unwrap();
    let squares: f32 = numbers.iter().map(|x| x * x).sum();
    (largest, (squares / f32::from(n_values)).sqrt())
}

/// The values fill [-bound, bound] evenly.
#[track_caller]
fn uniform<const D: usize>(tensor: &Tensor<D>, bound: f32) {
    let (largest, deviation) = spread(tensor);
    assert!(
        largest <= bound && largest > 0.9 * bound,
        "{largest} of {bound}"
    );
    let expected = bound / 3.0_f32.sqrt();
    assert!(
        (deviation / expected - 1.0).abs() < 0.15,
        "{deviation}, not {expected}"
    );
}

#[test]
fn recurrent_layers_start_uniform_by_their_hidden_size() {
    let lstm = LstmConfig::new(20, 100).init(&Device::default());
    let layer = &lstm.layers[0];
    uniform(&layer.weight_ih.val(), 0.1);
    uniform(&layer.weight_hh.val(), 0.1);
    uniform(&layer.bias_ih.as_ref().unwrap().val(), 0.1);
    uniform(&layer.bias_hh.as_ref().unwrap().val(), 0.1);
}

#[test]
fn attention_starts_xavier_uniform_over_the_packed_matrix() {
    let attention = MultiheadAttentionConfig::new(24, 2).init(&Device::default());
    uniform(&attention.in_proj_weight.val(), (6.0_f32 / 96.0).sqrt());
    uniform(&attention.out_proj.weight.val(), 1.0 / 24.0_f32.sqrt());
    let (largest, _) = spread(&attention.in_proj_bias.unwrap().val());
    assert!(largest == 0.0);
}

#[test]
fn embeddings_start_normal() {
    let embedding = EmbeddingConfig::new(100, 20).init(&Device::default());
    let (largest, deviation) = spread(&embedding.weight.val());
    assert!((deviation - 1.0).abs() < 0.15, "{deviation}");
    assert!(largest > 2.5, "{largest}");
}
