//! Programs built by hand and the source they print as, in `golden/`.
mod build;
mod nets;
mod operations;

use expect_test::{ExpectFile, expect_file};

use super::{Header, run};
use crate::ir::Program;

#[track_caller]
fn check(program: &Program, expected: &ExpectFile) {
    let header = Header {
        version: "0.0.0".into(),
        reply_sha256: "0".repeat(64),
    };
    let source = run(program, &header);
    assert_eq!(source, run(program, &header), "not deterministic");
    syn::parse_file(&source).unwrap();
    expected.assert_eq(&source);
}

#[test]
fn a_recurrent_net_with_a_tied_layer() {
    check(&nets::recurrent(), &expect_file!["golden/recurrent.rs"]);
}

#[test]
fn a_convolutional_net_with_shared_classes() {
    check(
        &nets::convolutional(),
        &expect_file!["golden/convolutional.rs"],
    );
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
    expect_file!["golden/recurrent.txt"].assert_eq(&nets::recurrent().to_string());
}
