//! Every BLEU that the reference implementations gave on `../shared/golden/bleu/golden.json`.
//!
//! The file has more: other reference lengths, NLTK's order-dependent methods (method 6 raises an
//! `AssertionError` on 245 of these inputs) and other metrics. What is read here raised nowhere.

#![expect(
    clippy::float_cmp,
    reason = "the doubles of the reference, bit for bit"
)]

mod shared;

use std::collections::HashMap;

use bleu::{Accumulator, Bleu, BleuStats, Counter, Smoothing, Weights, nltk_bleu};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    meta: Meta,
    cases: Vec<Case>,
    lemur_cases: Vec<LemurCase>,
}

#[derive(Deserialize)]
struct Meta {
    n_cases: usize,
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
    nltk: Nltk,
    lemur_bleu: Lemur,
}

#[derive(Deserialize)]
struct Coco {
    bleu: CocoBleu,
    bleu_stats: CocoStats,
}

#[derive(Deserialize)]
struct CocoBleu {
    corpus: [f64; 4],
    /// One list of segments for each order.
    per_segment: [Vec<f64>; 4],
}

#[derive(Deserialize)]
struct CocoStats {
    testlen: u64,
    reflen: u64,
    guess: [u64; 4],
    correct: [u64; 4],
}

#[derive(Deserialize)]
struct Nltk {
    sentence: Sentence,
    corpus: Corpus,
    weights: Vec<Vec<f64>>,
    corpus_weights_method0: Vec<f64>,
    corpus_weights_method1: Vec<f64>,
}

/// One score for each segment.
#[derive(Deserialize)]
struct Sentence {
    method0: Vec<f64>,
    method1: Vec<f64>,
    method2: Vec<f64>,
    method3: Vec<f64>,
    method4: Vec<f64>,
}

#[derive(Deserialize)]
struct Corpus {
    method0: f64,
    method1: f64,
    method2: f64,
    method3: f64,
    method4: f64,
}

#[derive(Deserialize)]
struct Lemur {
    result: f64,
    n_scored: usize,
    /// One list of segments for each order.
    scores: [Vec<f64>; 4],
    /// `BLEU-1` to `BLEU-4`.
    #[serde(flatten)]
    bleu: HashMap<String, f64>,
}

