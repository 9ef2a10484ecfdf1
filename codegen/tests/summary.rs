//! The layer table: parameters, operations and activations, against numbers computed by hand.
mod support;

use codegen::cost::{Batch, Cost, Limits, Row, Summary};
use codegen::{Options, Program, Severity, generate};
use expect_test::{expect, expect_file};

fn program(case: &str) -> Program {
    generate(&support::reply(case), &support::options())
        .expect("a golden is accepted")
        .program
}

const BATCH: Batch = Batch {
    images: 2,
    captions: 5,
    length: 22,
};

fn row<'s>(summary: &'s Summary, path: &str) -> &'s Row {
    summary
        .rows
        .iter()
        .find(|row| row.path == path)
        .expect("the net has the module")
}

#[test]
fn the_table_of_a_net_is_readable() {
    let summary = Summary::of(&program("gru_decoder"), BATCH);
    expect_file!["golden/gru_decoder/summary.txt"].assert_eq(&summary.to_string());
}

#[test]
fn a_convolution_is_counted_as_in_the_books() {
    let summary = Summary::of(&program("gru_decoder"), BATCH);
    let conv = row(&summary, "conv");
    assert_eq!(conv.output, [2, 8, 32, 32]);
    assert_eq!(conv.n_params, 8 * 3 * 9 + 8);
    let n_output = 2 * 8 * 32 * 32;
    let cost = Cost {
        flops: n_output * 2 * 3 * 9,
        activation_bytes: 4 * n_output,
    };
    assert_eq!(conv.cost, cost);
}

#[test]
fn a_recurrent_layer_is_counted_by_its_matrices() {
    let summary = Summary::of(&program("gru_decoder"), BATCH);
    let gru = row(&summary, "gru");
    assert_eq!(gru.output, [2, 21, 16]);
    assert_eq!(gru.cost.flops, 2 * 21 * 2 * (3 * 16 * (16 + 16)));
    assert_eq!(gru.n_params, 3 * 16 * (16 + 16) + 2 * 3 * 16);
}

#[test]
fn the_net_holds_all_its_parameters_and_tied_ones_once() {
    for case in ["tied_embedding", "transformer_masks", "sequential_blocks"] {
        let program = program(case);
        let learnt = program.params.iter().filter(|param| param.role.is_learnt());
        let n_params: usize = learnt
            .map(|param| param.shape.iter().product::<usize>())
            .sum();
        let summary = Summary::of(&program, BATCH);
        assert_eq!(summary.n_params, n_params as u64, "{case}");
        assert!(summary.rows[0].cost.flops <= summary.total.flops, "{case}");
    }
}

#[test]
fn costs_grow_with_the_batch() {
    let program = program("growing_prefix");
    let twice = Batch { images: 4, ..BATCH };
    let (one, two) = (Summary::of(&program, BATCH), Summary::of(&program, twice));
    assert_eq!(2 * one.total.flops, two.total.flops);
    assert_eq!(one.flops_per_image(), two.flops_per_image());
}

#[test]
fn a_net_over_a_limit_is_rejected_at_its_largest_layer() {
    let limits = Limits {
        params: 1000,
        activation_bytes: 100,
        flops_per_image: 100,
    };
    let options = Options {
        limits,
        ..support::options()
    };
    let reply = support::reply("gru_decoder");
    let rejected = generate(&reply, &options).unwrap_err();
    let errors = rejected
        .diagnostics
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    let shown: Vec<String> = errors
        .map(|finding| {
            format!(
                "{} at `{}`",
                finding.message,
                &reply[finding.primary.range()]
            )
        })
        .collect();
    expect![[r"
        one image takes 570140 operations, and may take 100 at `nn.Conv2d(in_shape[1], 8, kernel_size=3, stride=2, padding=1)`
        training on 2 images keeps 157604 bytes of activations, and may keep 100 at `nn.Conv2d(in_shape[1], 8, kernel_size=3, stride=2, padding=1)`
        the net has 3980 parameters, and may have 1000 at `nn.GRU(16, 16, batch_first=True)`"]].assert_eq(&shown.join("\n"));
}
