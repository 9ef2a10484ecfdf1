//! Document frequencies that are learned once and used elsewhere.

use bleu::{Cider, DocumentFrequency, Error};

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