#[derive(Deserialize)]
struct LemurCase {
    id: String,
    preds: Option<Vec<Vec<i64>>>,
    logits: Option<Vec<Vec<Vec<f64>>>>,
    labels: Vec<Labels>,
    expected: Lemur,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Labels {
    One(Vec<i64>),
    Several(Vec<Vec<i64>>),
}

impl Golden {
    fn read() -> Option<Self> {
        let golden: Self = shared::json("golden/bleu/golden.json")?;
        assert_eq!(golden.cases.len(), golden.meta.n_cases);
        Some(golden)
    }
}

impl Case {
    /// The counts of each segment, with n-grams up to `N`.
    fn count<const N: usize>(&self) -> Vec<BleuStats<N>> {
        let mut counter = Counter::<N>::default();
        let segments = self.hyps.iter().zip(&self.refs);
        segments
            .filter_map(|(hyp, refs)| counter.words(hyp, refs))
            .collect()
    }
}

impl LemurCase {
    fn hypotheses(&self) -> Vec<Vec<i64>> {
        let of_logits = |logits: &Vec<Vec<Vec<f64>>>| {
            let ids = |rows: &Vec<Vec<f64>>| rows.iter().map(|row| argmax(row)).collect();
            logits.iter().map(ids).collect()
        };
        let ids = self.preds.clone().or(self.logits.as_ref().map(of_logits));
        ids.expect("a case has ids or logits")
    }
}

impl Labels {
    fn references(&self) -> &[Vec<i64>] {
        match self {
            Self::One(ids) => std::slice::from_ref(ids),
            Self::Several(references) => references,
        }
    }
}

/// The first of the largest scores.
fn argmax(scores: &[f64]) -> i64 {
    let best = (0_i64..)
        .zip(scores)
        .reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.expect("a vocabulary has words").0
}

/// Equal up to the last digits that a sum in another order may change.
#[track_caller]
fn assert_close(case: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{case}");
    for (found, expected) in found.iter().zip(expected) {
        let tolerance = 1e-12 * expected.abs();
        assert!(
            (found - expected).abs() <= tolerance,
            "{case}: {found:e} is not {expected:e}"
        );
    }
}

/// The double that `serde_json` reads where a file has this one: it may miss the last bit of the decimal.
fn as_read(double: f64) -> f64 {
    let decimal = serde_json::to_string(&double).expect("a number is JSON");
    serde_json::from_str(&decimal).expect("a number was written")
}

/// The scores of order `idx + 1`, one for each segment.
fn column(segments: &[[f64; 4]], idx: usize) -> Vec<f64> {
    segments.iter().map(|bleu| bleu[idx]).collect()
}

#[test]
fn coco_bleu_is_bit_identical() {
    let Some(golden) = Golden::read() else { return };
    for case in &golden.cases {
        let expected = &case.expected.coco.bleu;
        let score = Bleu::coco().words(&case.hyps, &case.refs).unwrap();
        assert_eq!(score.bleu.map(as_read), expected.corpus, "{}", case.id);
        let segments: Vec<[f64; 4]> = case
            .count()
            .iter()
            .map(|stats| Bleu::coco().segment(stats))
            .collect();
        for (idx, expected) in expected.per_segment.iter().enumerate() {
            let found: Vec<f64> = column(&segments, idx).into_iter().map(as_read).collect();
            assert_eq!(found, *expected, "{}", case.id);
        }
    }
}

#[test]
fn coco_counts_are_equal() {
    let Some(golden) = Golden::read() else { return };
    for case in &golden.cases {
        let stats: BleuStats = case.count().iter().sum();
        let expected = &case.expected.coco.bleu_stats;
        assert_eq!(stats.hyp_len, expected.testlen, "{}", case.id);
        assert_eq!(stats.ref_len, expected.reflen, "{}", case.id);
        assert_eq!(stats.totals, expected.guess, "{}", case.id);
        assert_eq!(stats.matches, expected.correct, "{}", case.id);
    }
}

#[test]
fn nltk_sentence_and_corpus_bleu_are_equal() {
    let Some(golden) = Golden::read() else { return };
    for case in &golden.cases {
        let Nltk {
            sentence, corpus, ..
        } = &case.expected.nltk;
        let methods = [
            (Smoothing::Method0, &sentence.method0, corpus.method0),
            (Smoothing::Method1, &sentence.method1, corpus.method1),
            (Smoothing::Method2, &sentence.method2, corpus.method2),
            (Smoothing::Method3, &sentence.method3, corpus.method3),
            (Smoothing::Method4, &sentence.method4, corpus.method4),
        ];
        let segments = case.count::<4>();
        for (method, sentence, corpus) in methods {
            let score = |stats| nltk_bleu(stats, &Weights::uniform(4), method);
            assert_close(
                &case.id,
                &segments.iter().map(score).collect::<Vec<_>>(),
                sentence,
            );
            let whole = Bleu::nltk(method).words(&case.hyps, &case.refs).unwrap();
            assert_close(&case.id, &whole.bleu[3..], &[corpus]);
        }
    }
}

#[test]
fn nltk_bleu_with_other_weights_is_equal() {
    let Some(golden) = Golden::read() else { return };
    for case in &golden.cases {
        let expected = &case.expected.nltk;
        let methods = [
            (Smoothing::Method0, &expected.corpus_weights_method0),
            (Smoothing::Method1, &expected.corpus_weights_method1),
        ];
        let corpus: BleuStats<5> = case.count().iter().sum();
        for (method, scores) in methods {
            let score =
                |weights: &Vec<f64>| nltk_bleu(&corpus, &Weights::new(weights).unwrap(), method);
            assert_close(
                &case.id,
                &expected.weights.iter().map(score).collect::<Vec<_>>(),
                scores,
            );
        }
    }
}

#[test]
fn lemur_bleu_of_words_is_equal() {
    let Some(golden) = Golden::read() else { return };
    for case in &golden.cases {
        let mut accumulator = Bleu::lemur().accumulator();
        for (hyp, refs) in case.hyps.iter().zip(&case.refs) {
            let refs: Vec<String> = refs.iter().map(sentence).collect();
            accumulator.push(&sentence(hyp), &refs).unwrap();
        }
        check_lemur(&case.id, &accumulator, &case.expected.lemur_bleu);
    }
}

#[test]
fn lemur_bleu_of_ids_is_equal() {
    let Some(golden) = Golden::read() else { return };
    assert!(!golden.lemur_cases.is_empty());
    for case in &golden.lemur_cases {
        let mut accumulator = Bleu::lemur().accumulator();
        for (hyp, labels) in case.hypotheses().iter().zip(&case.labels) {
            accumulator.push_ids(hyp, labels.references()).unwrap();
        }
        check_lemur(&case.id, &accumulator, &case.expected);
    }
}

/// A caption as LEMUR's data set holds it.
fn sentence(caption: &String) -> String {
    format!("<SOS> {caption} <EOS>")
}

#[track_caller]
fn check_lemur(id: &str, accumulator: &Accumulator, expected: &Lemur) {
    assert_eq!(accumulator.segments().len(), expected.n_scored, "{id}");
    // LEMUR gives an empty corpus the score 0; here it has none.
    let bleu = accumulator.score().map_or([0.0; 4], |score| score.bleu);
    let names = ["BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4"];
    assert_close(id, &bleu, &names.map(|name| expected.bleu[name]));
    assert_close(id, &bleu[3..], &[expected.result]);
    let segments: Vec<[f64; 4]> = accumulator.segment_scores().collect();
    for (idx, expected) in expected.scores.iter().enumerate() {
        assert_close(id, &column(&segments, idx), expected);
    }
}
