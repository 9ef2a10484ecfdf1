//! The COCO tokenizer against the Java program that it stands for, and against the scores that depend on it.

mod shared;

use bleu::{Bleu, cider_d, ptb_words, rouge_l};
use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    text: String,
    coco: String,
}

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
    tokenizer_cases: Vec<TokenizerCase>,
}

#[derive(Deserialize)]
struct TokenizerCase {
    text: String,
    ptb_coco: String,
    /// The Java program saw more than one line, and what it returned is the first.
    java_line_break_inside: bool,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    hyps: Vec<String>,
    refs: Vec<Vec<String>>,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    /// Of captions as people write them.
    coco_pipeline: Option<Pipeline>,
}

#[derive(Deserialize)]
struct Pipeline {
    ptb_hyps: Vec<String>,
    ptb_refs: Vec<Vec<String>>,
}

/// An image of coco-caption's own example.
#[derive(Deserialize)]
struct Image {
    candidates: Vec<String>,
    references: Vec<String>,
}

#[track_caller]
fn check_words<'a>(lines: impl Iterator<Item = (&'a String, &'a String)>) {
    let mut n_lines = 0;
    for (text, expected) in lines {
        n_lines += 1;
        assert_eq!(ptb_words(text), *expected, "{text:?}");
    }
    assert!(n_lines > 0);
}

#[test]
fn golden_lines_have_the_same_words() {
    let Some(lines) = shared::json::<Vec<Line>>("golden/bleu/ptb_golden.json") else {
        return;
    };
    check_words(lines.iter().map(|line| (&line.text, &line.coco)));
}

#[test]
fn tokenizer_cases_have_the_same_words() {
    let Some(golden) = shared::json::<Golden>("golden/bleu/golden.json") else {
        return;
    };
    let cases = golden
        .tokenizer_cases
        .iter()
        .filter(|case| !case.java_line_break_inside);
    check_words(cases.map(|case| (&case.text, &case.ptb_coco)));
}

#[test]
fn captions_of_scored_cases_have_the_same_words() {
    let Some(golden) = shared::json::<Golden>("golden/bleu/golden.json") else {
        return;
    };
    let pipelines = golden
        .cases
        .iter()
        .filter_map(|case| Some((case, case.expected.coco_pipeline.as_ref()?)));
    check_words(pipelines.flat_map(|(case, pipeline)| {
        assert_eq!(case.refs.len(), pipeline.ptb_refs.len(), "{}", case.id);
        let refs = case
            .refs
            .iter()
            .flatten()
            .zip(pipeline.ptb_refs.iter().flatten());
        case.hyps.iter().zip(&pipeline.ptb_hyps).chain(refs)
    }));
}

#[test]
fn published_scores_of_the_coco_example_are_reproduced() {
    let Some(images) = shared::json::<Vec<Image>>("data/coco-caption-example/dataset.json") else {
        return;
    };
    let words = |captions: &Vec<String>| {
        captions
            .iter()
            .map(|text| ptb_words(text))
            .collect::<Vec<_>>()
    };
    let hyps: Vec<String> = images
        .iter()
        .map(|image| ptb_words(&image.candidates[0]))
        .collect();
    let refs: Vec<Vec<String>> = images
        .iter()
        .map(|image| words(&image.references))
        .collect();
    let bleu = Bleu::coco()
        .words(&hyps, &refs)
        .unwrap()
        .bleu
        .map(|bleu| format!("{bleu:.6}"));
    assert_eq!(bleu, ["0.579400", "0.404391", "0.278536", "0.190829"]);
    assert_eq!(
        format!("{:.6}", rouge_l(&hyps, &refs).unwrap().mean()),
        "0.396253"
    );
    assert_eq!(
        format!("{:.6}", cider_d(&hyps, &refs).unwrap().mean()),
        "0.599791"
    );
}
