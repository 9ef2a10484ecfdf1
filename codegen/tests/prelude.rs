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
        x = self.body(images)
        return self.head(x[0] if isinstance(x, tuple) else x)
";

/// The Program of a classifier around one of torchvision's networks, of pictures of the size that it was made for.
fn around(builder: &str) -> Program {
    let side = if builder.starts_with("inception") {
        299
    } else {
        224
    };
    let options = Options {
        task: Task::Classify,
        vocab: 10,
        image: [3, side, side],
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

/// Every network of a family that torchvision's table names: as many tensors, with its names, shapes and kinds.
#[track_caller]
fn holds_what_torchvisions_do(is_of_family: impl Fn(&str) -> bool) {
    let table = include_str!("reference/torchvision.txt");
    let rows: Vec<&str> = table.lines().filter(|row| is_of_family(row)).collect();
    assert!(!rows.is_empty());
    for wanted in rows {
        let name = wanted.split(' ').next().unwrap_or(wanted);
        let program = around(&format!("{name}(weights=None)"));
        let lines: Vec<String> = program
            .params
            .iter()
            .filter(|param| !param.name.ends_with("num_batches_tracked"))
            .filter_map(|param| {
                let own = param.name.strip_prefix("body.")?;
                let (shape, is_learnt) = (&param.shape, param.role.is_learnt());
                Some(format!("{own} {shape:?} {is_learnt}\n"))
            })
            .collect();
        let (n_tensors, n_learnt, hash) = (lines.len(), n_learnt(&program), fnv(&lines.concat()));
        let found = format!("{name} {n_tensors} {n_learnt} {hash:016x}");
        assert_eq!(found, wanted, "{}", lines.concat());
    }
}

/// FNV-1a.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn resnets_hold_what_torchvisions_do() {
    holds_what_torchvisions_do(|row| row.contains("resne"));
}

#[test]
fn convnexts_hold_what_torchvisions_do() {
    holds_what_torchvisions_do(|row| row.starts_with("convnext"));
}

#[test]
fn alexnet_vgg_and_squeezenets_hold_what_torchvisions_do() {
    let families = ["alexnet", "vgg", "squeezenet"];
    holds_what_torchvisions_do(|row| families.iter().any(|family| row.starts_with(family)));
}

#[test]
fn densenets_hold_what_torchvisions_do() {
    holds_what_torchvisions_do(|row| row.starts_with("densenet"));
}

#[test]
fn mobilenets_and_inception_hold_what_torchvisions_do() {
    holds_what_torchvisions_do(|row| row.starts_with("mobilenet") || row.starts_with("inception"));
}

#[test]
fn efficientnets_hold_what_torchvisions_do() {
    holds_what_torchvisions_do(|row| row.starts_with("efficientnet"));
}

#[test]
fn transformers_hold_what_torchvisions_do() {
    holds_what_torchvisions_do(|row| row.starts_with("vit") || row.starts_with("swin"));
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

/// What nets take from torchvision's helpers: they are no builders of networks, whose first argument asks for weights.
#[test]
fn a_helper_of_torchvision_gets_its_arguments() {
    let helper = "from torchvision.models._utils import _make_divisible\n";
    let net = NET.replace(
        "models.BUILDER",
        "nn.Conv2d(3, _make_divisible(30 * 1.4, 8), 1)",
    );
    let net = net.replace("x[0] if isinstance(x, tuple) else x", "x.mean((2, 3))");
    let net = net.replace("nn.Linear(1000,", "nn.Linear(40,");
    let generated = generate(
        &format!("{helper}{net}"),
        &Options {
            task: Task::Classify,
            ..Options::default()
        },
    );
    match generated {
        Ok(generated) => assert_eq!(n_learnt(&generated.program), 40 * 3 + 40),
        Err(rejected) => panic!("{rejected}"),
    }
}
