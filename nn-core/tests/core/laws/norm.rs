//! When batch norm trains, and what it leaves behind.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use nn_core::{BatchNorm, BatchNormConfig};

use crate::wave::{assert_close, values, wave};

fn norm() -> (Device, BatchNorm) {
    let device = Device::default().autodiff();
    let norm = BatchNormConfig::new(2).init(&device);
    (device, norm)
}

#[test]
fn a_trained_net_normalises_by_the_batch() {
    let (device, norm) = norm();
    let output = norm.forward(wave([4, 2, 3], 0.5, &device) * 5.0 + 3.0);
    let mean = output.mean_dims(&[0, 2]);
    assert_close(&mean, &mean.zeros_like());
}

#[test]
fn an_evaluated_net_normalises_by_what_it_has_seen() {
    let (device, norm) = norm();
    let input = wave([4, 2, 3], 0.5, &device) + 3.0;
    let _ = norm.forward(input.clone());
    let evaluated = norm.valid();
    let mean = evaluated.running_mean.value().reshape([1, 2, 1]);
    let var = evaluated.running_var.value().reshape([1, 2, 1]);
    let input = input.inner();
    let expected = (input.clone() - mean) / (var + 1e-5).sqrt();
    assert_close(&evaluated.forward(input), &expected);
}

#[test]
fn a_frozen_layer_leaves_its_statistics_alone() {
    let (device, norm) = norm();
    let norm = norm.freeze();
    let input = wave::<3>([4, 2, 3], 0.5, &device) * 5.0;
    let expected = input.clone() / (1.0_f64 + 1e-5).sqrt();
    assert_close(&norm.forward(input), &expected);
    assert_eq!(values(&norm.running_mean.value_sync()), [0.0, 0.0]);
}

#[derive(Default)]
struct Seen(Vec<Vec<f32>>);

impl ModuleVisitor for Seen {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        assert!(!param.is_require_grad(), "running statistics are buffers");
        self.0.push(values(&param.val()));
    }
}

#[test]
fn visitors_see_the_statistics_of_the_last_step() {
    let device = Device::default().autodiff();
    let norm = BatchNormConfig::new(1)
        .with_affine(false)
        .with_momentum(0.5)
        .init(&device);
    let input = Tensor::<2>::from_floats([[1.0], [3.0]], &device);
    let _ = norm.forward(input);
    let mut seen = Seen::default();
    norm.visit(&mut seen);
    // Mean 2; variance 2 with n - 1, moved half of the way from 1.
    assert_eq!(seen.0, [[1.0], [1.5]]);
}

#[test]
#[should_panic(expected = "more than 1 value per channel, but got shape [1, 2, 1]")]
fn a_single_value_has_no_variance_to_train_on() {
    let (device, norm) = norm();
    let _ = norm.forward(wave([1, 2, 1], 0.5, &device));
}
