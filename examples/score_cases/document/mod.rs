//! A golden file with our numbers. Nothing that a reference implementation computed is read.

mod chrf;
mod coco;
mod lemur;
mod nltk;
mod rouge_score;
mod sacrebleu;
mod significance;
mod ter;
mod tokens;

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a case gives to be scored.
#[derive(Deserialize)]
pub(crate) struct Case {
    category: String,
    hyps: Vec<String>,
    refs: Vec<Vec<String>>,
}

/// The parts of a document that are not the reference's.
const PARTS: [&str; 5] = [
    "meta",
    "cases",
    "tokenizer_cases",
    "lemur_cases",
    "significance",
];
const INPUTS_OF_A_CASE: [&str; 5] = ["id", "category", "note", "hyps", "refs"];
const INPUTS_OF_TOKENS: [&str; 1] = ["text"];
const INPUTS_OF_LEMUR: [&str; 4] = ["id", "preds", "logits", "labels"];
const INPUTS_OF_SIGNIFICANCE: [&str; 3] = ["sys_a", "sys_b", "ref_streams"];

/// The document with our numbers instead of those it came with, which are gone before any is computed.
pub(crate) fn scored(mut document: Value) -> serde_json::Result<Value> {
    keep(&mut document, &PARTS);
    for case in list(&mut document, "cases") {
        keep(case, &INPUTS_OF_A_CASE);
        let expected = expected(&Case::deserialize(&*case)?);
        case["expected"] = expected;
    }
    for case in list(&mut document, "tokenizer_cases") {
        keep(case, &INPUTS_OF_TOKENS);
        let text = case["text"].as_str().unwrap_or_default().to_owned();
        extend(case, tokens::expected(&text));
    }
    for case in list(&mut document, "lemur_cases") {
        keep(case, &INPUTS_OF_LEMUR);
        let expected = lemur::Case::deserialize(&*case)?.expected();
        case["expected"] = expected;
    }
    if let Some(significance) = document.get_mut("significance") {
        keep(significance, &INPUTS_OF_SIGNIFICANCE);
        let systems = significance::Systems::deserialize(&*significance)?;
        let expected = or_error(systems.expected());
        extend(
            significance,
            expected.as_object().cloned().unwrap_or_default(),
        );
    }
    Ok(document)
}

fn list<'a>(document: &'a mut Value, name: &str) -> impl Iterator<Item = &'a mut Value> {
    let list = document.get_mut(name).and_then(Value::as_array_mut);
    list.into_iter().flatten()
}

fn keep(case: &mut Value, names: &[&str]) {
    if let Some(case) = case.as_object_mut() {
        case.retain(|name, _| names.contains(&name.as_str()));
    }
}

fn extend(case: &mut Value, fields: Map<String, Value>) {
    if let Some(case) = case.as_object_mut() {
        case.extend(fields);
    }
}

fn expected(case: &Case) -> Value {
    let mut expected = json!({
        "coco": coco::expected(case),
        "nltk": nltk::expected(case),
        "sacrebleu": sacrebleu::expected(case),
        "rouge_score": rouge_score::expected(case),
        "lemur_bleu": lemur::of_words(case),
    });
    // The reference ran the Java tokenizer on these categories only.
    if ["caption", "raw", "corpus5", "corpus_raw"].contains(&case.category.as_str()) {
        expected["coco_pipeline"] = coco::pipeline(case);
    }
    expected
}

/// The value, or why there is none.
fn or_error(result: Result<Value, bleu::Error>) -> Value {
    result.unwrap_or_else(|error| json!({ "error": raised(&error) }))
}

/// What the reference implementations say, where they raise on the same input.
fn raised(error: &bleu::Error) -> String {
    const TRIGRAMS: &str =
        "AssertionError: This smoothing method requires non-zero precision for bigrams.";
    match error {
        bleu::Error::NoTrigrams => TRIGRAMS.to_owned(),
        bleu::Error::NoFrequencies { .. } => {
            "ValueError: max() arg is an empty sequence".to_owned()
        }
        other => other.to_string(),
    }
}

/// A whole number without a fraction, as Python writes an `int`.
#[expect(clippy::cast_possible_truncation, reason = "a small whole number")]
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        json!(value as i64)
    } else {
        json!(value)
    }
}

/// One row for each order of n-grams, one column for each segment.
fn by_order(segments: &[[f64; 4]]) -> Value {
    let row = |order: usize| -> Vec<f64> { segments.iter().map(|bleu| bleu[order]).collect() };
    json!([row(0), row(1), row(2), row(3)])
}
