//! Properties that hold for every corpus.

use bleu::{Accumulator, Bleu, BleuStats, Bootstrap, Counter, Error, Smoothing};
use bleu::{cider_d, ptb_words, python_words, rouge_l};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

const METRICS: fn() -> [Bleu; 7] = || {
    [
        Bleu::coco(),
        Bleu::lemur(),
        Bleu::nltk(Smoothing::Method0),
        Bleu::nltk(Smoothing::Method1),
        Bleu::nltk(Smoothing::Method2),
        Bleu::nltk(Smoothing::Method3),
        Bleu::nltk(Smoothing::Method4),
    ]
};

type Ids = Vec<u32>;
type Segment = (Ids, Vec<Ids>);

/// Few distinct ids, so that n-grams repeat and match; none is LEMUR's padding.
fn ids() -> impl Strategy<Value = Ids> {
    vec(1_u32..6, 0..12)
}

fn segment() -> impl Strategy<Value = Segment> {
    (ids(), vec(ids(), 1..4))
}

fn corpus() -> impl Strategy<Value = Vec<Segment>> {
    vec(segment(), 1..8)
}

fn accumulate(metric: Bleu, corpus: &[Segment]) -> Accumulator {
    let mut accumulator = metric.accumulator();
    for (hyp, refs) in corpus {
        accumulator
            .push_ids(hyp, refs)
            .expect("every segment has references");
    }
    accumulator
}

fn text(ids: &[u32]) -> String {
    let words: Vec<String> = ids.iter().map(|id| format!("wörd{id}")).collect();
    words.join(" ")
}

/// Clipped matches straight from the definition: a map of n-grams for each text.
fn naive(hyp: &[u32], refs: &[Ids]) -> BleuStats {
    let mut stats = BleuStats {
        hyp_len: hyp.len() as u64,
        ..BleuStats::default()
    };
    let closest = refs
        .iter()
        .map(|ids| (ids.len().abs_diff(hyp.len()), ids.len()))
        .min();
    stats.ref_len = closest.expect("a reference").1 as u64;
    for order in 1..=4 {
        let refs: Vec<_> = refs.iter().map(|ids| ngrams(ids, order)).collect();
        let most = |ngram: &[u32]| {
            refs.iter()
                .filter_map(|counts| counts.get(ngram).copied())
                .max()
        };
        for (ngram, count) in ngrams(hyp, order) {
            stats.matches[order - 1] += count.min(most(ngram).unwrap_or(0));
        }
        stats.totals[order - 1] = (hyp.len() + 1).saturating_sub(order) as u64;
        stats.unfilled[order - 1] = u64::from(hyp.len() < order);
    }
    stats
}

fn ngrams(ids: &[u32], order: usize) -> BTreeMap<&[u32], u64> {
    let mut counts = BTreeMap::new();
    for ngram in ids.windows(order) {
        *counts.entry(ngram).or_default() += 1;
    }
    counts
}

/// The longest common subsequence, one cell of the table after the other.
fn naive_lcs(first: &[u32], second: &[u32]) -> u32 {
    let mut above = vec![0; second.len() + 1];
    for a in first {
        let mut row = vec![0];
        for (idx, b) in second.iter().enumerate() {
            let cell = if a == b {
                above[idx] + 1
            } else {
                row[idx].max(above[idx + 1])
            };
            row.push(cell);
        }
        above = row;
    }
    above[second.len()]
}

/// ROUGE-L of one pair of texts that are not empty.
fn naive_rouge(hyp: &[u32], reference: &[u32]) -> f64 {
    let common = f64::from(naive_lcs(hyp, reference));
    let (precision, recall) = (common / hyp.len() as f64, common / reference.len() as f64);
    if common == 0.0 {
        0.0
    } else {
        2.44 * precision * recall / (recall + 1.44 * precision)
    }
}

