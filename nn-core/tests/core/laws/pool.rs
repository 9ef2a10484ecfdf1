//! Adaptive pooling where it is plain pooling.

use burn::nn::pool::MaxPool2dConfig;
use burn::tensor::{Device, Tensor};
use nn_core::AdaptiveMaxPool2dConfig;

use crate::wave::{assert_close, wave};

#[test]
fn to_the_size_of_the_input_is_the_identity() {
    let input = wave([2, 3, 4, 5], 0.5, &Device::default());
    let pool = AdaptiveMaxPool2dConfig::new([4, 5]).init();
    assert_close(&pool.forward(input.clone()), &input);
}

#[test]
fn to_a_divisor_is_plain_pooling() {
    let input = wave([2, 3, 4, 6], 0.5, &Device::default());
    let pool = AdaptiveMaxPool2dConfig::new([2, 2]).init();
    let plain = MaxPool2dConfig::new([2, 3]).with_strides([2, 3]).init();
    assert_close(&pool.forward(input.clone()), &plain.forward(input));
}

#[test]
fn of_equal_values_the_first_in_row_major_order_gets_the_gradient() {
    let device = Device::default().autodiff();
    let map = [[0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]];
    let input = Tensor::<2>::from_floats(map, &device).require_grad();
    let pool = AdaptiveMaxPool2dConfig::new([2, 1]).init();
    let output = pool.forward(input.clone().unsqueeze());
    let gradient = input.grad(&output.sum().backward()).unwrap();
    let expected = [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]];
    assert_close(
        &gradient,
        &Tensor::from_floats(expected, &gradient.device()),
    );
}
