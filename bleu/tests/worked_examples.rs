//! Scores that the reference implementations print, digit for digit.

#![expect(
    clippy::float_cmp,
    clippy::unreadable_literal,
    reason = "the doubles of the references, as they print them"
)]

use bleu::{Bleu, BleuStats, Bootstrap, Counter, Error, Smoothing, Weights};
use bleu::{cider_d, nltk_bleu, ptb_words, rouge_l};

const CAT: &str = "the cat sat on a mat";
const CAT_REFS: [&str; 2] = ["the cat is on the mat", "a cat sat on the rug today"];

const HYPS: [&str; 3] = ["a dog runs", "a cat sleeps on a bed", "birds fly high"];
const REFS: [&[&str]; 3] = [
    &["a dog runs on grass", "the dog runs"],
    &["a cat sleeps", "one cat sleeps on a bed"],
    &["two birds fly"],
];

fn cat() -> BleuStats {
    Counter::new()
        .words(CAT, &CAT_REFS)
        .expect("two references")
}

fn nltk(hyp: &str, refs: &[&str], smoothing: Smoothing) -> f64 {
    let stats = Counter::new().words(hyp, refs).expect("references");
    nltk_bleu(&stats, &Weights::uniform(4), smoothing)
}

#[test]
fn one_segment_is_counted_as_on_paper() {
    let expected = BleuStats {
        hyp_len: 6,
        ref_len: 6,
        matches: [6, 3, 1, 0],
        totals: [6, 5, 4, 3],
        unfilled: [0; 4],
    };
    assert_eq!(cat(), expected);
}

#[test]
fn coco_scores_one_segment() {
    let score = Bleu::coco().words(&[CAT], &[CAT_REFS]).unwrap();
    let expected = [
        0.9999999996666668,
        0.7745966689703747,
        0.5313292843935332,
        8.408964149138525e-5,
    ];
    assert_eq!(score.bleu, expected);
}

#[test]
fn coco_scores_a_corpus() {
    let score = Bleu::coco().words(&HYPS, &REFS).unwrap();
    let expected = [
        0.8333333331944446,
        0.8606629656684731,
        0.8514549247082813,
        0.800937137839122,
    ];
    assert_eq!(score.bleu, expected);
    assert_eq!(score.n_segments, 3);
}

#[test]
fn coco_scores_each_segment_of_a_corpus() {
    let mut accumulator = Bleu::coco().accumulator();
    for (hyp, refs) in HYPS.iter().zip(REFS) {
        accumulator.push(hyp, refs).unwrap();
    }
    let bleu4: Vec<f64> = accumulator.segment_scores().map(|bleu| bleu[3]).collect();
    assert_eq!(
        bleu4,
        [
            0.03162277657664911,
            0.8633400210215175,
            4.272870060579654e-6
        ]
    );
}

#[test]
fn rouge_l_scores_a_corpus() {
    let scores = rouge_l(&HYPS, &REFS).unwrap();
    assert_eq!(scores.mean(), 0.7876869965477559);
}

#[test]
fn cider_d_scores_a_corpus() {
    let scores = cider_d(&HYPS, &REFS).unwrap();
    assert!((scores.mean() - 4.298422743516093).abs() < 1e-14);
    let per_image = scores
        .as_slice()
        .iter()
        .zip([4.08671717, 5.89188439, 2.91666667]);
    assert!(
        per_image
            .into_iter()
            .all(|(score, expected)| (score - expected).abs() < 1e-8)
    );
}

#[test]
fn cider_d_of_one_image_has_no_frequencies() {
    let error = cider_d(&[CAT], &[CAT_REFS]).unwrap_err();
    assert_eq!(error, Error::NoFrequencies { n_images: 1 });
}

#[test]
fn rouge_l_of_long_texts_carries_across_blocks() {
    let words: Vec<String> = (0..300).map(|word| word.to_string()).collect();
    let odd: Vec<String> = words.iter().skip(1).step_by(2).cloned().collect();
    let scores = rouge_l(&[words.join(" ")], &[[odd.join(" ")]]).unwrap();
    // All of the reference, half of the hypothesis.
    assert!((scores.mean() - 2.44 * 0.5 / (1.0 + 1.44 * 0.5)).abs() < 1e-15);
}

