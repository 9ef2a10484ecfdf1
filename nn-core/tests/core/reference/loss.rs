//! Cross entropy from its formula.

use burn::tensor::{Device, Int, Tensor, TensorData};
use nn_core::CrossEntropyConfig;
use proptest::prelude::*;

use super::row;
use crate::wave::{assert_values, values, wave};

/// The mean over rows whose target is not 0, by PyTorch's formula.
fn cross_entropy(logits: &[f32], targets: &[i64], weight: &[f32], smoothing: f64) -> f64 {
    let n_classes = weight.len();
    let (mut total, mut counts) = (0.0, 0.0);
    for (at, target) in targets
        .iter()
        .enumerate()
        .filter(|(_, target)| **target != 0)
    {
        let partition: f64 = row(logits, at, n_classes).map(f64::exp).sum();
        for ((class, logit), weight) in (0..).zip(row(logits, at, n_classes)).zip(weight) {
            let hit = if class == *target { 1.0 } else { 0.0 };
            let expected = (1.0 - smoothing) * hit + smoothing / n_classes as f64;
            total -= f64::from(*weight) * expected * (logit - partition.ln());
            counts += f64::from(*weight) * hit;
        }
    }
    total / counts
}

proptest! {
    #[test]
    fn cross_entropy_follows_its_formula(
        targets in prop::collection::vec(0..5_i64, 1..6),
        smoothing in prop::sample::select(vec![0.0, 0.1, 1.0]),
        weight in prop::option::of(prop::collection::vec(0.1..2.0_f32, 5)),
    ) {
        prop_assume!(targets.iter().any(|target| *target != 0));
        let device = Device::default();
        let logits = wave::<2>([targets.len(), 5], 0.5, &device) * 3.0;
        let weights = weight.clone().unwrap_or(vec![1.0; 5]);
        let expected = cross_entropy(&values(&logits), &targets, &weights, smoothing);
        let loss = CrossEntropyConfig::new()
            .with_ignore_index(Some(0))
            .with_label_smoothing(smoothing)
            .with_weight(weight)
            .init();
        let n_targets = targets.len();
        let targets: Tensor<1, Int> =
            Tensor::from_data(TensorData::new(targets, [n_targets]), &device);
        assert_values(&loss.forward(logits, targets), &[expected]);
    }
}