proptest! {
    #[test]
    fn counts_are_those_of_the_definition(corpus in corpus()) {
        let mut counter = Counter::new();
        for (hyp, refs) in &corpus {
            prop_assert_eq!(counter.ids(hyp, refs).unwrap(), naive(hyp, refs));
        }
    }

    #[test]
    fn ids_and_words_agree(corpus in corpus()) {
        let mut counter = Counter::<4>::new();
        for (hyp, refs) in &corpus {
            let texts: Vec<String> = refs.iter().map(|ids| text(ids)).collect();
            let signed: Vec<Vec<i64>> = refs.iter().map(|ids| ids.iter().map(|&id| id.into()).collect()).collect();
            let hyp64: Vec<i64> = hyp.iter().map(|&id| id.into()).collect();
            let counted = counter.ids(hyp, refs);
            prop_assert_eq!(counted, counter.words(&text(hyp), &texts));
            prop_assert_eq!(counted, counter.ids(&hyp64, &signed));
        }
    }

    #[test]
    fn the_order_of_segments_changes_no_sum(corpus in corpus()) {
        let mut reversed = corpus.clone();
        reversed.reverse();
        for metric in [Bleu::coco(), Bleu::nltk(Smoothing::Method1)] {
            prop_assert_eq!(accumulate(metric, &corpus).score(), accumulate(metric, &reversed).score());
        }
    }

    #[test]
    fn the_order_of_references_changes_nothing(corpus in corpus()) {
        let reversed: Vec<Segment> =
            corpus.iter().map(|(hyp, refs)| (hyp.clone(), refs.iter().rev().cloned().collect())).collect();
        for metric in METRICS() {
            let [counted, reversed] = [&corpus, &reversed].map(|corpus| accumulate(metric, corpus));
            prop_assert_eq!(counted.segments(), reversed.segments());
        }
    }

    #[test]
    fn a_corpus_scores_one_against_itself(hyps in vec(vec(1_u32..6, 4..12), 1..8)) {
        let corpus: Vec<Segment> = hyps.iter().map(|hyp| (hyp.clone(), vec![vec![], hyp.clone()])).collect();
        for metric in METRICS() {
            let score = accumulate(metric, &corpus).score().unwrap();
            // LEMUR's BLEU-3 weights are .33 and 1^.33 is 1 all the same; coco is short of 1 by its constants.
            prop_assert!(score.bleu.iter().all(|bleu| (1.0 - bleu).abs() < 1e-8), "{score:?}");
        }
    }

    #[test]
    fn parts_merge_to_the_whole(corpus in corpus(), cut in 0_usize..8) {
        let (front, back) = corpus.split_at(cut.min(corpus.len()));
        for metric in METRICS() {
            let mut merged = accumulate(metric, front);
            merged.merge(accumulate(metric, back)).unwrap();
            prop_assert_eq!(merged.score(), accumulate(metric, &corpus).score());
        }
    }

    #[test]
    fn every_score_and_bound_is_a_share(corpus in corpus(), seed: u64, n_resamples in 1_usize..20) {
        let bootstrap = Bootstrap { n_resamples, seed, ..Bootstrap::default() };
        for metric in METRICS() {
            let accumulator = accumulate(metric, &corpus);
            let Ok(intervals) = accumulator.intervals(&bootstrap) else {
                prop_assert_eq!(accumulator.score(), Err(Error::EmptyCorpus));
                continue;
            };
            for interval in intervals {
                prop_assert!(0.0 <= interval.low && interval.low <= interval.high, "{interval:?}");
                prop_assert!((0.0..=1.0 + 1e-12).contains(&interval.high), "{interval:?}");
                prop_assert!((0.0..=1.0 + 1e-12).contains(&interval.score), "{interval:?}");
            }
        }
    }

    #[test]
    fn no_counts_make_a_score_nan(lens: [u64; 2], matches: [u64; 4], totals: [u64; 4], unfilled: [u64; 4]) {
        let stats = BleuStats { hyp_len: lens[0], ref_len: lens[1], matches, totals, unfilled };
        for metric in METRICS() {
            prop_assert!(metric.segment(&(stats + stats)).iter().all(|bleu| !bleu.is_nan()));
        }
    }

    #[test]
    fn rouge_l_is_that_of_the_longest_common_subsequence(hyp in vec(1_u32..6, 1..150), reference in vec(1_u32..6, 1..150)) {
        let scores = rouge_l(&[text(&hyp)], &[[text(&reference)]]).unwrap();
        prop_assert!((scores.mean() - naive_rouge(&hyp, &reference)).abs() < 1e-12);
    }

    #[test]
    fn cider_d_knows_no_order_and_no_score_above_ten(corpus in vec(segment(), 2..8)) {
        let (hyps, refs): (Vec<String>, Vec<Vec<String>>) =
            corpus.iter().map(|(hyp, refs)| (text(hyp), refs.iter().map(|ids| text(ids)).collect())).unzip();
        let reversed = |texts: &[String]| texts.iter().rev().cloned().collect::<Vec<_>>();
        let reversed_refs: Vec<Vec<String>> = refs.iter().rev().map(|texts| reversed(texts)).collect();
        match (cider_d(&hyps, &refs), cider_d(&reversed(&hyps), &reversed_refs)) {
            (Ok(scores), Ok(reversed)) => {
                for (score, reversed) in scores.as_slice().iter().zip(reversed.as_slice().iter().rev()) {
                    prop_assert!((score - reversed).abs() < 1e-12);
                    prop_assert!((0.0..10.0 + 1e-12).contains(score), "{score}");
                }
            }
            (scores, reversed) => prop_assert_eq!(scores, reversed),
        }
    }

    #[test]
    fn words_are_those_between_white_space(text in "[a-c é\u{a0}\u{2003}\u{1c}\u{1f}\t\n\u{200b}🚲]{0,40}") {
        let python = |char: char| char.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&char);
        let expected: Vec<&str> = text.split(python).filter(|word| !word.is_empty()).collect();
        prop_assert_eq!(python_words(&text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_caption_becomes_words_with_single_spaces(caption in "(?s).*|[a-c1-3é'’.,:;!?()&@#<>/ \n-]{0,30}") {
        let words = ptb_words(&caption);
        prop_assert!(words.is_empty() || words.split(' ').all(|word| !word.is_empty()), "{words:?}");
        prop_assert!(!words.contains(['\n', '\r']), "{words:?}");
        prop_assert_eq!(ptb_words(&format!("  {caption}\n")), words);
    }

    #[test]
    fn any_text_is_counted(hyp: String, refs in vec(any::<String>(), 1..3)) {
        let stats = Counter::new().words(&hyp, &refs).unwrap();
        prop_assert_eq!(stats.hyp_len, python_words(&hyp).count() as u64);
    }
}

#[test]
fn a_long_hypothesis_is_counted_as_a_short_one() {
    let hyp: Vec<u32> = (0..900).map(|position| position * position % 211).collect();
    let refs = vec![hyp.iter().rev().copied().collect(), hyp[100..800].to_vec()];
    assert_eq!(Counter::new().ids(&hyp, &refs).unwrap(), naive(&hyp, &refs));
}
