//! PyTorch's numbers in `../shared/golden`; each test says so when they are not there.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use caption_models::harness::{Kind, Layout, Optimizer, StateEntry};
use caption_models::optim::{GradientNorms, Slot, update};
use caption_models::probe::{FreeRunning, Golden, Numbers, compare, fill};
use serde::Deserialize;
use serde_json::Value;

/// `None`, with a line that says so, when the golden files are not there.
#[expect(clippy::print_stdout, reason = "a skipped check prints a line")]
fn golden(path: &str) -> Option<PathBuf> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = std::env::var_os("NN_CAPTION_SHARED").map_or_else(default, PathBuf::from);
    let path = shared.join("golden").join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[derive(Deserialize)]
struct FillVector {
    name: String,
    shape: Vec<usize>,
    bound: f64,
    f32_bits5: Vec<String>,
    last: f64,
}

#[test]
fn fills_equal_the_reference_vectors() {
    let Some(path) = golden("fill_vectors.json") else {
        return;
    };
    let vectors: Vec<FillVector> = serde_json::from_value(json(&path)["fills"].take()).unwrap();
    for FillVector {
        name,
        shape,
        bound,
        f32_bits5,
        last,
    } in vectors
    {
        let values = fill::values(&name, shape.iter().product(), bound);
        let bits: Vec<String> = values[..5]
            .iter()
            .map(|value| format!("{:#010x}", value.to_bits()))
            .collect();
        assert_eq!(bits, f32_bits5, "{name}");
        let end = f64::from(values[values.len() - 1]);
        assert!((end - last).abs() < 1e-7, "{name}: {end} instead of {last}");
    }
}

#[derive(Deserialize)]
struct OptimGolden {
    optimizer: String,
    kwargs: Value,
    clip_grad_norm: f64,
    history: Vec<OptimStep>,
}

#[derive(Deserialize)]
struct OptimStep {
    loss: f64,
    grad_norm_before_clip: f64,
    weight: Vec<f64>,
    bias: Vec<f64>,
}

/// The optimizer of a golden, PyTorch's defaults where its arguments are silent.
fn optimizer(golden: &OptimGolden) -> Optimizer {
    let number = |name: &str, default: f64| golden.kwargs[name].as_f64().unwrap_or(default);
    let is = |name: &str| golden.kwargs[name].as_bool().unwrap_or(false);
    let beta = |idx: usize, default: f64| golden.kwargs["betas"][idx].as_f64().unwrap_or(default);
    let (lr, betas) = (number("lr", 1e-3), [beta(0, 0.9), beta(1, 0.999)]);
    let (eps, weight_decay) = (number("eps", 1e-8), number("weight_decay", 0.0));
    match golden.optimizer.as_str() {
        "SGD" => Optimizer::Sgd {
            lr,
            momentum: number("momentum", 0.0),
            dampening: number("dampening", 0.0),
            weight_decay,
            nesterov: is("nesterov"),
        },
        "Adam" if is("amsgrad") => Optimizer::AmsGrad {
            lr,
            betas,
            eps,
            weight_decay,
        },
        "Adam" => Optimizer::Adam {
            lr,
            betas,
            eps,
            weight_decay,
        },
        "AdamW" => Optimizer::AdamW {
            lr,
            betas,
            eps,
            weight_decay: number("weight_decay", 1e-2),
        },
        "RMSprop" => Optimizer::RmsProp {
            lr,
            alpha: number("alpha", 0.99),
            eps,
            weight_decay,
            momentum: number("momentum", 0.0),
            centered: is("centered"),
        },
        "Adagrad" => Optimizer::Adagrad {
            lr,
            lr_decay: number("lr_decay", 0.0),
            weight_decay,
            initial_accumulator_value: number("initial_accumulator_value", 0.0),
            eps: number("eps", 1e-10),
        },
        other => panic!("no optimizer is called {other}"),
    }
}

