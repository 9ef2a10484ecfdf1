//! Google's `rouge-score`, with and without stemming.

use bleu::{Error, RougeScore, RougeScorer, RougeScores};
use serde_json::{Value, json};

use super::{Case, or_error};

pub(super) fn expected(case: &Case) -> Value {
    json!({
        "nostem": or_error(segments(case, RougeScorer { stemming: false })),
        "stem": or_error(segments(case, RougeScorer { stemming: true })),
    })
}

/// The words that are compared.
pub(super) fn words(text: &str) -> Value {
    let words = |stemming| -> Vec<String> {
        let words = RougeScorer { stemming }.words(text);
        words.split_whitespace().map(str::to_owned).collect()
    };
    json!({ "nostem": words(false), "stem": words(true) })
}

fn segments(case: &Case, scorer: RougeScorer) -> Result<Value, Error> {
    let segments = scorer.segments(&case.hyps, &case.refs)?;
    Ok(segments.iter().map(shown).collect())
}

fn shown(scores: &RougeScores) -> Value {
    let numbers = |score: RougeScore| [score.precision, score.recall, score.f1];
    let [rouge1, rouge2, rouge3] = scores.rouge_n;
    json!({
        "rouge1": numbers(rouge1),
        "rouge2": numbers(rouge2),
        "rouge3": numbers(rouge3),
        "rougeL": numbers(scores.rouge_l),
        "rougeLsum": numbers(scores.rouge_lsum),
    })
}
