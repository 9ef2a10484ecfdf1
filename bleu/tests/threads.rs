//! However many threads count a corpus, no score of it changes by a bit.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

use std::thread;

use bleu::{
    Accumulator, Bleu, BleuStats, Bootstrap, Chrf, Cider, Metric, RougeL, SacreBleu, Smoothing,
};
use bleu::{Counter, DocumentFrequency};

type Segment = (String, Vec<String>);

/// Captions of made-up words, longer and shorter, some of them repeated.
fn corpus() -> Vec<Segment> {
    let caption = |start: usize, n_words: usize| {
        let words = (start..start + n_words).map(|word| format!("w{}", word * word % 23));
        words.collect::<Vec<_>>().join(" ")
    };
    let segment = |idx: usize| {
        let refs = (0..=idx % 5).map(|of| caption(idx + of, 3 + (idx + of) % 9));
        (caption(idx, 2 + idx % 11), refs.collect())
    };
    (0..211).map(segment).collect()
}

/// What `count` makes of as many parts as there are threads, in the order of the parts.
fn spread<T: Send>(
    corpus: &[Segment],
    n_threads: usize,
    count: impl Fn(&[Segment]) -> T + Sync,
) -> Vec<T> {
    let count = &count;
    thread::scope(|scope| {
        let parts = corpus.chunks(corpus.len().div_ceil(n_threads));
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || count(part))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

fn sides(corpus: &[Segment]) -> (Vec<&str>, Vec<&[String]>) {
    corpus
        .iter()
        .map(|(hyp, refs)| (hyp.as_str(), refs.as_slice()))
        .unzip()
}

fn accumulate(metric: Bleu, corpus: &[Segment]) -> Accumulator {
    let mut accumulator = metric.accumulator();
    for (hyp, refs) in corpus {
        accumulator.push(hyp, refs).unwrap();
    }
    accumulator
}

const N_THREADS: [usize; 4] = [2, 3, 8, 211];

#[test]
fn merged_bleu_and_its_intervals_are_those_of_one_thread() {
    let corpus = corpus();
    let bootstrap = Bootstrap {
        n_resamples: 50,
        ..Bootstrap::default()
    };
    for metric in [Bleu::coco(), Bleu::lemur(), Bleu::nltk(Smoothing::Method4)] {
        let whole = accumulate(metric, &corpus);
        for n_threads in N_THREADS {
            let parts = spread(&corpus, n_threads, |part| accumulate(metric, part));
            let mut merged = metric.accumulator();
            for part in parts {
                merged.merge(part).unwrap();
            }
            assert_eq!(merged.score(), whole.score());
            assert_eq!(merged.intervals(&bootstrap), whole.intervals(&bootstrap));
        }
    }
}

#[test]
fn counts_add_up_in_any_order() {
    let corpus = corpus();
    let count = |part: &[Segment]| -> BleuStats {
        let mut counter = Counter::new();
        part.iter()
            .map(|(hyp, refs)| counter.words(hyp, refs).unwrap())
            .sum()
    };
    let whole = count(&corpus);
    for n_threads in N_THREADS {
        let parts = spread(&corpus, n_threads, count);
        assert_eq!(parts.iter().rev().sum::<BleuStats>(), whole);
    }
}

/// Scores of segments that threads count, in the order of the segments, against those of the whole.
fn check<const K: usize, M: Metric<K> + Sync>(metric: &M)
where
    M::Segment: Send + PartialEq + std::fmt::Debug,
{
    let corpus = corpus();
    let count = |part: &[Segment]| {
        let (hyps, refs) = sides(part);
        metric.segments(&hyps, &refs).unwrap()
    };
    let whole = count(&corpus);
    for n_threads in N_THREADS {
        assert_eq!(spread(&corpus, n_threads, count).concat(), whole);
    }
}

#[test]
fn segments_are_the_same_on_every_thread() {
    check(&SacreBleu::default());
    check(&Chrf::plus_plus());
    check(&RougeL);
}

#[test]
fn cider_d_of_given_frequencies_is_the_same_on_every_thread() {
    let corpus = corpus();
    let (hyps, refs) = sides(&corpus);
    let frequency = DocumentFrequency::of_words(&refs).unwrap();
    let score = |part: &[Segment]| {
        let (hyps, refs) = sides(part);
        let scores = Cider::d().words_given(&frequency, &hyps, &refs).unwrap();
        scores.as_slice().to_vec()
    };
    let whole = score(&corpus);
    for n_threads in N_THREADS {
        assert_eq!(spread(&corpus, n_threads, score).concat(), whole);
    }
    let corpus_scores = Cider::d().words(&hyps, &refs).unwrap();
    for (score, given) in corpus_scores.as_slice().iter().zip(&whole) {
        assert!((score - given).abs() < 1e-12);
    }
}
