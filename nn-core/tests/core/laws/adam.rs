//! A step of Adam is the formula, number by number.

use burn::nn::LinearConfig;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use nn_core::{AdamStep, AdamW};
use proptest::prelude::*;

use crate::wave::{assert_close, values, wave};

/// The paper's algorithm in `f64`: value, moments.
fn formula(numbers: &AdamStep, [value, first, second]: [f64; 3], gradient: f64) -> [f64; 3] {
    let [beta_1, beta_2] = numbers.betas;
    let first = beta_1 * first + (1.0 - beta_1) * gradient;
    let second = beta_2 * second + (1.0 - beta_2) * gradient * gradient;
    let unbiased = first / (1.0 - beta_1.powi(numbers.step));
    let root = (second / (1.0 - beta_2.powi(numbers.step))).sqrt();
    let value = value * (1.0 - numbers.lr * numbers.weight_decay);
    let value = value - numbers.lr * unbiased / (root + numbers.eps);
    [value, first, second]
}

fn numbers(step: i32, weight_decay: f64) -> AdamStep {
    AdamStep {
        lr: 0.01,
        betas: [0.9, 0.99],
        eps: 1e-3,
        weight_decay,
        step,
    }
}

proptest! {
    #[test]
    fn steps_follow_the_paper(rows in 1_usize..70, columns in 1_usize..700, decay in 0.0..0.5) {
        let device = Device::default();
        let mut value: Tensor<2> = wave([rows, columns], 0.3, &device);
        let mut expected: Vec<_> = values(&value).iter().map(|v| [f64::from(*v), 0.0, 0.0]).collect();
        let mut moments = None;
        for step in 1..4 {
            let numbers = numbers(step, decay);
            let gradient: Tensor<2> = wave([rows, columns], step as f32, &device);
            for (expected, gradient) in expected.iter_mut().zip(values(&gradient)) {
                *expected = formula(&numbers, *expected, f64::from(gradient));
            }
            // A column-major gradient, as the transposed weight of a layer has.
            let gradient = gradient.transpose() * 1.0;
            let (next, new) = numbers.apply(value, gradient.transpose(), moments);
            value = next;
            moments = Some(new);
        }
        for (found, [expected, ..]) in values(&value).iter().zip(expected) {
            prop_assert!((f64::from(*found) - expected).abs() < 1e-5, "{found}, not {expected}");
        }
    }
}

#[test]
fn a_step_leaves_what_others_hold() {
    let device = Device::default();
    let start = || wave::<1>([100], 0.0, &device);
    let (value, gradient, first, second) = (start(), start(), start(), start().abs());
    let held = [
        value.clone(),
        gradient.clone(),
        first.clone(),
        second.clone(),
    ];
    let _ = numbers(2, 0.1).apply(value, gradient, Some([first, second]));
    let [value, gradient, first, second] = held;
    assert_close(&value, &start());
    assert_close(&gradient, &start());
    assert_close(&first, &start());
    assert_close(&second, &start().abs());
}

#[test]
fn the_optimizer_steps_each_parameter_and_counts() {
    let device = Device::default().autodiff();
    let mut layer = LinearConfig::new(3, 2).init(&device);
    let mut expected = layer.weight.val().inner();
    let mut optimizer = AdamW::default().init();
    let input: Tensor<2> = wave([4, 3], 0.7, &device);
    let mut moments = None;
    for step in 1..4 {
        let gradients = layer.forward(input.clone()).powi_scalar(2).sum().backward();
        let gradient = layer
            .weight
            .val()
            .grad(&gradients)
            .expect("the weight has a gradient");
        let gradients = GradientsParams::from_grads(gradients, &layer);
        layer = optimizer.step(0.1, layer, gradients);
        let numbers = AdamStep {
            lr: 0.1,
            betas: [0.9, 0.999],
            eps: 1e-8,
            weight_decay: 1e-2,
            step,
        };
        let (value, new) = numbers.apply(expected, gradient, moments);
        expected = value;
        moments = Some(new);
        assert_close(&layer.weight.val().inner(), &expected);
    }
}

#[test]
#[should_panic(expected = "a gradient has the shape of its parameter")]
fn a_gradient_of_another_shape_is_refused() {
    let device = Device::default();
    let vector = |len| Tensor::<1>::from_data(TensorData::new(vec![1.0_f32; len], [len]), &device);
    let _ = numbers(1, 0.0).apply(vector(2), vector(3), None);
}
