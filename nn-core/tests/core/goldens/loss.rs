//! Cross entropy.

use nn_core::{CrossEntropyConfig, Reduction};

use super::Case;
use super::golden::Golden;

pub(crate) const CASES: &[Case] = &[
    ("ce_ignore0", without_padding),
    ("ce_plain", plain),
    ("ce_smooth_ignore0", smoothed_without_padding),
    ("ce_sum", summed),
    ("ce_weighted", weighted),
];

/// The targets the goldens were made with.
const TARGETS: [i64; 14] = [1, 5, 0, 7, 0, 0, 3, 3, 0, 9, 2, 2, 0, 0];

fn plain(golden: &Golden) {
    repeat(golden, &CrossEntropyConfig::new());
}

fn without_padding(golden: &Golden) {
    repeat(
        golden,
        &CrossEntropyConfig::new().with_ignore_index(Some(0)),
    );
}

fn smoothed_without_padding(golden: &Golden) {
    let config = CrossEntropyConfig::new().with_ignore_index(Some(0));
    repeat(golden, &config.with_label_smoothing(0.1));
}

fn summed(golden: &Golden) {
    repeat(
        golden,
        &CrossEntropyConfig::new().with_reduction(Reduction::Sum),
    );
}

fn weighted(golden: &Golden) {
    let weight = (0..10_u8).map(|class| 0.5 + f32::from(class) / 9.0);
    let config = CrossEntropyConfig::new();
    repeat(
        golden,
        &config
            .with_label_smoothing(0.05)
            .with_weight(Some(weight.collect())),
    );
}

fn repeat(golden: &Golden, config: &CrossEntropyConfig) {
    golden.compare(config.init(), |loss| {
        let logits = golden.input::<3>("logits").flatten(0, 1); // [14, 10]
        vec![loss.forward(logits, golden.ids(&TARGETS)).into()]
    });
}
