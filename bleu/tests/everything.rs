//! Everything in `../shared/golden/bleu/golden.json` against `examples/score_cases` of the workspace, which never
//! reads what is expected: whole numbers and texts are equal, other numbers to 12 digits.

#[path = "../../examples/score_cases/document/mod.rs"]
mod document;
mod shared;

use serde_json::{Value, json};

/// What no metric of this crate computes: METEOR, and output of Java programs before coco-caption cleans it.
const LEFT_OUT: [&str; 3] = ["meteor_1_5_jar", "ptb_raw", "ptb_raw_lowercase"];

/// The cases are compared by as many tests, side by side.
const N_SHARES: usize = 4;

#[test]
fn scores_of_the_first_share_of_cases_are_equal() {
    check("cases", 0);
}

#[test]
fn scores_of_the_second_share_of_cases_are_equal() {
    check("cases", 1);
}

#[test]
fn scores_of_the_third_share_of_cases_are_equal() {
    check("cases", 2);
}

#[test]
fn scores_of_the_last_share_of_cases_are_equal() {
    check("cases", 3);
}

#[test]
fn tokens_are_equal() {
    (0..N_SHARES).for_each(|share| check("tokenizer_cases", share));
}

#[test]
fn lemur_scores_of_ids_are_equal() {
    (0..N_SHARES).for_each(|share| check("lemur_cases", share));
}

#[track_caller]
fn check(part: &str, share: usize) {
    let Some(mut golden) = shared::json::<Value>("golden/bleu/golden.json") else {
        return;
    };
    let cases = golden[part].as_array_mut().expect("a list of cases");
    let cases: Vec<Value> = cases.drain(..).skip(share).step_by(N_SHARES).collect();
    let golden = json!({ part: cases });
    let found = document::scored(golden.clone()).expect("cases are as documented");
    let mut compared = Comparison::default();
    compared.values(part, &golden[part], Some(&found[part]));
    let differences = &compared.differences;
    assert!(
        differences.is_empty(),
        "{} differences from {} values:\n{}",
        differences.len(),
        compared.n_values,
        differences[..differences.len().min(40)].join("\n")
    );
    assert!(compared.n_values > 0);
}

#[derive(Default)]
struct Comparison {
    n_values: usize,
    differences: Vec<String>,
}

impl Comparison {
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
                is_close(expected.as_f64(), found.as_f64())
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

fn is_close(expected: Option<f64>, found: Option<f64>) -> bool {
    let (Some(expected), Some(found)) = (expected, found) else {
        return false;
    };
    (found - expected).abs() <= 1e-12 * expected.abs().max(found.abs())
}
