//! Confidence intervals against formulas and against sacrebleu's.

#![expect(clippy::float_cmp, reason = "equal counts give equal doubles")]

use bleu::{Bleu, Bootstrap, Error, Mean};

fn ramp() -> Vec<Mean> {
    (0..400_u32)
        .map(|step| Mean::of([f64::from(step) / 399.0]))
        .collect()
}

#[test]
fn the_interval_of_a_mean_is_that_of_the_normal_distribution() {
    let bootstrap = Bootstrap {
        n_resamples: 4000,
        ..Bootstrap::default()
    };
    let [interval] = bootstrap.intervals(&ramp(), Mean::value).unwrap();
    // A uniform variable has a deviation of 1 / sqrt(12).
    let half = 1.96 / 12_f64.sqrt() / 400_f64.sqrt();
    assert!((interval.score - 0.5).abs() < 1e-12);
    assert!((interval.mean - 0.5).abs() < 0.001, "{interval:?}");
    assert!((interval.low - (0.5 - half)).abs() < 0.002, "{interval:?}");
    assert!((interval.high - (0.5 + half)).abs() < 0.002, "{interval:?}");
}

#[test]
fn the_same_seed_gives_the_same_interval() {
    let with_seed = |seed| Bootstrap {
        seed,
        ..Bootstrap::default()
    };
    let interval = |seed| with_seed(seed).intervals(&ramp(), Mean::value).unwrap();
    assert_eq!(interval(1), interval(1));
    assert_ne!(interval(1), interval(2));
}

#[test]
fn more_confidence_is_a_wider_interval() {
    let width = |confidence| {
        let bootstrap = Bootstrap {
            confidence,
            ..Bootstrap::default()
        };
        let [interval] = bootstrap.intervals(&ramp(), Mean::value).unwrap();
        interval.high - interval.low
    };
    assert!(width(0.5) < width(0.9) && width(0.9) < width(0.99));
}

#[test]
fn one_segment_has_no_spread() {
    let mut accumulator = Bleu::coco().accumulator();
    accumulator
        .push("a dog runs fast", &["a dog runs"])
        .unwrap();
    let intervals = accumulator.intervals(&Bootstrap::default()).unwrap();
    let score = accumulator.score().unwrap();
    for (interval, bleu) in intervals.iter().zip(score.bleu) {
        assert_eq!([interval.low, interval.high, interval.score], [bleu; 3]);
    }
}

#[test]
fn rejects_settings_that_allow_no_interval() {
    let cases = [(0, 0.95), (10, 0.0), (10, 1.0), (10, f64::NAN)];
    for (n_resamples, confidence) in cases {
        let bootstrap = Bootstrap {
            n_resamples,
            confidence,
            seed: 0,
        };
        let error = bootstrap.intervals(&ramp(), Mean::value).unwrap_err();
        assert!(matches!(error, Error::InvalidBootstrap { .. }), "{error}");
    }
}