static WEIGHT: StateEntry = StateEntry {
    name: "weight",
    path: "",
    kind: Kind::Param,
    layout: Layout::Same,
    start: None,
    rows: None,
};
static BIAS: StateEntry = StateEntry {
    name: "bias",
    path: "",
    kind: Kind::Param,
    layout: Layout::Same,
    start: None,
    rows: None,
};

fn tensor<const D: usize>(name: &str, shape: [usize; D], bound: f64) -> Tensor<D> {
    let values = fill::values(name, shape.iter().product(), bound);
    Tensor::from_data(TensorData::new(values, shape), &Device::default())
}

fn assert_close(what: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        let allowed = 1e-6 + 1e-5 * expected.abs();
        assert!(
            (found - expected).abs() <= allowed,
            "{what}: {found} instead of {expected}"
        );
    }
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter().collect()
}

/// Five steps of the golden's recipe: mean(y^2) of a `Linear(6, 4)`, clipped.
fn check_optimizer(path: &Path) {
    let golden: OptimGolden = serde_json::from_value(json(path)).unwrap();
    let optimizer = optimizer(&golden);
    let mut weight = tensor("weight", [24], fill::bound(&[4, 6]));
    let mut bias = tensor("bias", [4], fill::bound(&[4]));
    let mut slots = [Slot::default(), Slot::default()];
    for (step, expected) in golden.history.iter().enumerate() {
        let what = format!("{} step {step}", path.display());
        let input = tensor(&format!("x.{step}"), [3, 6], 1.0);
        let matrix = weight.clone().reshape([4, 6]);
        let output = input.clone().matmul(matrix.transpose()) + bias.clone().unsqueeze();
        assert_close(
            &what,
            &numbers(output.clone().square().mean()),
            &[expected.loss],
        );
        let slope = output.mul_scalar(2.0 / 12.0); // [3, 4]
        let gradients = vec![
            (
                &WEIGHT,
                slope.clone().transpose().matmul(input).reshape([24]),
            ),
            (&BIAS, slope.sum_dim(0).reshape([4])),
        ];
        let norms = GradientNorms::of(&gradients);
        assert_close(&what, &[norms.total], &[expected.grad_norm_before_clip]);
        let factor = norms.clip_factor(golden.clip_grad_norm).unwrap_or(1.0);
        let [of_weight, of_bias]: [_; 2] = gradients.try_into().unwrap();
        weight = update(
            &optimizer,
            &mut slots[0],
            weight,
            of_weight.1.mul_scalar(factor),
        );
        bias = update(
            &optimizer,
            &mut slots[1],
            bias,
            of_bias.1.mul_scalar(factor),
        );
        assert_close(&what, &numbers(weight.clone()), &expected.weight);
        assert_close(&what, &numbers(bias.clone()), &expected.bias);
    }
}

#[test]
fn optimizers_step_as_pytorchs_do() {
    let Some(folder) = golden("layers") else {
        return;
    };
    let mut n_checked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("optim_"))
        {
            check_optimizer(&path);
            n_checked += 1;
        }
    }
    assert_eq!(n_checked, 8);
}

#[test]
fn every_golden_of_a_net_can_be_read() {
    for folder in ["nets/caption", "nets/classify"] {
        let Some(folder) = golden(folder) else { return };
        for entry in std::fs::read_dir(folder).unwrap() {
            let golden = Golden::read(&entry.unwrap().path()).unwrap();
            assert!(!golden.net.is_empty());
            assert!(
                golden.error.is_some() || golden.image().is_some(),
                "{}",
                golden.net
            );
        }
    }
}

