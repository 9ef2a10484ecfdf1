//! Cross entropy from its formula.

use burn::tensor::{Device, Int, Tensor, TensorData};
use nn_core::CrossEntropyConfig;
use proptest::prelude::*;

use super::row;
use crate::wave::{assert_values, values, wave};

/// The mean over rows whose target is not 0.
fn cross_entropy(logits: &[f32], targets: &[i64], smoothing: f64) -> f64 {
    let n_classes = logits.len() / targets.len();
    let (mut total, mut n_rows) = (0.0, 0.0);
    for (at, target) in targets
        .iter()
        .enumerate()
        .filter(|(_, target)| **target != 0)
    {
        let partition: f64 = row(logits, at, n_classes).map(f64::exp).sum();
        for (class, logit) in (0..).zip(row(logits, at, n_classes)) {
            let hit = if class == *target { 1.0 } else { 0.0 };
            let expected = (1.0 - smoothing) * hit + smoothing / n_classes as f64;
            total -= expected * (logit - partition.ln());
        }
        n_rows += 1.0;
    }
    total / n_rows
}

proptest! {
    #[test]
    fn cross_entropy_follows_its_formula(
        targets in prop::collection::vec(0..5_i64, 1..6),
        smoothing in prop::sample::select(vec![0.0, 0.1, 1.0]),
    ) {
        prop_assume!(targets.iter().any(|target| *target != 0));
        let device = Device::default();
        let logits = wave::<2>([targets.len(), 5], 0.5, &device) * 3.0;
        let expected = cross_entropy(&values(&logits), &targets, smoothing);
        let loss = CrossEntropyConfig::new()
            .with_ignore_index(Some(0))
            .with_label_smoothing(smoothing)
            .init();
        let n_targets = targets.len();
        let targets: Tensor<1, Int> =
            Tensor::from_data(TensorData::new(targets, [n_targets]), &device);
        assert_values(&loss.forward(logits, targets), &[expected]);
    }
}
