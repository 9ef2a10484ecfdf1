//! Texts that are longer than any caption: a token of a megabyte, and marks that rules of tokenizers begin with, in
//! such numbers that whoever reads on to the end at each of them does not come back.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

use bleu::{Bleu, Chrf, Diversity, Metric, RougeL, RougeScorer, SacreBleu, Smoothing, Ter};
use bleu::{Cider, NltkBleu, NltkMethod, Tokenizer, nltk_words, ptb_words, treebank_words};

const MEGABYTE: usize = 1 << 20;

/// A caption of a long and a short token scores 1 to `best` against itself, and less against the short token.
#[track_caller]
fn check_long_token<const K: usize>(metric: &impl Metric<K>, best: f64) {
    let long = format!("a dog runs by {}", "y".repeat(MEGABYTE));
    let refs = [["a dog runs by y"], ["two birds fly far"]];
    let alone = metric.corpus_scores(&[long.as_str(), "two birds fly far"], &refs);
    let refs = [[long.as_str()], ["two birds fly far"]];
    let itself = metric.corpus_scores(&[long.as_str(), "two birds fly far"], &refs);
    let (alone, itself) = (alone.unwrap()[K - 1], itself.unwrap()[K - 1]);
    assert!((itself / best - 1.0).abs() < 1e-6, "{itself}");
    assert!(alone < itself && alone > 0.0, "{alone}");
}

#[test]
fn a_token_of_a_megabyte_is_a_token_to_every_metric() {
    check_long_token(&Bleu::coco(), 1.0);
    check_long_token(&Bleu::lemur(), 1.0);
    check_long_token(&Bleu::nltk(Smoothing::Method1), 1.0);
    check_long_token(&SacreBleu::default(), 100.0);
    check_long_token(&Chrf::default(), 100.0);
    check_long_token(&RougeL, 1.0);
    check_long_token(&Cider::d(), 10.0);
}

#[test]
fn a_token_of_a_megabyte_is_a_token_to_what_is_no_metric() {
    let token = "y".repeat(MEGABYTE);
    let (hyp, refs) = (format!("a {token}"), [&token]);
    assert_eq!(Ter::default().sentence(&hyp, &refs).unwrap().edits, 1);
    let rouge = RougeScorer { stemming: true }.segment(&hyp, &refs).unwrap();
    assert!((rouge.rouge_l.recall - 1.0).abs() < 1e-12);
    let method = NltkMethod::numbered(1).unwrap();
    let nltk = NltkBleu::new(&[1.0], method).unwrap();
    assert!((nltk.sentence(&hyp, &refs).unwrap() - 0.5).abs() < 1e-12);
    assert_eq!(Diversity::of(&[&hyp]).n_words, 2);
}

#[test]
fn a_token_of_a_megabyte_is_a_token_to_tokenizers_of_english() {
    let text = format!("a {}", "y".repeat(MEGABYTE));
    assert_eq!(ptb_words(&text), text);
    assert_eq!(nltk_words(&text), text);
}

#[test]
fn a_token_of_a_megabyte_is_a_token_to_tokenizers_of_sacrebleu() {
    let text = format!("a {}", "y".repeat(MEGABYTE));
    for tokenizer in [
        Tokenizer::V13a,
        Tokenizer::Intl,
        Tokenizer::Zh,
        Tokenizer::None,
    ] {
        assert_eq!(tokenizer.tokenize(&text), text, "{tokenizer:?}");
    }
}

#[test]
fn many_marks_are_read_in_time() {
    let marks = [
        "& ",
        "&",
        "<!-",
        "<a ",
        "<a b=\"",
        "(",
        "(55) ",
        "a;",
        "a/",
        "a,",
        ".",
        ":",
        "'",
        "'n ",
        "www.",
        "http://",
        "a@",
        "1 ",
        "<skipped>",
        "&quot;",
        "\u{300}",
        " ",
        "\n",
    ];
    for mark in marks {
        let text = mark.repeat(5_000 / mark.len());
        ptb_words(&text);
        nltk_words(&text);
        treebank_words(&text);
        for tokenizer in [
            Tokenizer::V13a,
            Tokenizer::Intl,
            Tokenizer::Char,
            Tokenizer::Zh,
        ] {
            tokenizer.tokenize(&text);
        }
    }
}
