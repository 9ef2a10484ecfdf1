//! Programs built by hand and the source they print as, in `golden/`.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::similar_names,
    clippy::too_many_lines,
    reason = "the programs are data, written out"
)]
mod build;
mod control;
mod convolutional;
mod modules;
mod operations;
mod pieces;
mod recurrent;
mod split;

use expect_test::{ExpectFile, expect_file};

use super::{Header, run};
use crate::ir::Program;

#[track_caller]
fn check(program: &Program, expected: &ExpectFile) {
    let header = Header {
        version: "0.0.0".into(),
        reply_sha256: "0".repeat(64),
    };
    let source = run(program, &header).unwrap();
    assert_eq!(source, run(program, &header).unwrap(), "not deterministic");
    syn::parse_file(&source).unwrap();
    expected.assert_eq(&source);
}

#[test]
fn a_recurrent_net_with_a_tied_layer() {
    check(
        &recurrent::recurrent(),
        &expect_file!["golden/recurrent.rs"],
    );
}

#[test]
fn a_convolutional_net_with_shared_classes() {
    check(
        &convolutional::convolutional(),
        &expect_file!["golden/convolutional.rs"],
    );
}

#[test]
fn loops_stay_loops() {
    check(&control::control(), &expect_file!["golden/control.rs"]);
}

#[test]
fn modules_become_fields_lists_and_methods() {
    check(&modules::modules(), &expect_file!["golden/modules.rs"]);
}

#[test]
fn every_operation_has_a_call() {
    check(
        &operations::operations(),
        &expect_file!["golden/operations.rs"],
    );
}

#[test]
fn listings_are_readable() {
    expect_file!["golden/recurrent.txt"].assert_eq(&recurrent::recurrent().to_string());
}
