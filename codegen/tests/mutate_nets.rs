//! Mutated nets: whatever is done to the lines and words of a net, nothing panics, every finding has its place inside the
//! reply, and what is accepted is Rust.
mod support;

use codegen::{Style, generate, render};
use proptest::prelude::*;

const CASES: [&str; 5] = [
    "gru_decoder",
    "tied_embedding",
    "inplace_residual",
    "sequential_blocks",
    "growing_prefix",
];

/// One change to the lines or words of a reply; places count modulo what is there.
#[derive(Debug, Clone)]
enum Change {
    DropLine(usize),
    RepeatLine(usize),
    SwapLines(usize, usize),
    ReplaceNumber(usize, i64),
    ReplaceWord(usize, &'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let words = [
        "self",
        "None",
        "True",
        "x",
        "torch",
        "nn",
        "0",
        "-1",
        "range",
        "len",
        "forward",
        "captions",
        "images",
        "view",
        "size",
        "cat",
        "unsqueeze",
        "squeeze",
        "expand",
        "Linear",
        "LSTM",
        "GRU",
        "Conv2d",
        "print",
        "not",
        "in",
        "[]",
        "()",
        "{}",
        "''",
    ];
    prop_oneof![
        any::<usize>().prop_map(Change::DropLine),
        any::<usize>().prop_map(Change::RepeatLine),
        (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Change::SwapLines(a, b)),
        (any::<usize>(), prop_oneof![-3_i64..20, any::<i64>()])
            .prop_map(|(at, value)| Change::ReplaceNumber(at, value)),
        (any::<usize>(), prop::sample::select(words.to_vec()))
            .prop_map(|(at, word)| Change::ReplaceWord(at, word)),
    ]
}

fn apply(reply: &str, change: &Change) -> String {
    let mut lines: Vec<&str> = reply.split_inclusive('\n').collect();
    let at = |place: usize, length: usize| place % length.max(1);
    match change {
        Change::DropLine(place) => {
            lines.remove(at(*place, lines.len()));
        }
        Change::RepeatLine(place) => {
            let place = at(*place, lines.len());
            lines.insert(place, lines[place]);
        }
        Change::SwapLines(a, b) => {
            let (a, b) = (at(*a, lines.len()), at(*b, lines.len()));
            lines.swap(a, b);
        }
        Change::ReplaceNumber(place, value) => {
            return replace(reply, *place, &value.to_string(), |c| c.is_ascii_digit());
        }
        Change::ReplaceWord(place, word) => {
            return replace(reply, *place, word, |c| c.is_alphanumeric() || c == '_');
        }
    }
    lines.concat()
}

/// Replaces one run of characters that belong together.
fn replace(reply: &str, place: usize, with: &str, belongs: impl Fn(char) -> bool) -> String {
    let mut runs = Vec::new();
    let mut start = None;
    for (index, c) in reply.char_indices() {
        match (start, belongs(c)) {
            (None, true) => start = Some(index),
            (Some(from), false) => {
                runs.push(from..index);
                start = None;
            }
            _ => {}
        }
    }
    let mut out = reply.to_owned();
    if !runs.is_empty() {
        out.replace_range(runs[place % runs.len()].clone(), with);
    }
    out
}

fn check(reply: &str) {
    let findings = match generate(reply, &support::options()) {
        Ok(generated) => {
            syn::parse_file(&generated.source).expect("accepted, so it is Rust");
            generated.diagnostics
        }
        Err(rejected) => {
            assert!(!rejected.is_bug(), "{rejected}");
            assert!(
                rejected
                    .diagnostics
                    .iter()
                    .any(|finding| finding.severity == codegen::Severity::Error)
            );
            rejected.diagnostics
        }
    };
    for finding in &findings {
        assert!(reply.get(finding.primary.range()).is_some(), "{finding:?}");
    }
    assert!(!render(&findings, reply, Style::Plain).contains('\u{1b}'));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_nets_are_rejected_or_become_rust(
        case in prop::sample::select(CASES.to_vec()),
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let reply = changes.iter().fold(support::reply(case), |reply, change| apply(&reply, change));
        check(&reply);
    }
}
