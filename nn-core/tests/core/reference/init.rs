//! Initial values: PyTorch's distributions.
//!
//! Tests share the device's generator, so no seed fixes these numbers; there are enough of them
//! that the limits lie more than six standard deviations out.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use nn_core::StatePath;
use nn_core::encoder::{
    Encoder, efficientnet_b0, inception_v3, mobilenet_v2, mobilenet_v3_small, squeezenet1_0,
};
use nn_core::{EmbeddingConfig, LstmConfig, MultiheadAttentionConfig};

use crate::wave::values;

/// The parameter that PyTorch calls `name`.
#[track_caller]
fn parameter<M: Module>(model: &M, name: &str) -> Tensor<1> {
    let mut search = Search {
        path: StatePath::default(),
        name,
        found: None,
    };
    model.visit(&mut search);
    search.found.unwrap_or_else(|| panic!("there is no {name}"))
}

struct Search<'a> {
    path: StatePath,
    name: &'a str,
    found: Option<Tensor<1>>,
}

impl ModuleVisitor for Search<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.path.name() == self.name {
            self.found = Some(param.val().flatten(0, D - 1));
        }
    }
}

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

/// The values look normal about 0 with this deviation.
#[track_caller]
fn gaussian<const D: usize>(tensor: &Tensor<D>, expected: f32) {
    let (largest, deviation) = spread(tensor);
    assert!(
        (deviation / expected - 1.0).abs() < 0.15,
        "{deviation}, not {expected}"
    );
    assert!(largest > 2.0 * expected, "{largest} of {expected}");
}

#[track_caller]
fn zero<const D: usize>(tensor: &Tensor<D>) {
    let (largest, _) = spread(tensor);
    assert!(largest == 0.0, "{largest}");
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

/// Of `kaiming_normal_(mode="fan_out")`, where `side` is the kernel's.
fn fan_out_deviation(out_channels: f32, side: f32) -> f32 {
    (2.0 / (out_channels * side * side)).sqrt()
}

#[test]
fn mobile_nets_start_normal_by_their_outputs() {
    let device = Device::default();
    let v2 = mobilenet_v2().with_n_classes(10).init(&device);
    let stem = parameter(&v2, "features.0.0.weight");
    gaussian(&stem, fan_out_deviation(32.0, 3.0));
    // Each channel alone: PyTorch counts the outputs of all.
    let depthwise = parameter(&v2, "features.14.conv.1.0.weight");
    gaussian(&depthwise, fan_out_deviation(576.0, 3.0));
    gaussian(&parameter(&v2, "classifier.1.weight"), 0.01);
    zero(&parameter(&v2, "classifier.1.bias"));
    let v3 = mobilenet_v3_small().with_n_classes(10).init(&device);
    let excite = parameter(&v3, "features.4.block.2.fc1.weight");
    gaussian(&excite, fan_out_deviation(24.0, 1.0));
    zero(&parameter(&v3, "features.4.block.2.fc1.bias"));
    gaussian(&parameter(&v3, "classifier.3.weight"), 0.01);
    zero(&parameter(&v3, "classifier.0.bias"));
}

#[test]
fn efficient_nets_end_uniform_by_their_outputs() {
    let model = efficientnet_b0()
        .with_n_classes(10)
        .init(&Device::default());
    let stem = parameter(&model, "features.0.0.weight");
    gaussian(&stem, fan_out_deviation(32.0, 3.0));
    zero(&parameter(&model, "features.2.0.block.2.fc2.bias"));
    let classifier = parameter(&model, "classifier.1.weight");
    uniform(&classifier, 1.0 / 10.0_f32.sqrt());
    zero(&parameter(&model, "classifier.1.bias"));
}

#[test]
fn squeeze_nets_start_uniform_by_their_inputs() {
    let model = squeezenet1_0().with_n_classes(10).init(&Device::default());
    let stem = parameter(&model, "features.0.weight");
    uniform(&stem, (6.0_f32 / (3.0 * 49.0)).sqrt());
    let expand = parameter(&model, "features.3.expand3x3.weight");
    uniform(&expand, (6.0_f32 / (16.0 * 9.0)).sqrt());
    zero(&parameter(&model, "features.3.squeeze.bias"));
    gaussian(&parameter(&model, "classifier.1.weight"), 0.01);
    zero(&parameter(&model, "classifier.1.bias"));
}

#[test]
fn inception_starts_normal() {
    let model = inception_v3().with_n_classes(10).init(&Device::default());
    gaussian(&parameter(&model, "Conv2d_1a_3x3.conv.weight"), 0.1);
    gaussian(&parameter(&model, "fc.weight"), 0.1);
}

/// What remains of a running variance, 1 at first, after a batch without any.
fn remaining_variance<E: Encoder>(model: &E, name: &str) -> f32 {
    let device = Device::default().autodiff();
    let _ = model.feature_map(Tensor::zeros([2, 3, 32, 32], &device));
    values(&parameter(model, name))[0]
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
