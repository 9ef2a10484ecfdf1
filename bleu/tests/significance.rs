//! Intervals and tests of `../shared/golden/bleu/golden.json` against sacrebleu's, and laws that need no golden.

#![expect(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "what tests share fails as tests do, and equal counts give equal doubles"
)]

mod shared;

use bleu::{
    Bleu, Bootstrap, Chrf, Cider, Error, Metric, Randomization, References, RougeL, SacreBleu,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    significance: Significance,
}

#[derive(Deserialize)]
struct Significance {
    sys_a: Vec<String>,
    sys_b: Vec<String>,
    ref_streams: Vec<Vec<String>>,
    bleu_a_bootstrap: Bootstrapped,
    chrf_a_bootstrap: Bootstrapped,
    paired_bs: Paired,
    paired_ar: Paired,
}

#[derive(Deserialize)]
struct Bootstrapped {
    score: f64,
    mean: f64,
    /// Half the width of the interval.
    ci: f64,
}

#[derive(Deserialize)]
struct Paired {
    results: Results,
}

#[derive(Deserialize)]
struct Results {
    #[serde(rename = "BLEU")]
    bleu: [Result; 2],
    #[serde(rename = "chrF2")]
    chrf: [Result; 2],
}

#[derive(Deserialize)]
struct Result {
    score: f64,
    p_value: Option<f64>,
    mean: Option<f64>,
    ci: Option<f64>,
}

impl Significance {
    fn refs(&self) -> Vec<Vec<&str>> {
        let segment = |idx: usize| {
            self.ref_streams
                .iter()
                .map(|stream| stream[idx].as_str())
                .collect()
        };
        (0..self.sys_a.len()).map(segment).collect()
    }
}

#[track_caller]
fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{found} is not {expected}"
    );
}

fn check_bootstrap(golden: &Significance, metric: &impl Metric, expected: &Bootstrapped) {
    let segments = metric.segments(&golden.sys_a, &golden.refs()).unwrap();
    let [interval] = Bootstrap::default()
        .intervals(&segments, |total| metric.scores(total))
        .unwrap();
    assert_near(interval.score, expected.score, 1e-9);
    assert_near(interval.mean, expected.mean, 1e-3);
    assert_near((interval.high - interval.low) / 2.0, expected.ci, 1e-3);
}

#[test]
fn intervals_are_those_of_sacrebleu() {
    let Some(Golden { significance }) = shared::json::<Golden>("golden/bleu/golden.json") else {
        return;
    };
    check_bootstrap(
        &significance,
        &SacreBleu::default(),
        &significance.bleu_a_bootstrap,
    );
    check_bootstrap(
        &significance,
        &Chrf::default(),
        &significance.chrf_a_bootstrap,
    );
}

fn check_tests(
    golden: &Significance,
    metric: &impl Metric,
    by_bootstrap: &[Result; 2],
    by_swaps: &[Result; 2],
) {
    let baseline = metric.segments(&golden.sys_a, &golden.refs()).unwrap();
    let system = metric.segments(&golden.sys_b, &golden.refs()).unwrap();
    let score = |total: &_| metric.scores(total);
    let [(difference, interval)] = Bootstrap::default()
        .compare(&baseline, &system, score)
        .unwrap();
    assert_near(difference.baseline, by_bootstrap[0].score, 1e-9);
    assert_near(difference.system, by_bootstrap[1].score, 1e-9);
    assert_near(
        difference.p_value,
        by_bootstrap[1].p_value.unwrap(),
        2.0 / 1001.0,
    );
    assert_near(interval.mean, by_bootstrap[1].mean.unwrap(), 1e-3);
    assert_near(
        (interval.high - interval.low) / 2.0,
        by_bootstrap[1].ci.unwrap(),
        1e-3,
    );

    let [difference] = Randomization::default()
        .compare(&baseline, &system, score)
        .unwrap();
    assert_near(difference.system, by_swaps[1].score, 1e-9);
    assert_near(
        difference.p_value,
        by_swaps[1].p_value.unwrap(),
        2.0 / 10_001.0,
    );
}

