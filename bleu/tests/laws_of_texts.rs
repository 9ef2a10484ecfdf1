//! Properties of the metrics that tokenise by themselves, for every corpus of texts.

use bleu::{Chrf, NltkBleu, NltkMethod, RefLength, RougeScorer, SacreBleu, SacreSmoothing, Ter};
use bleu::{Error, Tokenizer, coco_bleu, nltk_words, treebank_words};
use proptest::collection::vec;
use proptest::prelude::*;

type Segment = (String, Vec<String>);

const TOKENIZERS: [Tokenizer; 5] = [
    Tokenizer::V13a,
    Tokenizer::Intl,
    Tokenizer::Char,
    Tokenizer::Zh,
    Tokenizer::None,
];

const SMOOTHINGS: [SacreSmoothing; 6] = [
    SacreSmoothing::Exp,
    SacreSmoothing::Floor(0.1),
    SacreSmoothing::Floor(f64::NAN),
    SacreSmoothing::AddK(1.0),
    SacreSmoothing::AddK(f64::NEG_INFINITY),
    SacreSmoothing::None,
];

const TER: Ter = Ter {
    normalized: true,
    no_punct: true,
    asian_support: true,
    case_sensitive: false,
};

/// Words, numbers and marks of several scripts, so that texts repeat, match and differ.
fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        "dog",
        "Dogs",
        "runs",
        " ",
        " ",
        " ",
        ".",
        ",",
        "'s",
        "n't",
        "\"",
        "''",
        "--",
        "3",
        "1,000",
        "中",
        "文",
        "é",
        "İ",
        "\u{1c}",
        "\u{2028}",
        "\n",
        "😀",
        "&amp;",
        "<skipped>",
        "(",
        "]",
        "$",
        "٣",
        "。",
    ];
    let piece = prop::sample::select(pieces.to_vec());
    vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

fn corpus() -> impl Strategy<Value = Vec<Segment>> {
    vec((text(), vec(text(), 1..4)), 1..5)
}

fn sides(corpus: &[Segment]) -> (Vec<&String>, Vec<&Vec<String>>) {
    corpus.iter().map(|(hyp, refs)| (hyp, refs)).unzip()
}

/// The scores of every metric, of the whole corpus.
fn scores(corpus: &[Segment]) -> Vec<f64> {
    let (hyps, refs) = sides(corpus);
    let mut scores = Vec::new();
    for tokenizer in TOKENIZERS {
        for smoothing in SMOOTHINGS {
            for (effective_order, max_order) in [(false, 4), (true, 4), (false, 8)] {
                let settings = SacreBleu {
                    lowercase: effective_order,
                    tokenizer,
                    smoothing,
                    effective_order,
                    max_order,
                };
                scores.push(settings.corpus(&hyps, &refs).expect("a corpus").score);
            }
        }
    }
    let eps = Chrf {
        eps_smoothing: true,
        beta: 0,
        ..Chrf::plus_plus()
    };
    for settings in [Chrf::default(), Chrf::plus_plus(), eps] {
        scores.push(settings.corpus(&hyps, &refs).expect("a corpus").score);
    }
    for settings in [Ter::default(), TER] {
        scores.push(settings.corpus(&hyps, &refs).expect("a corpus").score);
    }
    for length in [RefLength::Closest, RefLength::Shortest, RefLength::Average] {
        scores.extend(coco_bleu(&hyps, &refs, length).expect("a corpus").bleu);
    }
    scores
}

