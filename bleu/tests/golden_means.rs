//! ROUGE-L and CIDEr-D of every case of `../shared/golden/bleu/golden.json`.

mod shared;

use bleu::{Cider, Error, SegmentScores, rouge_l};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
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
    coco: Coco,
}

#[derive(Deserialize)]
struct Coco {
    rouge_l: Scores,
    cider_d: Outcome,
    cider_d_sigma3: Outcome,
    cider_plain_vrama91: Outcome,
}

#[derive(Deserialize)]
struct Scores {
    corpus: f64,
    per_segment: Vec<f64>,
}

/// What the reference returned or raised.
#[derive(Deserialize)]
#[serde(untagged)]
enum Outcome {
    Scored(Scores),
    Raised { error: String },
}

/// Equal up to the last digits that a sum in another order may change.
#[track_caller]
fn assert_close(id: &str, found: &SegmentScores, expected: &Scores) {
    assert_eq!(found.as_slice().len(), expected.per_segment.len(), "{id}");
    let pairs = found.as_slice().iter().zip(&expected.per_segment);
    for (found, expected) in pairs.chain([(&found.mean(), &expected.corpus)]) {
        let tolerance = 1e-12 * expected.abs().max(1.0);
        assert!(
            (found - expected).abs() <= tolerance,
            "{id}: {found:e} is not {expected:e}"
        );
    }
}

#[test]
fn rouge_l_is_equal() {
    let Some(golden) = shared::json::<Golden>("golden/bleu/golden.json") else {
        return;
    };
    assert!(!golden.cases.is_empty());
    for case in &golden.cases {
        let found = rouge_l(&case.hyps, &case.refs).unwrap();
        assert_close(&case.id, &found, &case.expected.coco.rouge_l);
    }
}

#[track_caller]
fn check_cider(metric: Cider, outcome: impl Fn(&Coco) -> &Outcome) {
    let Some(golden) = shared::json::<Golden>("golden/bleu/golden.json") else {
        return;
    };
    assert!(!golden.cases.is_empty());
    for Case {
        id,
        hyps,
        refs,
        expected,
    } in &golden.cases
    {
        let n_images = hyps.len();
        match (metric.words(hyps, refs), outcome(&expected.coco)) {
            (Ok(found), Outcome::Scored(expected)) => assert_close(id, &found, expected),
            (Err(Error::NoFrequencies { .. }), Outcome::Scored(expected)) => {
                assert_eq!(
                    (n_images, &expected.per_segment[..]),
                    (1, &[0.0][..]),
                    "{id}"
                );
            }
            (found, Outcome::Raised { error }) => {
                assert_eq!(
                    found,
                    Err(Error::NoFrequencies { n_images }),
                    "{id}: {error}"
                );
            }
            (Err(error), Outcome::Scored(_)) => panic!("{id}: {error}"),
        }
    }
}

#[test]
fn cider_d_is_equal_or_has_no_frequencies_to_use() {
    check_cider(Cider::d(), |coco| &coco.cider_d);
}

#[test]
fn cider_d_of_another_deviation_is_equal() {
    check_cider(Cider::d_with_sigma(3.0).unwrap(), |coco| {
        &coco.cider_d_sigma3
    });
}

#[test]
fn plain_cider_is_equal() {
    check_cider(Cider::plain(), |coco| &coco.cider_plain_vrama91);
}
