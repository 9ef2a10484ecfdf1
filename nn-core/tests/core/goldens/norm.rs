//! Normalisation: our batch norm, Burn's others.

use burn::nn::{GroupNormConfig, InstanceNormConfig, LayerNormConfig};
use nn_core::BatchNormConfig;

use super::Case;
use super::golden::Golden;

pub(crate) const CASES: &[Case] = &[
    ("batchnorm2d_eval", batch_norm_of_an_evaluated_net),
    ("batchnorm2d_train", batch_norm_of_a_trained_net),
    ("groupnorm", group_norm),
    ("instancenorm2d", instance_norm),
    ("layernorm", layer_norm),
];

fn batch_norm_of_an_evaluated_net(golden: &Golden) {
    let mut norm = BatchNormConfig::new(8).init(golden.device());
    norm.training = norm.training.with_value(false);
    golden.compare(norm.clone(), |norm| {
        vec![norm.forward(golden.input::<4>("x")).into()]
    });
    golden.compare_buffer("running_mean", norm.running_mean.value());
    golden.compare_buffer("running_var", norm.running_var.value());
}

fn batch_norm_of_a_trained_net(golden: &Golden) {
    let norm = BatchNormConfig::new(8).init(golden.device());
    golden.compare(norm.clone(), |norm| {
        vec![norm.forward(golden.input::<4>("x")).into()]
    });
    golden.compare_buffer("running_mean", norm.running_mean.value());
    golden.compare_buffer("running_var", norm.running_var.value());
}

fn group_norm(golden: &Golden) {
    golden.compare(GroupNormConfig::new(4, 8).init(golden.device()), |norm| {
        vec![norm.forward(golden.input::<4>("x")).into()]
    });
}

fn instance_norm(golden: &Golden) {
    golden.compare(InstanceNormConfig::new(8).init(golden.device()), |norm| {
        vec![norm.forward(golden.input::<4>("x")).into()]
    });
}

fn layer_norm(golden: &Golden) {
    golden.compare(LayerNormConfig::new(16).init(golden.device()), |norm| {
        vec![norm.forward(golden.input::<3>("x")).into()]
    });
}
