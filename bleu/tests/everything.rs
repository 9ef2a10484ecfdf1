//! Everything in `../shared/golden/bleu/golden.json` against `examples/score_cases` of the workspace, which is
//! given wrong results instead of what is expected: whole numbers and texts are equal, other numbers to 12 digits.

#[path = "../../examples/score_cases/document/mod.rs"]
mod document;
mod shared;

use std::sync::LazyLock;

use serde_json::{Value, json};

/// What no metric of this crate computes: METEOR, output of Java programs before coco-caption cleans it, and numpy's
/// random numbers by themselves, which the tests of two systems are made of.
const LEFT_OUT: [&str; 4] = [
    "meteor_1_5_jar",
    "ptb_raw",
    "ptb_raw_lowercase",
    "numpy_pcg64_seed12345",
];

/// The golden set, read once for all tests.
static GOLDEN: LazyLock<Option<Value>> = LazyLock::new(|| shared::json("golden/bleu/golden.json"));

/// The cases are compared by as many tests, side by side.
const N_SHARES: usize = 4;

#[test]
fn scores_of_the_first_share_of_cases_are_equal() {
    check_list("cases", 0, N_SHARES);
}

#[test]
fn scores_of_the_second_share_of_cases_are_equal() {
    check_list("cases", 1, N_SHARES);
}

#[test]
fn scores_of_the_third_share_of_cases_are_equal() {
    check_list("cases", 2, N_SHARES);
}

#[test]
fn scores_of_the_last_share_of_cases_are_equal() {
    check_list("cases", 3, N_SHARES);
}

#[test]
fn tokens_are_equal() {
    check_list("tokenizer_cases", 0, 1);
}

#[test]
fn lemur_scores_of_ids_are_equal() {
    check_list("lemur_cases", 0, 1);
}

/// sacrebleu adds resamples up in single precision, so means and widths are equal to a thousandth; and two trials may
/// fall on the other side of what was observed.
#[test]
fn significance_is_equal() {
    check("significance", Value::clone);
}

/// Checks every `step`th case, from the `first` one on.
#[track_caller]
fn check_list(part: &str, first: usize, step: usize) {
    check(part, |cases| {
        let cases = cases.as_array().expect("a list of cases").iter();
        cases.skip(first).step_by(step).cloned().collect()
    });
}

#[track_caller]
fn check(part: &str, chosen: impl FnOnce(&Value) -> Value) {
    let Some(golden) = &*GOLDEN else {
        return;
    };
    let golden = chosen(&golden[part]);
    let mut falsified = json!({ part: golden, "scores": "wrong" });
    falsify(&mut falsified[part]);
    let found = document::scored(falsified).expect("cases are as documented");
    assert_eq!(found.get("scores"), None);
    let mut compared = Comparison::default();
    compared.values(part, &golden, Some(&found[part]));
    compared.conclude();
}

/// Replaces what a reference implementation computed: who reads it gets wrong numbers.
fn falsify(part: &mut Value) {
    const RESULTS: [&str; 12] = [
        "expected",
        "ptb_coco",
        "sacrebleu",
        "tercom",
        "rouge_score",
        "nltk_treebank",
        "nltk_word_single_sentence",
        "python_split",
        "bleu_a_bootstrap",
        "chrf_a_bootstrap",
        "paired_bs",
        "paired_ar",
    ];
    match part {
        Value::Array(cases) => {
            for case in cases {
                falsify(case);
            }
        }
        Value::Object(fields) => {
            let results = fields.iter_mut();
            for (_, result) in results.filter(|(name, _)| RESULTS.contains(&name.as_str())) {
                *result = json!("wrong");
            }
        }
        _ => {}
    }
}

#[derive(Default)]
struct Comparison {
    n_values: usize,
    differences: Vec<String>,
}

impl Comparison {
    #[track_caller]
    fn conclude(&self) {
        let differences = &self.differences;
        assert!(
            differences.is_empty(),
            "{} differences from {} values:\n{}",
            differences.len(),
            self.n_values,
            differences[..differences.len().min(40)].join("\n")
        );
        assert!(self.n_values > 0);
    }

    fn values(&mut self, path: &str, expected: &Value, found: Option<&Value>) {
        match (expected, found) {
            (Value::Object(expected), Some(found)) => {
                for (name, expected) in expected {
                    if !LEFT_OUT.contains(&name.as_str()) {
                        self.values(&format!("{path}.{name}"), expected, found.get(name));
                    }
                }
            }
            (Value::Array(expected), Some(Value::Array(found)))
                if expected.len() == found.len() =>
            {
                for (idx, (expected, found)) in expected.iter().zip(found).enumerate() {
                    self.values(&format!("{path}.{idx}"), expected, Some(found));
                }
            }
            _ => self.leaf(path, expected, found),
        }
    }

    fn leaf(&mut self, path: &str, expected: &Value, found: Option<&Value>) {
        self.n_values += 1;
        let equal = match (expected, found) {
            (Value::Number(expected), Some(Value::Number(found))) => {
                is_close(path, expected.as_f64(), found.as_f64())
            }
            (expected, Some(found)) => expected == found,
            (_, None) => false,
        };
        if !equal {
            let found = found.map_or("nothing".to_owned(), Value::to_string);
            self.differences
                .push(format!("{path}: {found} is not {expected}"));
        }
    }
}

fn is_close(path: &str, expected: Option<f64>, found: Option<f64>) -> bool {
    let (Some(expected), Some(found)) = (expected, found) else {
        return false;
    };
    let apart = (found - expected).abs();
    if path.starts_with("significance.") {
        let name = path.rsplit('.').next().unwrap_or_default();
        match name {
            "p_value" if path.contains("paired_bs") => return apart <= 2.0 / 1001.0,
            "p_value" => return apart <= 2.0 / 10_001.0,
            "mean" | "ci" => return apart <= 1e-3,
            _ => {}
        }
    }
    apart <= 1e-12 * expected.abs().max(found.abs())
}
