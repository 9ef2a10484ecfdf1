//! `pycocoevalcap`: BLEU, CIDEr-D and ROUGE-L.

use bleu::{Cider, Error, RefLength, SegmentScores, coco_bleu, ptb_words, rouge_l};
use serde_json::{Value, json};

use super::{Case, by_order, number, or_error};

pub(super) fn expected(case: &Case) -> Value {
    json!({
        "bleu": or_error(bleu(case)),
        "bleu_stats": or_error(stats(case)),
        "bleu_shortest": or_error(held_to(case, RefLength::Shortest)),
        "bleu_average": or_error(held_to(case, RefLength::Average)),
        "cider_d": or_error(cider(case, Cider::d())),
        "cider_d_sigma3": or_error(Cider::d_with_sigma(3.0).and_then(|metric| cider(case, metric))),
        "cider_plain_vrama91": or_error(cider(case, Cider::plain())),
        "rouge_l": or_error(rouge(case)),
    })
}

/// The same metrics of the words that the Java tokenizer finds.
pub(super) fn pipeline(case: &Case) -> Value {
    let words =
        |texts: &[String]| -> Vec<String> { texts.iter().map(|text| ptb_words(text)).collect() };
    let tokenised = Case {
        category: case.category.clone(),
        hyps: words(&case.hyps),
        refs: case.refs.iter().map(|refs| words(refs)).collect(),
    };
    json!({
        "ptb_hyps": tokenised.hyps,
        "ptb_refs": tokenised.refs,
        "bleu": or_error(bleu(&tokenised)),
        "cider_d": or_error(cider(&tokenised, Cider::d())),
        "rouge_l": or_error(rouge(&tokenised)),
    })
}

fn bleu(case: &Case) -> Result<Value, Error> {
    let score = coco_bleu(&case.hyps, &case.refs, RefLength::Closest)?;
    Ok(json!({ "corpus": score.bleu, "per_segment": by_order(&score.segments) }))
}

fn stats(case: &Case) -> Result<Value, Error> {
    let stats = coco_bleu(&case.hyps, &case.refs, RefLength::Closest)?.stats;
    Ok(json!({
        "testlen": stats.hyp_len,
        "reflen": stats.ref_len,
        "guess": stats.totals,
        "correct": stats.matches,
    }))
}

fn held_to(case: &Case, length: RefLength) -> Result<Value, Error> {
    let score = coco_bleu(&case.hyps, &case.refs, length)?;
    let bleu4: Vec<f64> = score.segments.iter().map(|bleu| bleu[3]).collect();
    Ok(json!({
        "corpus": score.bleu,
        "per_segment_bleu4": bleu4,
        "reflen": number(score.ref_len),
        "testlen": score.stats.hyp_len,
    }))
}

fn rouge(case: &Case) -> Result<Value, Error> {
    rouge_l(&case.hyps, &case.refs).map(|scores| segments(&scores))
}

fn cider(case: &Case, metric: Cider) -> Result<Value, Error> {
    match metric.words(&case.hyps, &case.refs) {
        Err(Error::NoFrequencies { .. }) if has_words(case) => Ok(zeros(case.hyps.len())),
        scores => scores.map(|scores| segments(&scores)),
    }
}

/// With one image every n-gram is in every image: the reference weighs all of them with 0.
fn zeros(n_segments: usize) -> Value {
    json!({ "corpus": 0.0, "per_segment": vec![0.0; n_segments] })
}

fn has_words(case: &Case) -> bool {
    let mut texts = case.refs.iter().flatten();
    texts.any(|text| bleu::python_words(text).next().is_some())
}

fn segments(scores: &SegmentScores) -> Value {
    json!({ "corpus": scores.mean(), "per_segment": scores.as_slice() })
}
