//! Every encoder of the registry has PyTorch's logits, loss, gradients and running statistics, in
//! evaluation and in training: numbers that `encoders/make.py` wrote.

use std::collections::BTreeMap;
use std::path::Path;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Int, Tensor, TensorData};
use nn_core::encoder::{AnyEncoder, ENCODERS, Encoder, EncoderEntry};
use nn_core::{CrossEntropyConfig, StatePath, state_dict};
use serde_json::Value;

use crate::goldens::fill::fill;
use crate::goldens::mode::in_mode;
use crate::goldens::parameters::{filled, gradient_norms};

/// PyTorch's numbers for an encoder. An encoder without them fails.
fn reference(entry: &EncoderEntry) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/core/reference/encoders");
    let path = folder.join(format!("{}.json", entry.name));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!(
            "{} has no reference {}: {error}",
            entry.name,
            path.display()
        )
    });
    serde_json::from_str(&text).unwrap()
}

#[test]
fn evaluated_encoders_have_pytorchs_numbers() {
    check_all("eval");
}

#[test]
fn trained_encoders_have_pytorchs_numbers() {
    check_all("train");
}

fn check_all(mode: &str) {
    let mut failures = Vec::new();
    for entry in ENCODERS {
        let mut comparison = Comparison::default();
        comparison.run(entry, mode, &reference(entry));
        let named = |failure| format!("{} {mode}: {failure}", entry.name);
        failures.extend(comparison.failures.into_iter().map(named));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[derive(Default)]
struct Comparison {
    failures: Vec<String>,
}

impl Comparison {
    fn run(&mut self, entry: &EncoderEntry, mode: &str, reference: &Value) {
        let device = Device::default().autodiff();
        let encoder = in_mode(filled((entry.config)().init(&device)), mode == "train");
        let expected = &reference[mode];
        let noise = |of: &str| expected["noise"][of].as_f64().unwrap();

        let logits = encoder.classify(images(reference, &device));
        let first: Vec<f32> = logits.clone().narrow(1, 0, 8).try_to_vec_as().unwrap();
        let limit = (10.0 * noise("logits")).max(1e-4);
        for (idx, (found, expected)) in first.iter().zip(list(&expected["logits"])).enumerate() {
            let what = format!("logit {idx}");
            self.close(
                &what,
                f64::from(*found),
                expected,
                limit * (1.0 + expected.abs()),
            );
        }
        let loss = CrossEntropyConfig::new().init();
        let loss = loss.forward(logits, labels(reference, &device));
        let found: f32 = loss.clone().into_scalar();
        let value = expected["loss"].as_f64().unwrap();
        self.close("loss", f64::from(found), value, limit * value);

        let norms = gradient_norms(&encoder, &loss.backward());
        let n_parameters = state_dict(&encoder)
            .iter()
            .filter(|entry| !entry.buffer)
            .count();
        self.equal("parameters with a gradient", norms.len(), n_parameters);
        let relative = (10.0 * noise("grad_norms")).max(1e-3);
        let mut expected_norms = map(&expected["grad_norms"]);
        let largest = expected_norms.remove("largest").unwrap();
        for (name, expected) in expected_norms {
            let limit = relative * (expected + 1e-3 * largest);
            self.close(
                &format!("gradient of {name}"),
                norms[&name],
                expected,
                limit,
            );
        }
        if mode == "train" {
            let sums = buffer_sums(&encoder);
            for (name, expected) in map(&expected["running_abs_sums"]) {
                self.close(
                    &name,
                    sums[&name],
                    expected,
                    limit.max(1e-3) * (1.0 + expected),
                );
            }
        }
    }

    fn close(&mut self, what: &str, found: f64, expected: f64, limit: f64) {
        if found.is_nan() || (found - expected).abs() > limit {
            self.failures
                .push(format!("{what}: {found}, expected {expected}"));
        }
    }

    fn equal(&mut self, what: &str, found: usize, expected: usize) {
        if found != expected {
            self.failures
                .push(format!("{what}: {found}, expected {expected}"));
        }
    }
}

fn list(numbers: &Value) -> Vec<f64> {
    numbers
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

fn map(numbers: &Value) -> BTreeMap<String, f64> {
    let numbers = numbers.as_object().unwrap().iter();
    numbers
        .map(|(name, number)| (name.clone(), number.as_f64().unwrap()))
        .collect()
}

fn images(reference: &Value, device: &Device) -> Tensor<4> {
    let shape = reference["input"].as_array().unwrap().iter();
    let shape: Vec<usize> = shape
        .map(|side| usize::try_from(side.as_u64().unwrap()).unwrap())
        .collect();
    Tensor::from_data(fill("images", &shape, 1.0), device)
}

fn labels(reference: &Value, device: &Device) -> Tensor<1, Int> {
    let labels = reference["labels"].as_array().unwrap().iter();
    let labels: Vec<i64> = labels.map(|label| label.as_i64().unwrap()).collect();
    let n_labels = labels.len();
    Tensor::from_data(TensorData::new(labels, [n_labels]), device)
}

/// Sums of absolute values.
fn buffer_sums(encoder: &AnyEncoder) -> BTreeMap<String, f64> {
    let mut sums = Buffers::default();
    encoder.visit(&mut sums);
    sums.found
}

#[derive(Default)]
struct Buffers {
    path: StatePath,
    found: BTreeMap<String, f64>,
}

impl ModuleVisitor for Buffers {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.path.is_buffer() {
            let sum: f32 = param.val().abs().sum().into_scalar();
            self.found.insert(self.path.name(), f64::from(sum));
        }
    }
}
