//! torchvision's networks, as the prelude writes them: their parameters are torchvision's, in number and in name.
use codegen::{Options, Program, Task, generate};

const NET: &str = "\
import torch
import torch.nn as nn
from torchvision import models

def supported_hyperparameters():
    return {'lr', 'momentum'}

class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.body = models.BUILDER
        self.head = nn.Linear(1000, out_shape[0])

    def train_setup(self, prm):
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.parameters(), lr=prm['lr'], momentum=prm['momentum'])

    def learn(self, train_data):
        for images, labels in train_data:
            self.optimizer.zero_grad()
            self.criterion(self(images), labels).backward()
            self.optimizer.step()

    def forward(self, images):
        return self.head(self.body(images))
";

/// The Program of a classifier of pictures of 224 by 224 around one of torchvision's networks.
fn around(builder: &str) -> Program {
    let options = Options {
        task: Task::Classify,
        vocab: 10,
        ..Options::default()
    };
    let net = NET.replace("BUILDER", builder);
    match generate(&net, &options) {
        Ok(generated) => generated.program,
        Err(rejected) => panic!("{builder}: {rejected}"),
    }
}

/// Learnt numbers below `body`.
fn n_learnt(program: &Program) -> usize {
    let learnt = program
        .params
        .iter()
        .filter(|param| param.name.starts_with("body.") && param.role.is_learnt());
    learnt
        .map(|param| param.shape.iter().product::<usize>())
        .sum()
}

#[test]
fn every_network_has_as_many_parameters_as_torchvision_says() {
    let networks = [
        ("resnet18()", 11_689_512),
        ("resnet50(weights=None)", 25_557_032),
        ("convnext_tiny()", 28_589_128),
        ("alexnet()", 61_100_840),
        ("vgg16()", 138_357_544),
        ("vgg11_bn()", 132_868_840),
        ("squeezenet1_0()", 1_248_424),
        ("squeezenet1_1()", 1_235_496),
        ("densenet121()", 7_978_856),
        ("mobilenet_v2()", 3_504_872),
        ("mobilenet_v3_large()", 5_483_032),
        ("mobilenet_v3_small()", 2_542_856),
        ("efficientnet_b0()", 5_288_548),
        ("vit_b_16()", 86_567_656),
    ];
    for (builder, wanted) in networks {
        assert_eq!(n_learnt(&around(builder)), wanted, "{builder}");
    }
}

#[test]
fn names_are_those_of_torchvisions_state_dict() {
    let has = |builder: &str, names: &[&str]| {
        let program = around(builder);
        for name in names {
            let full = format!("body.{name}");
            let is_there = program.params.iter().any(|param| param.name == full);
            assert!(is_there, "{builder} has no `{name}`");
        }
    };
    has(
        "densenet121()",
        &[
            "features.denseblock4.denselayer16.conv2.weight",
            "features.transition3.norm.running_var",
            "features.norm5.bias",
        ],
    );
    has(
        "vit_b_32()",
        &[
            "class_token",
            "encoder.pos_embedding",
            "encoder.layers.encoder_layer_11.self_attention.in_proj_weight",
            "encoder.layers.encoder_layer_0.mlp.3.bias",
            "heads.head.weight",
        ],
    );
    has(
        "efficientnet_b0()",
        &["features.1.0.block.1.fc1.bias", "features.8.1.weight"],
    );
}

#[test]
fn layers_start_as_torchvision_starts_them() {
    let program = around("vgg11_bn()");
    let start = |name: &str| {
        let param = program.params.iter().find(|param| param.name == name);
        format!("{:?}", param.unwrap().start)
    };
    assert_eq!(
        start("body.classifier.0.weight"),
        "Some(Normal { mean: 0.0, std: 0.01 })"
    );
    assert_eq!(start("body.classifier.0.bias"), "Some(Constant(0.0))");
    assert_eq!(start("head.weight"), "None");
}
