//! Document frequencies that are learned once and used elsewhere.

use bleu::{Cider, DocumentFrequency, Error};
use proptest::collection::vec;
use proptest::prelude::*;

const HYPS: [&str; 3] = ["a dog runs", "a cat sleeps on a bed", "birds fly high"];

fn refs() -> [Vec<&'static str>; 3] {
    [
        vec!["a dog runs on grass", "the dog runs"],
        vec!["a cat sleeps", "one cat sleeps on a bed"],
        vec!["two birds fly"],
    ]
}

#[test]
fn supplied_frequencies_give_the_scores_of_the_corpus_they_are_of() {
    let frequency = DocumentFrequency::of_words(&refs()).unwrap();
    let whole = Cider::d().words(&HYPS, &refs()).unwrap();
    for (segment, score) in whole.as_slice().iter().enumerate() {
        let span = segment..=segment;
        let alone = Cider::d().words_given(&frequency, &HYPS[span.clone()], &refs()[span]);
        assert_eq!(alone.unwrap().as_slice(), [*score]);
    }
}

/// Two ways to the same numbers: n-grams counted in partitions of the corpus, and looked up among the frequencies.
fn check_both_ways(cider: Cider, hyps: &[Vec<u32>], refs: &[Vec<Vec<u32>>]) {
    let Ok(frequency) = DocumentFrequency::of_ids(refs) else {
        assert!(matches!(
            cider.ids(hyps, refs),
            Err(Error::NoFrequencies { .. })
        ));
        return;
    };
    let given = cider.ids_given(&frequency, hyps, refs);
    assert!(given.is_ok());
    assert_eq!(cider.ids(hyps, refs), given);
}

proptest! {
    #[test]
    fn frequencies_counted_by_the_way_are_those_of_the_references(
        segments in vec((vec(0_u32..6, 0..9), vec(vec(0_u32..6, 0..9), 1..4)), 2..40),
    ) {
        let (hyps, refs): (Vec<_>, Vec<_>) = segments.into_iter().unzip();
        check_both_ways(Cider::d(), &hyps, &refs);
        check_both_ways(Cider::plain(), &hyps, &refs);
    }
}

#[test]
fn more_words_than_16_bits_number_are_told_apart() {
    let n_images = 9000;
    let text = |seed: u32| -> Vec<u32> { (0..8).map(|idx| 8 * seed + idx).collect() };
    let hyps: Vec<_> = (0..n_images).map(text).collect();
    let refs: Vec<_> = (0..n_images)
        .map(|image| vec![text(image), text((image + 1) % n_images)])
        .collect();
    check_both_ways(Cider::d(), &hyps, &refs);
    let scores = Cider::d().ids(&hyps, &refs).unwrap();
    // Each hypothesis is one of its two references and shares no word with the other.
    assert!(
        scores
            .as_slice()
            .iter()
            .all(|score| (score - 5.0).abs() < 1e-12)
    );
}

#[test]
fn ids_score_as_the_words_they_stand_for() {
    let vocabulary = [
        "a", "dog", "runs", "cat", "sleeps", "on", "bed", "birds", "fly", "high", "grass", "the",
        "one", "two",
    ];
    let ids = |text: &str| -> Vec<i64> {
        let id = |word| vocabulary.iter().position(|known| *known == word).unwrap();
        text.split(' ')
            .map(|word| i64::try_from(id(word)).unwrap())
            .collect()
    };
    let hyps = HYPS.map(ids);
    let ref_ids = refs().map(|refs| refs.into_iter().map(ids).collect::<Vec<_>>());
    let scores = Cider::d().ids(&hyps, &ref_ids).unwrap();
    assert_eq!(scores, Cider::d().words(&HYPS, &refs()).unwrap());
}

#[test]
fn saved_frequencies_are_read_back() {
    let frequency = DocumentFrequency::of_words(&refs()).unwrap();
    let saved = serde_json::to_string(&frequency).unwrap();
    let read: DocumentFrequency = serde_json::from_str(&saved).unwrap();
    assert_eq!(
        Cider::d().words_given(&read, &HYPS, &refs()),
        Cider::d().words_given(&frequency, &HYPS, &refs())
    );
}

#[test]
fn a_file_that_contradicts_itself_is_refused() {
    for wrong in [
        r#"{"n_images": 3, "words": ["a", "a"], "nodes": []}"#,
        r#"{"n_images": 3, "words": ["a"], "nodes": []}"#,
        r#"{"n_images": 1, "words": [], "nodes": []}"#,
        r#"{"n_images": 2, "words": ["a"], "nodes": [{"shorter": 0, "word": 0, "n_images": 3}]}"#,
    ] {
        assert!(
            serde_json::from_str::<DocumentFrequency>(wrong).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn an_unknown_word_weighs_most() {
    let frequency = DocumentFrequency::of_words(&refs()).unwrap();
    let score = |hyp| {
        Cider::plain()
            .words_given(&frequency, &[hyp], &[["a zebra"]])
            .unwrap()
            .mean()
    };
    assert!(score("zebra") > score("a"));
}

#[test]
fn one_image_does_not_tell_what_is_rare() {
    let error = Cider::d().words(&HYPS[..1], &refs()[..1]).unwrap_err();
    assert_eq!(error, Error::NoFrequencies { n_images: 1 });
    assert_eq!(
        Cider::d_with_sigma(0.0),
        Err(Error::InvalidSigma { sigma: 0.0 })
    );
}
