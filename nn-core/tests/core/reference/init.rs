//! Initial values: PyTorch's distributions.
//!
//! Tests share the device's generator, so no seed fixes these numbers; there are enough of them
//! that the limits lie more than six standard deviations out.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use nn_core::encoder::{alexnet, convnext_tiny, densenet121, swin_t, vgg16, vit_ti_16};
use nn_core::{EmbeddingConfig, LstmConfig, MultiheadAttentionConfig, StatePath};

use crate::wave::values;

/// The largest absolute value, and the standard deviation about 0.
fn spread(numbers: &[f32]) -> (f32, f32) {
    let largest = numbers
        .iter()
        .fold(0.0, |largest: f32, x| largest.max(x.abs()));
    let squares: f32 = numbers.iter().map(|x| x * x).sum();
    (largest, (squares / numbers.len() as f32).sqrt())
}

/// The values fill [-bound, bound] evenly.
#[track_caller]
fn uniform<const D: usize>(tensor: &Tensor<D>, bound: f32) {
    uniform_numbers(&values(tensor), bound);
}

#[track_caller]
pub(super) fn uniform_numbers(numbers: &[f32], bound: f32) {
    let (largest, deviation) = spread(numbers);
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
    let (largest, _) = spread(&values(&attention.in_proj_bias.unwrap().val()));
    assert!(largest == 0.0);
}

#[test]
fn embeddings_start_normal() {
    let embedding = EmbeddingConfig::new(100, 20).init(&Device::default());
    let (largest, deviation) = spread(&values(&embedding.weight.val()));
    assert!((deviation - 1.0).abs() < 0.15, "{deviation}");
    assert!(largest > 2.5, "{largest}");
}

/// The parameter of that name in PyTorch.
struct Wanted<'a> {
    path: StatePath,
    name: &'a str,
    found: Vec<f32>,
}

impl ModuleVisitor for Wanted<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.path.name() == self.name {
            self.found = values(&param.val());
        }
    }
}

#[track_caller]
pub(super) fn parameter<M: Module>(model: &M, name: &str) -> Vec<f32> {
    let mut wanted = Wanted {
        path: StatePath::default(),
        name,
        found: Vec::new(),
    };
    model.visit(&mut wanted);
    assert!(!wanted.found.is_empty(), "there is no {name}");
    wanted.found
}

/// The values have that deviation, and some lie beyond the bounds of even ones.
#[track_caller]
pub(super) fn normal_numbers(numbers: &[f32], expected: f32) {
    let (largest, deviation) = spread(numbers);
    assert!(
        (deviation / expected - 1.0).abs() < 0.15,
        "{deviation}, not {expected}"
    );
    assert!(largest > 2.0 * expected, "{largest}");
}

#[track_caller]
pub(super) fn constant(numbers: &[f32], expected: f32) {
    assert_eq!(numbers, vec![expected; numbers.len()]);
}

#[test]
fn convnext_starts_normal_and_close_to_its_shortcuts() {
    let model = convnext_tiny().init(&Device::default());
    let get = |name: &str| parameter(&model, name);
    for layer in ["features.0.0", "features.1.0.block.0", "features.2.1"] {
        normal_numbers(&get(&format!("{layer}.weight")), 0.02);
        constant(&get(&format!("{layer}.bias")), 0.0);
    }
    for layer in [
        "features.1.2.block.3",
        "features.1.2.block.5",
        "classifier.2",
    ] {
        normal_numbers(&get(&format!("{layer}.weight")), 0.02);
        constant(&get(&format!("{layer}.bias")), 0.0);
    }
    constant(&get("features.7.2.layer_scale"), 1e-6);
    constant(&get("classifier.0.weight"), 1.0);
}

#[test]
fn vision_transformers_start_without_an_opinion() {
    let model = vit_ti_16().init(&Device::default());
    let get = |name: &str| parameter(&model, name);
    normal_numbers(&get("conv_proj.weight"), 1.0 / 768.0_f32.sqrt());
    constant(&get("conv_proj.bias"), 0.0);
    constant(&get("class_token"), 0.0);
    normal_numbers(&get("encoder.pos_embedding"), 0.02);
    let layer = "encoder.layers.encoder_layer_11";
    let mlp = (6.0_f32 / 960.0).sqrt();
    uniform_numbers(&get(&format!("{layer}.mlp.0.weight")), mlp);
    uniform_numbers(&get(&format!("{layer}.mlp.3.weight")), mlp);
    normal_numbers(&get(&format!("{layer}.mlp.0.bias")), 1e-6);
    let out_proj = format!("{layer}.self_attention.out_proj");
    uniform_numbers(&get(&format!("{out_proj}.weight")), 1.0 / 192.0_f32.sqrt());
    constant(&get(&format!("{out_proj}.bias")), 0.0);
    constant(&get("heads.head.weight"), 0.0);
    constant(&get("heads.head.bias"), 0.0);
}

#[test]
fn swin_starts_normal() {
    let model = swin_t().init(&Device::default());
    let get = |name: &str| parameter(&model, name);
    uniform_numbers(&get("features.0.0.weight"), 1.0 / 48.0_f32.sqrt());
    let block = "features.3.1";
    for layer in ["attn.qkv", "attn.proj", "mlp.0", "mlp.3"] {
        normal_numbers(&get(&format!("{block}.{layer}.weight")), 0.02);
        constant(&get(&format!("{block}.{layer}.bias")), 0.0);
    }
    let table = format!("{block}.attn.relative_position_bias_table");
    normal_numbers(&get(&table), 0.02);
    normal_numbers(&get("features.4.reduction.weight"), 0.02);
    normal_numbers(&get("head.weight"), 0.02);
}

#[test]
fn densenet_convolutions_start_normal_by_their_inputs() {
    let model = densenet121().init(&Device::default());
    let get = |name: &str| parameter(&model, name);
    let by_inputs = |n_inputs: f32| (2.0 / n_inputs).sqrt();
    normal_numbers(&get("features.conv0.weight"), by_inputs(3.0 * 49.0));
    let layer = "features.denseblock2.denselayer3.conv2.weight";
    normal_numbers(&get(layer), by_inputs(128.0 * 9.0));
    normal_numbers(&get("features.transition1.conv.weight"), by_inputs(256.0));
    uniform_numbers(&get("classifier.weight"), 1.0 / 32.0);
    constant(&get("classifier.bias"), 0.0);
}

#[test]
fn vgg_convolutions_start_normal_by_their_outputs() {
    let model = vgg16().with_d_hidden(64).init(&Device::default());
    let get = |name: &str| parameter(&model, name);
    normal_numbers(&get("features.0.weight"), (2.0_f32 / (64.0 * 9.0)).sqrt());
    normal_numbers(&get("features.5.weight"), (2.0_f32 / (128.0 * 9.0)).sqrt());
    constant(&get("features.5.bias"), 0.0);
    normal_numbers(&get("classifier.6.weight"), 0.01);
    constant(&get("classifier.6.bias"), 0.0);
}

#[test]
fn alexnet_starts_uniform_by_its_inputs() {
    let model = alexnet().init(&Device::default());
    let get = |name: &str| parameter(&model, name);
    uniform_numbers(&get("features.0.weight"), 1.0 / 363.0_f32.sqrt());
    uniform_numbers(&get("features.3.weight"), 1.0 / 40.0);
    uniform_numbers(&get("classifier.6.weight"), 1.0 / 64.0);
    uniform_numbers(&get("classifier.4.bias"), 1.0 / 64.0);
}
