//! Acceptance: every layer has PyTorch's outputs and gradients.
//!
//! The goldens lie outside the repository; where they are missing, the test says so and passes.

mod activation;
mod attention;
mod convolution;
mod encoders;
pub(crate) mod fill;
mod golden;
mod loss;
pub(crate) mod mode;
mod norm;
pub(crate) mod parameters;
mod pool;
mod recurrent;
mod table;

use std::collections::BTreeSet;

use golden::Golden;

/// A golden and the code that repeats it.
type Case = (&'static str, fn(&Golden));

/// Goldens of optimizers, which are not layers: `caption-models/tests/goldens.rs` repeats them.
const NOT_COVERED: &[&str] = &[
    "optim_adagrad",
    "optim_adam",
    "optim_adam_wd_amsgrad",
    "optim_adamw",
    "optim_rmsprop",
    "optim_sgd",
    "optim_sgd_momentum_dampening",
    "optim_sgd_nesterov_wd",
];

fn cases() -> impl Iterator<Item = &'static Case> {
    [
        activation::CASES,
        attention::CASES,
        convolution::CASES,
        loss::CASES,
        norm::CASES,
        pool::CASES,
        recurrent::CASES,
        table::CASES,
    ]
    .into_iter()
    .flatten()
}

#[test]
fn layers_repeat_pytorch() {
    let Some(folder) = golden::folder("layers") else {
        return;
    };
    let mut failures = Vec::new();
    for (case, repeat) in cases() {
        let golden = Golden::open(&folder, case);
        repeat(&golden);
        failures.extend(
            golden
                .into_failures()
                .into_iter()
                .map(|failure| format!("{case}: {failure}")),
        );
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_golden_is_repeated_or_named() {
    let Some(folder) = golden::folder("layers") else {
        return;
    };
    let stored: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".json").map(str::to_owned)
        })
        .collect();
    let known = cases().map(|(case, _)| *case);
    let known: BTreeSet<String> = known
        .chain(NOT_COVERED.iter().copied())
        .map(str::to_owned)
        .collect();
    assert_eq!(stored, known);
}
