//! Initial values of mobile and inception networks: torchvision's distributions.

use burn::tensor::{Device, Tensor};
use nn_core::encoder::{
    Encoder, efficientnet_b0, inception_v3, mobilenet_v2, mobilenet_v3_small, squeezenet1_0,
};

use super::init::{constant, normal_numbers, parameter, uniform_numbers};

/// Of `kaiming_normal_(mode="fan_out")`, where `side` is the kernel's.
fn fan_out_deviation(out_channels: f32, side: f32) -> f32 {
    (2.0 / (out_channels * side * side)).sqrt()
}

#[test]
fn mobile_nets_start_normal_by_their_outputs() {
    let device = Device::default();
    let v2 = mobilenet_v2().with_n_classes(10).init(&device);
    let stem = parameter(&v2, "features.0.0.weight");
    normal_numbers(&stem, fan_out_deviation(32.0, 3.0));
    // Each channel alone: PyTorch counts the outputs of all.
    let depthwise = parameter(&v2, "features.14.conv.1.0.weight");
    normal_numbers(&depthwise, fan_out_deviation(576.0, 3.0));
    normal_numbers(&parameter(&v2, "classifier.1.weight"), 0.01);
    constant(&parameter(&v2, "classifier.1.bias"), 0.0);
    let v3 = mobilenet_v3_small().with_n_classes(10).init(&device);
    let excite = parameter(&v3, "features.4.block.2.fc1.weight");
    normal_numbers(&excite, fan_out_deviation(24.0, 1.0));
    constant(&parameter(&v3, "features.4.block.2.fc1.bias"), 0.0);
    normal_numbers(&parameter(&v3, "classifier.3.weight"), 0.01);
    constant(&parameter(&v3, "classifier.0.bias"), 0.0);
}

#[test]
fn efficient_nets_end_uniform_by_their_outputs() {
    let model = efficientnet_b0()
        .with_n_classes(10)
        .init(&Device::default());
    let stem = parameter(&model, "features.0.0.weight");
    normal_numbers(&stem, fan_out_deviation(32.0, 3.0));
    constant(&parameter(&model, "features.2.0.block.2.fc2.bias"), 0.0);
    let classifier = parameter(&model, "classifier.1.weight");
    uniform_numbers(&classifier, 1.0 / 10.0_f32.sqrt());
    constant(&parameter(&model, "classifier.1.bias"), 0.0);
}

#[test]
fn squeeze_nets_start_uniform_by_their_inputs() {
    let model = squeezenet1_0().with_n_classes(10).init(&Device::default());
    let stem = parameter(&model, "features.0.weight");
    uniform_numbers(&stem, (6.0_f32 / (3.0 * 49.0)).sqrt());
    let expand = parameter(&model, "features.3.expand3x3.weight");
    uniform_numbers(&expand, (6.0_f32 / (16.0 * 9.0)).sqrt());
    constant(&parameter(&model, "features.3.squeeze.bias"), 0.0);
    normal_numbers(&parameter(&model, "classifier.1.weight"), 0.01);
    constant(&parameter(&model, "classifier.1.bias"), 0.0);
}

#[test]
fn inception_starts_normal() {
    let model = inception_v3().with_n_classes(10).init(&Device::default());
    normal_numbers(&parameter(&model, "Conv2d_1a_3x3.conv.weight"), 0.1);
    normal_numbers(&parameter(&model, "fc.weight"), 0.1);
}

/// What remains of a running variance, 1 at first, after a batch without any.
fn remaining_variance<E: Encoder>(model: &E, name: &str) -> f32 {
    let device = Device::default().autodiff();
    let _ = model.feature_map(Tensor::zeros([2, 3, 32, 32], &device));
    parameter(model, name)[0]
}

#[test]
fn each_net_follows_statistics_at_its_pace() {
    let device = Device::default().autodiff();
    let v2 = mobilenet_v2().init(&device);
    let found = remaining_variance(&v2, "features.0.1.running_var");
    assert!((found - 0.9).abs() < 1e-6, "{found}");
    let v3 = mobilenet_v3_small().init(&device);
    let found = remaining_variance(&v3, "features.2.block.0.1.running_var");
    assert!((found - 0.99).abs() < 1e-6, "{found}");
    let efficient = efficientnet_b0().init(&device);
    let found = remaining_variance(&efficient, "features.2.0.block.0.1.running_var");
    assert!((found - 0.9).abs() < 1e-6, "{found}");
}
