//! What a score is worth: baselines of every metric.

#![expect(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "what tests share fails as tests do, and the same captions give the same doubles"
)]

use bleu::{
    Bleu, Chrf, Cider, Error, Metric, RougeL, SacreBleu, Smoothing, Ter, best_constant, held_out,
    human_scores, shuffled, shuffled_scores,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn refs() -> [Vec<&'static str>; 4] {
    [
        vec!["a red ball lies here", "the red ball is here"],
        vec!["a dog runs over the grass", "one dog runs on grass"],
        vec!["a red ball lies there", "here lies a red ball"],
        vec!["two birds fly over the water", "birds over the water"],
    ]
}

/// What holds for any metric that knows better captions from worse.
fn check_baselines<const K: usize>(metric: &impl Metric<K>) {
    let firsts: Vec<&str> = refs().iter().map(|refs| refs[0]).collect();
    let net = metric.corpus_scores(&firsts, &refs()).unwrap()[K - 1];
    let candidates = ["a bicycle", firsts[0], firsts[3], firsts[0]];
    let (best, constant) = best_constant(metric, &candidates, &refs())
        .unwrap()
        .unwrap();
    let mut each = candidates.map(|caption| metric.corpus_scores(&[caption; 4], &refs()).unwrap());
    assert_eq!(constant, each[best]);
    let better = |score: f64| {
        if metric.lower_is_better() {
            -score
        } else {
            score
        }
    };
    each.sort_by(|one, other| better(one[K - 1]).total_cmp(&better(other[K - 1])));
    assert_eq!(constant, each[3]);
    assert_ne!(best, 3, "the first of equals is taken");

    let away = shuffled_scores(metric, &firsts, &refs()).unwrap()[K - 1];
    let human = human_scores(metric, &refs()).unwrap().unwrap()[K - 1];
    for worse in [constant[K - 1], away, human] {
        assert!(better(net) > better(worse), "{net} {worse}");
    }
    assert!(human > 0.0);
}

#[test]
fn every_metric_has_all_baselines() {
    check_baselines(&Bleu::coco());
    check_baselines(&Bleu::nltk(Smoothing::Method1));
    check_baselines(&SacreBleu::default());
    check_baselines(&Chrf::default());
    check_baselines(&Ter::default());
    check_baselines(&RougeL);
    check_baselines(&Cider::d());
}

#[test]
fn the_human_score_is_the_mean_over_who_is_held_out() {
    let refs = [
        vec!["a dog runs", "the dog runs", "dogs"],
        vec!["birds fly", "two birds fly", "some birds fly"],
    ];
    let (mut sum, metric) = (0.0, Bleu::coco());
    for idx in 0..3 {
        let (hyps, others) = held_out(&refs, idx);
        assert_eq!((hyps.len(), others[0].len()), (2, 2));
        sum += metric.corpus_scores(&hyps, &others).unwrap()[0];
    }
    let [human, ..] = human_scores(&metric, &refs).unwrap().unwrap();
    assert_eq!(human, sum / 3.0);
}

#[test]
fn images_with_one_reference_have_no_human_score() {
    assert_eq!(
        held_out(&[vec![1], vec![2, 3, 4]], 0),
        (vec![2], vec![vec![3, 4]])
    );
    assert_eq!(
        held_out(&[vec![1], vec![2, 3]], 2),
        (Vec::new(), Vec::new())
    );
    assert_eq!(human_scores(&RougeL, &[["a dog"], ["a cat"]]), Ok(None));
    let no_images: [Vec<&str>; 0] = [];
    assert_eq!(human_scores(&RougeL, &no_images), Ok(None));
}

#[test]
fn what_cannot_be_scored_is_an_error() {
    let (none, no_images): ([&str; 0], [Vec<&str>; 0]) = ([], []);
    assert_eq!(best_constant(&RougeL, &none, &refs()), Ok(None));
    assert_eq!(
        best_constant(&RougeL, &["a dog"], &no_images),
        Err(Error::EmptyCorpus)
    );
    assert_eq!(
        best_constant(&RougeL, &["a dog"], &[none]),
        Err(Error::NoReferences { segment: 0 })
    );
    assert_eq!(
        shuffled_scores(&RougeL, &["a dog"], &refs()),
        Err(Error::LengthMismatch { hyps: 1, refs: 4 })
    );
}

proptest! {
    #[test]
    fn no_image_keeps_its_caption_and_none_is_lost(n_captions in 0..50_usize) {
        let captions: Vec<usize> = (0..n_captions).collect();
        let mut elsewhere = shuffled(&captions);
        prop_assert!(n_captions == 1 || captions.iter().zip(&elsewhere).all(|(own, other)| own != other));
        elsewhere.sort_unstable();
        prop_assert_eq!(elsewhere, captions);
    }

    #[test]
    fn who_is_held_out_and_the_others_are_all(refs in vec(vec(0_u8..9, 0..5), 0..6), idx in 0..5_usize) {
        let (hyps, others) = held_out(&refs, idx);
        let whole: Vec<_> = refs.into_iter().filter(|refs| refs.len() > 1 && idx < refs.len()).collect();
        prop_assert_eq!(hyps.len(), whole.len());
        for ((hyp, others), whole) in hyps.iter().zip(&others).zip(&whole) {
            let mut put_back = others.clone();
            put_back.insert(idx, *hyp);
            prop_assert_eq!(&put_back, whole);
        }
    }
}