#[test]
fn tests_are_those_of_sacrebleu() {
    let Some(Golden {
        significance: golden,
    }) = shared::json::<Golden>("golden/bleu/golden.json")
    else {
        return;
    };
    let (bootstrap, swaps) = (&golden.paired_bs.results, &golden.paired_ar.results);
    check_tests(&golden, &SacreBleu::default(), &bootstrap.bleu, &swaps.bleu);
    check_tests(&golden, &Chrf::default(), &bootstrap.chrf, &swaps.chrf);
}

const HYPS: [&str; 4] = [
    "a dog runs",
    "a cat sleeps on a bed",
    "birds fly high",
    "two men talk",
];
const WORSE: [&str; 4] = ["a dog", "a bed on a cat", "birds", "men"];

fn refs() -> [Vec<&'static str>; 4] {
    [
        vec!["a dog runs on grass", "the dog runs"],
        vec!["a cat sleeps", "one cat sleeps on a bed"],
        vec!["two birds fly"],
        vec!["two men talk", "men talking", "two people"],
    ]
}

/// What any metric promises.
fn check_laws<const K: usize>(metric: &impl Metric<K>) {
    let segments = metric.segments(&HYPS, &refs()).unwrap();
    let score = |total: &_| metric.scores(total);
    let intervals = Bootstrap::default().intervals(&segments, score).unwrap();
    for interval in intervals {
        assert!(
            interval.low <= interval.score && interval.score <= interval.high,
            "{interval:?}"
        );
    }
    let names = metric.names();
    assert!(names.iter().all(|name| !name.is_empty()));
    assert!(
        metric
            .signature(References::of(&refs()))
            .starts_with("nrefs:var|")
    );

    let (halves, mut merged) = (segments.split_at(2), segments[..0].to_vec());
    merged.extend(halves.0);
    merged.extend(halves.1);
    assert_eq!(
        Bootstrap::default().intervals(&merged, score).unwrap(),
        intervals
    );

    let worse = metric.segments(&WORSE, &refs()).unwrap();
    let swapped = Randomization::default()
        .compare(&segments, &worse, score)
        .unwrap();
    let resampled = Bootstrap::default()
        .compare(&segments, &worse, score)
        .unwrap();
    for (swapped, (resampled, _)) in swapped.iter().zip(resampled) {
        assert!(swapped.system < swapped.baseline);
        assert_eq!(
            (swapped.system, swapped.baseline),
            (resampled.system, resampled.baseline)
        );
        assert!(swapped.p_value > 0.0 && swapped.p_value <= 1.0);
    }
}

#[test]
fn every_metric_keeps_the_laws_of_its_trait() {
    check_laws(&Bleu::coco());
    check_laws(&Bleu::lemur());
    check_laws(&SacreBleu::default());
    check_laws(&Chrf::plus_plus());
    check_laws(&RougeL);
    check_laws(&Cider::d());
}

#[test]
fn the_trait_gives_the_scores_of_the_functions() {
    let coco = Bleu::coco().words(&HYPS, &refs()).unwrap();
    let total = Metric::segments(&Bleu::coco(), &HYPS, &refs())
        .unwrap()
        .into_iter();
    let total = total.reduce(|total, segment| total + segment).unwrap();
    assert_eq!(Bleu::coco().scores(&total), coco.bleu);
    let lemur = Bleu::lemur().words(&HYPS, &refs()).unwrap();
    let total = Metric::segments(&Bleu::lemur(), &HYPS, &refs())
        .unwrap()
        .into_iter();
    let total = total.reduce(|total, segment| total + segment).unwrap();
    assert_eq!(Bleu::lemur().scores(&total), lemur.bleu);
}

#[test]
fn systems_of_other_lengths_and_tests_without_trials_are_refused() {
    let segments = RougeL.segments(&HYPS, &refs()).unwrap();
    let score = |total: &_| RougeL.scores(total);
    let none = Randomization {
        n_trials: 0,
        seed: 1,
    };
    assert_eq!(
        none.compare(&segments, &segments, score),
        Err(Error::InvalidTrials)
    );
    let unpaired = Randomization::default().compare(&segments, &segments[1..], score);
    assert_eq!(
        unpaired,
        Err(Error::UnpairedSystems {
            baseline: 4,
            system: 3
        })
    );
}