/// A probe's numbers copied from a golden.
fn copied(golden: &Value) -> Numbers {
    let learn = &golden["learn"];
    let free_running = &golden["free_running"];
    let from = |value: &Value| serde_json::from_value(value.clone()).unwrap();
    Numbers {
        params: serde_json::from_value(golden["params"].clone()).unwrap(),
        logits: serde_json::from_value(golden["logits"].clone()).unwrap(),
        free_running: Some(FreeRunning {
            returns: free_running["returns"].to_string(),
            shape: serde_json::from_value(free_running["shape"].clone()).unwrap(),
            ids: serde_json::from_value(free_running["ids"].clone()).unwrap(),
        }),
        loss: golden["loss"]["value"].as_f64().unwrap(),
        backward_loss: learn["backward_loss"][0].as_f64().unwrap(),
        total_norm: learn["clip"][0]["total_norm"].as_f64().unwrap(),
        grad_norm: from(&learn["grad_norm"]),
        abs_sum_after: from(&learn["abs_sum_after"]),
    }
}

#[test]
fn the_sum_of_squares_is_compared_as_exactly_as_pytorch_adds_it() {
    let learn = |total_norm: f64| {
        serde_json::json!({
            "learn": {
                "backward_loss": [1.0],
                "optimizer": [{"class": "SGD", "groups": [{"lr": 0.1}]}],
                "clip": [{"total_norm": total_norm}],
                "grad_norm": {"a": 3.0, "b": 4.0},
                "abs_sum_after": {"a": 2.0}
            }
        })
    };
    let compared = |total_norm: f64, found: f64| {
        let golden: Golden = serde_json::from_value(learn(total_norm)).unwrap();
        let numbers = serde_json::json!({
            "params": [],
            "logits": {"shape": [], "values": []},
            "free_running": null,
            "loss": 1.0,
            "backward_loss": 1.0,
            "total_norm": found,
            "grad_norm": {"a": 3.0, "b": 4.0},
            "abs_sum_after": {"a": 2.0}
        });
        let numbers: Numbers = serde_json::from_value(numbers).unwrap();
        compare(&numbers, &golden).len()
    };
    // PyTorch's total is 5e-4 too small: the true one is no failure.
    assert_eq!(compared(4.9975, 5.0), 0);
    assert_eq!(compared(5.0, 4.9975), 1);
    // Half of the parameters are clipped: that is no noise.
    assert_eq!(compared(3.0, 3.1), 1);
}

#[test]
fn a_golden_equals_itself_and_every_wrong_number_is_found() {
    let Some(folder) = golden("nets/caption") else {
        return;
    };
    let path = folder.join("C5C-RESNETLSTM-2710f3b99727c92b2c7ead7bfa8efe49.json");
    let golden = Golden::read(&path).unwrap();
    let right = copied(&json(&path));
    assert_eq!(compare(&right, &golden), []);
    let wrong = |change: &dyn Fn(&mut Numbers)| {
        let mut numbers = right.clone();
        change(&mut numbers);
        let failures = compare(&numbers, &golden);
        assert_eq!(failures.len(), 1, "{failures:?}");
        failures[0].to_string()
    };
    assert!(wrong(&|numbers| numbers.logits.values[7] += 1e-3).contains("sample 7"));
    assert!(wrong(&|numbers| numbers.logits.values[7] = f32::NAN).contains("NaN"));
    assert!(wrong(&|numbers| numbers.loss *= 1.001).starts_with("loss: "));
    assert!(wrong(&|numbers| numbers.total_norm *= 1.001).starts_with("total_norm: "));
    assert!(wrong(&|numbers| numbers.params[0].shape = vec![1]).contains("`encoder.conv1.weight`"));
    assert!(wrong(&|numbers| drop(numbers.params.remove(3))).contains("missing"));
    let set = |numbers: &mut Numbers, value| {
        numbers
            .grad_norm
            .insert("encoder.fc.weight".to_owned(), value);
    };
    assert!(wrong(&|numbers| set(numbers, None)).contains("`encoder.fc.weight`"));
    let lose = |numbers: &mut Numbers| {
        numbers.abs_sum_after.remove("encoder.fc.bias");
    };
    assert!(wrong(&lose).contains("nothing"));
    let flip = |numbers: &mut Numbers| {
        numbers.free_running.as_mut().unwrap().ids[0][3] = 59;
    };
    assert!(wrong(&flip).starts_with("free_running: row 0"));
}
