//! No layer is left out: every configuration that the crate exports is named where each law of all
//! layers is tested.

use std::collections::BTreeSet;

/// Configurations that the crate's root exports: those of layers.
fn layers() -> BTreeSet<&'static str> {
    configs(include_str!("../../../src/lib.rs"))
}

/// Words that end in `Config` and do not stand in a module's path.
fn configs(source: &'static str) -> BTreeSet<&'static str> {
    source
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.ends_with("Config") && word.len() > "Config".len())
        .collect()
}

#[track_caller]
fn names_all_but(sources: &[&'static str], left_out: &[&str]) {
    let named: BTreeSet<_> = sources.iter().copied().flat_map(configs).collect();
    let left_out: BTreeSet<_> = left_out.iter().copied().collect();
    let missing: BTreeSet<_> = layers().difference(&named).copied().collect();
    assert_eq!(missing, left_out);
}

/// Layers that have no parameters.
const WITHOUT_PARAMETERS: &[&str] = &[
    "AdaptiveMaxPool1dConfig",
    "AdaptiveMaxPool2dConfig",
    "AdaptiveMaxPool3dConfig",
    "CrossEntropyConfig",
    "DropPathConfig",
    "SinusoidalPosition2dConfig",
    "SinusoidalPositionConfig",
];

#[test]
fn wrong_configurations_are_tried_of_every_layer() {
    names_all_but(
        &[
            include_str!("configs.rs"),
            include_str!("decoder_configs.rs"),
        ],
        &[],
    );
}

#[test]
fn initial_values_are_checked_of_every_layer() {
    names_all_but(
        &[include_str!("../reference/init_layers.rs")],
        WITHOUT_PARAMETERS,
    );
}

#[test]
fn gradients_are_checked_of_every_layer() {
    names_all_but(&[include_str!("gradients.rs")], WITHOUT_PARAMETERS);
}

/// Positions are added to all sequences alike; cross entropy is a mean over the batch; a dropped
/// path is drawn anew for each image.
#[test]
fn batches_are_taken_apart_for_every_layer() {
    names_all_but(
        &[include_str!("batches.rs")],
        &[
            "CrossEntropyConfig",
            "DropPathConfig",
            "LearnedPositionConfig",
            "SinusoidalPosition2dConfig",
            "SinusoidalPositionConfig",
        ],
    );
}