fn assert_close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
            "{found} {expected}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_score_is_a_number_of_its_scale(corpus in corpus()) {
        for score in scores(&corpus) {
            prop_assert!(score.is_finite() && score >= 0.0, "{score}");
        }
        let (hyps, refs) = sides(&corpus);
        for scorer in [false, true].map(|stemming| RougeScorer { stemming }) {
            for scores in scorer.segments(&hyps, &refs).unwrap() {
                for score in scores.rouge_n.into_iter().chain([scores.rouge_l, scores.rouge_lsum]) {
                    prop_assert!((0.0..=1.0).contains(&score.f1));
                }
            }
        }
        for method in (0..).map_while(NltkMethod::numbered) {
            match NltkBleu::new(&[0.25; 4], method).unwrap().corpus(&hyps, &refs) {
                Ok(score) => prop_assert!(score.is_finite() && score >= 0.0),
                Err(error) => prop_assert_eq!(error, Error::NoTrigrams),
            }
        }
    }

    #[test]
    fn the_order_of_segments_makes_no_difference(corpus in corpus()) {
        let mut reversed = corpus.clone();
        reversed.reverse();
        assert_close(&scores(&reversed), &scores(&corpus));
    }

    #[test]
    fn the_order_of_references_makes_no_difference(corpus in corpus()) {
        // chrF takes the first of equally good references, whose counts may differ.
        let (hyps, refs) = sides(&corpus);
        let reversed: Vec<Vec<String>> =
            refs.iter().map(|refs| refs.iter().rev().cloned().collect()).collect();
        let bleu = SacreBleu::default();
        prop_assert_eq!(bleu.corpus(&hyps, &refs), bleu.corpus(&hyps, &reversed));
        let ter = Ter::default();
        prop_assert_eq!(ter.corpus(&hyps, &refs), ter.corpus(&hyps, &reversed));
    }

    #[test]
    fn counts_of_two_halves_add_up_to_those_of_the_whole(corpus in corpus(), cut in 0_usize..5) {
        let (hyps, refs) = sides(&corpus);
        let cut = cut.clamp(0, hyps.len());
        let halves = [(&hyps[..cut], &refs[..cut]), (&hyps[cut..], &refs[cut..])];
        let halves: Vec<_> = halves.into_iter().filter(|(hyps, _)| !hyps.is_empty()).collect();
        let chrf = Chrf::plus_plus();
        let parts = halves.iter().flat_map(|(hyps, refs)| chrf.segments(hyps, refs).unwrap()).sum();
        prop_assert_eq!(chrf.score(&parts), chrf.corpus(&hyps, &refs).unwrap());
        let bleu = SacreBleu::default();
        let parts = halves.iter().flat_map(|(hyps, refs)| bleu.segments::<4, _, _, _>(hyps, refs).unwrap()).sum();
        prop_assert_eq!(bleu.score(&parts), bleu.corpus(&hyps, &refs).unwrap());
    }

    #[test]
    fn a_text_is_its_own_best_reference(text in text(), others in vec(text(), 0..3)) {
        let mut refs = others;
        refs.push(text.clone());
        prop_assert_eq!(Ter::default().sentence(&text, &refs).unwrap().edits, 0);
        if !text.trim_matches(|char: char| char.is_whitespace() || char == '\u{1c}').is_empty() {
            let chrf = Chrf::default().sentence(&text, &refs).unwrap().score;
            prop_assert!((chrf - 100.0).abs() < 1e-9, "{chrf}");
            let bleu = SacreBleu { effective_order: true, tokenizer: Tokenizer::None, ..SacreBleu::default() };
            let bleu = bleu.sentence(&text, &refs).unwrap().score;
            prop_assert!((bleu - 100.0).abs() < 1e-9, "{bleu}");
        }
    }

    #[test]
    fn one_more_reference_never_costs_matches_or_edits(hyp in text(), refs in vec(text(), 1..3), more in text()) {
        let mut longer = refs.clone();
        longer.push(more);
        let matches = |refs: &[String]| SacreBleu::default().sentence(&hyp, refs).unwrap().counts;
        for (fewer, more) in matches(&refs).into_iter().zip(matches(&longer)) {
            prop_assert!(fewer <= more);
        }
        let edits = |refs: &[String]| Ter::default().sentence(&hyp, refs).unwrap().edits;
        prop_assert!(edits(&refs) >= edits(&longer));
    }

    #[test]
    fn tokenizers_take_any_text(text in any::<String>()) {
        for tokenizer in TOKENIZERS {
            tokenizer.tokenize(&text);
        }
        TER.words(&text);
        nltk_words(&text);
        treebank_words(&text);
        RougeScorer { stemming: true }.words(&text);
    }
}

#[test]
fn nothing_scores_nothing() {
    let corpus = [(String::new(), vec![String::new()])];
    // Popović's program gives an order without n-grams 1e-16.
    assert!(scores(&corpus).iter().all(|&score| score < 1e-10));
    let none: [&str; 0] = [];
    let no_refs: [[&str; 1]; 0] = [];
    assert_eq!(
        SacreBleu::default().corpus(&none, &no_refs),
        Err(Error::EmptyCorpus)
    );
    assert_eq!(
        Chrf::default().corpus(&none, &no_refs),
        Err(Error::EmptyCorpus)
    );
    assert_eq!(
        Ter::default().corpus(&none, &no_refs),
        Err(Error::EmptyCorpus)
    );
    let unreferenced = Err(Error::NoReferences { segment: 0 });
    assert_eq!(SacreBleu::default().sentence("a", &none), unreferenced);
}

#[test]
fn orders_that_cannot_be_counted_are_errors() {
    let bleu = SacreBleu {
        max_order: 9,
        ..SacreBleu::default()
    };
    let too_long = Error::InvalidOrder {
        order: 9,
        max_order: 8,
    };
    assert_eq!(bleu.sentence("a", &["a"]), Err(too_long));
    let chrf = Chrf {
        char_order: 0,
        ..Chrf::default()
    };
    let none = Error::InvalidOrder {
        order: 0,
        max_order: 6,
    };
    assert_eq!(chrf.sentence("a", &["a"]), Err(none));
    assert!(NltkBleu::new(&[], NltkMethod::Method6).is_err());
    assert_eq!(
        NltkBleu::new(&[0.5; 2], NltkMethod::Method6)
            .unwrap()
            .sentence("a b c", &["a b c"]),
        Err(Error::NoTrigrams)
    );
}