#[test]
fn coco_words_are_treebank_words_without_punctuation() {
    let cases = [
        (
            "I'll say y'all can't, won't & mustn't!",
            "i 'll say y' all ca n't wo n't & must n't",
        ),
        (
            "At 12:30pm (or 7am) -- $3.50 or £5.",
            "at 12:30 pm -lrb- or 7am -rrb- $ 3.50 or # 5",
        ),
        (
            "Mr. No. 5 vs. No. Stop, e.g. 6ft.",
            "mr. no. 5 vs. no stop e.g. 6ft",
        ),
        (
            "rock'n'roll of the '90s, o'clock ma'am",
            "rock 'n' roll of the '90s o'clock ma'am",
        ),
        ("What?! 😀 1:2é5", "what ?! 1:2 é5"),
        ("line\u{2028}break\nhere", "line break here"),
        ("", ""),
    ];
    for (caption, words) in cases {
        assert_eq!(ptb_words(caption), words);
    }
}

#[test]
fn nltk_smooths_one_segment_in_five_ways() {
    let cases = [
        (Smoothing::Method0, 7.600793306264725e-78),
        (Smoothing::Method1, 0.2659147948472494),
        (Smoothing::Method2, 0.5081327481546147),
        (Smoothing::Method3, 0.3976353643835253),
        (Smoothing::Method4, 0.3076539023663478),
    ];
    for (smoothing, expected) in cases {
        assert_eq!(
            nltk(CAT, &CAT_REFS, smoothing),
            expected,
            "{}",
            smoothing.name()
        );
    }
}

#[test]
fn nltk_scores_short_exact_matches_low() {
    let cases = [
        ("a", 0.1778279410038923, 1.0),
        ("a b", 0.316227766016838, 0.2213885886251307),
        ("a b c", 0.5623413251903491, 0.5757197301274735),
    ];
    for (text, method1, method4) in cases {
        assert_eq!(nltk(text, &[text], Smoothing::Method1), method1);
        assert_eq!(nltk(text, &[text], Smoothing::Method4), method4);
    }
}

#[test]
fn lemur_drops_padding_and_keeps_start_and_end() {
    let padded = [[1, 5, 0, 6, 2, 0, 0]];
    let refs = [[vec![1, 5, 6, 2, 0], vec![0, 0, 0, 0, 0]]];
    let score = Bleu::lemur().ids::<i64, _, _, _>(&padded, &refs).unwrap();
    assert_eq!(score.bleu, [1.0; 4]);
    assert_eq!((score.stats.hyp_len, score.stats.ref_len), (4, 4));
}

#[test]
fn lemur_skips_an_image_without_a_reference() {
    let refs: [&[&[u32]]; 3] = [&[&[1, 5, 2]], &[&[0, 0]], &[]];
    let score = Bleu::lemur()
        .ids(&[[1, 5, 2], [1, 5, 2], [1, 5, 2]], &refs)
        .unwrap();
    assert_eq!(score.n_segments, 1);
}

#[test]
fn a_score_names_its_metric() {
    let names = [Bleu::coco(), Bleu::lemur(), Bleu::nltk(Smoothing::Method3)]
        .map(|metric| metric.to_string());
    assert_eq!(names, ["coco", "lemur", "nltk-method3"]);
}

#[test]
fn a_score_survives_json() {
    let score = Bleu::nltk(Smoothing::Method1).words(&HYPS, &REFS).unwrap();
    let json = serde_json::to_string(&score).unwrap();
    assert_eq!(
        serde_json::from_str::<bleu::BleuScore>(&json).unwrap(),
        score
    );
}

#[test]
fn rejects_lists_of_different_length() {
    let error = Bleu::coco().words(&HYPS, &REFS[..2]).unwrap_err();
    assert_eq!(error, Error::LengthMismatch { hyps: 3, refs: 2 });
}

#[test]
fn names_the_segment_without_a_reference() {
    let refs: [&[&str]; 2] = [&["a dog"], &[]];
    let error = Bleu::coco().words(&["a dog", "a cat"], &refs).unwrap_err();
    assert_eq!(error, Error::NoReferences { segment: 1 });
}

#[test]
fn rejects_an_empty_corpus() {
    for metric in [Bleu::coco(), Bleu::lemur(), Bleu::nltk(Smoothing::Method0)] {
        let accumulator = metric.accumulator();
        assert_eq!(accumulator.score(), Err(Error::EmptyCorpus));
        let intervals = accumulator.intervals(&Bootstrap::default());
        assert_eq!(intervals, Err(Error::EmptyCorpus));
    }
}

#[test]
fn rejects_weights_that_make_no_mean() {
    for weights in [&[0.2; 5][..], &[-1.0], &[f64::NAN], &[f64::INFINITY]] {
        let error = Weights::<4>::new(weights).unwrap_err();
        assert!(
            matches!(error, Error::InvalidWeights { max_order: 4, .. }),
            "{error}"
        );
    }
}

#[test]
fn rejects_merging_counts_of_another_metric() {
    let mut coco = Bleu::coco().accumulator();
    let error = coco.merge(Bleu::lemur().accumulator()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "segments of `lemur` cannot be merged into `coco`"
    );
}
