//! Initial values of every encoder: torchvision's distributions.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use nn_core::encoder::{
    ConvNextConfig, Encoder, ResNetConfig, SwinConfig, alexnet, cbam_resnet18, convnext_tiny,
    densenet121, efficientnet_b0, inception_v3, mobilenet_v2, mobilenet_v3_small, resnet18,
    resnet50d, resnext50_32x4d, seresnet18, squeezenet1_0, swin_t, vgg16, vgg16_bn, vit_ti_16,
};

use super::init_layers::{LAYERS, kaiming_normal, normal_0_02, zeros};
use super::spread::{self, Place, Rule, Spread, fan_in, fan_out, parameter};

/// What an encoder does to its layers comes before what they do themselves.
#[track_caller]
fn check<M: Module>(encoder: &M, rules: &[Rule]) {
    spread::check(encoder, &[rules, LAYERS]);
}

/// `kaiming_normal_(mode="fan_out")`
fn kaiming_normal_fan_out(place: &Place<'_>) -> Spread {
    Spread::Normal((2.0 / fan_out(place.shape())).sqrt())
}

/// `kaiming_uniform_()`
fn kaiming_uniform(place: &Place<'_>) -> Spread {
    Spread::Uniform((6.0 / fan_in(place.shape())).sqrt())
}

fn normal_0_01(_: &Place<'_>) -> Spread {
    Spread::Normal(0.01)
}

fn normal_0_1(_: &Place<'_>) -> Spread {
    Spread::Normal(0.1)
}

#[test]
fn residual_nets_start_normal_by_their_outputs() {
    let device = &Device::default();
    let rules: &[Rule] = &[("Conv2d", "weight", kaiming_normal_fan_out)];
    check(&resnet18().init(device), rules);
    for deep in [resnet50d(), resnext50_32x4d()] {
        let shallow = ResNetConfig {
            depths: [1; 4],
            ..deep
        };
        check(&shallow.init(device), rules);
    }
    check(&seresnet18().init(device), rules);
    check(&cbam_resnet18().init(device), rules);
}

#[test]
fn dense_nets_start_normal_by_their_inputs() {
    let rules: &[Rule] = &[
        ("Conv2d", "weight", kaiming_normal),
        ("Linear", "bias", zeros),
    ];
    check(&densenet121().init(&Device::default()), rules);
}

/// Convolutions as in He et al. 2015 by their outputs, small linear layers.
const BY_OUTPUTS: &[Rule] = &[
    ("Conv2d", "weight", kaiming_normal_fan_out),
    ("Conv2d", "bias", zeros),
    ("Linear", "weight", normal_0_01),
    ("Linear", "bias", zeros),
];

#[test]
fn vgg_convolutions_start_normal_by_their_outputs() {
    let device = &Device::default();
    check(&vgg16().with_d_hidden(64).init(device), BY_OUTPUTS);
    check(&vgg16_bn().with_d_hidden(64).init(device), BY_OUTPUTS);
}

#[test]
fn alexnet_starts_uniform_by_its_inputs() {
    check(&alexnet().with_d_hidden(64).init(&Device::default()), &[]);
}

/// Each channel alone included: PyTorch counts the outputs of all.
#[test]
fn mobile_nets_start_normal_by_their_outputs() {
    let device = &Device::default();
    check(&mobilenet_v2().init(device), BY_OUTPUTS);
    check(&mobilenet_v3_small().init(device), BY_OUTPUTS);
}

#[test]
fn efficient_nets_end_uniform_by_their_outputs() {
    let rules: &[Rule] = &[
        ("Conv2d", "weight", kaiming_normal_fan_out),
        ("Conv2d", "bias", zeros),
        ("Linear", "weight", |place| {
            Spread::Uniform(fan_out(place.shape()).sqrt().recip())
        }),
        ("Linear", "bias", zeros),
    ];
    check(&efficientnet_b0().init(&Device::default()), rules);
}

#[test]
fn squeeze_nets_start_uniform_by_their_inputs() {
    let rules: &[Rule] = &[
        ("SqueezeNet", "classifier.1.weight", normal_0_01),
        ("Conv2d", "weight", kaiming_uniform),
        ("Conv2d", "bias", zeros),
    ];
    check(&squeezenet1_0().init(&Device::default()), rules);
}

#[test]
fn inception_starts_normal() {
    let rules: &[Rule] = &[
        ("Conv2d", "weight", normal_0_1),
        ("Linear", "weight", normal_0_1),
    ];
    check(&inception_v3().init(&Device::default()), rules);
}

#[test]
fn convnext_starts_normal_and_close_to_its_shortcuts() {
    let rules: &[Rule] = &[
        ("Conv2d", "weight", normal_0_02),
        ("Conv2d", "bias", zeros),
        ("Linear", "weight", normal_0_02),
        ("Linear", "bias", zeros),
    ];
    let shallow = ConvNextConfig {
        depths: [1; 4],
        ..convnext_tiny()
    };
    check(&shallow.init(&Device::default()), rules);
}

#[test]
fn vision_transformers_start_without_an_opinion() {
    let rules: &[Rule] = &[
        ("VisionTransformer", "class_token", zeros),
        ("VitEncoder", "pos_embedding", normal_0_02),
        ("VitHead", "head.weight", zeros),
        ("VitHead", "head.bias", zeros),
    ];
    let vit = vit_ti_16();
    check(&vit.init(&Device::default()), rules);
}

#[test]
fn swin_starts_normal() {
    let rules: &[Rule] = &[("Linear", "weight", normal_0_02), ("Linear", "bias", zeros)];
    let shallow = SwinConfig {
        depths: [1; 4],
        ..swin_t()
    };
    check(&shallow.init(&Device::default()), rules);
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
