//! Our side of `benches/metrics/compare.py`.
//!
//! The first line of stdin names a corpus: a hypothesis and its references a line, with tabs between them. After that,
//! for every line, a case's name and a number of runs, the CPU seconds of each run and the score on stdout; for an
//! empty line, the names of all cases.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::io::{self, BufRead, Write};
use std::time::Instant;

use bleu::{
    Bleu, Bootstrap, Chrf, Metric, SacreBleu, Smoothing, Tokenizer, cider_d, python_words, rouge_l,
};

type Run = fn(&Corpus) -> Result<f64, bleu::Error>;

const CASES: &[(&str, Run)] = &[
    ("bleu-text", |corpus| bleu4(Bleu::coco(), corpus)),
    ("bleu-ids", |corpus| {
        let bleu = Bleu::coco().ids(&corpus.hyp_ids, &corpus.ref_ids)?;
        Ok(bleu.bleu[3])
    }),
    ("bleu-nltk", |corpus| {
        bleu4(Bleu::nltk(Smoothing::Method1), corpus)
    }),
    ("cider-d", |corpus| {
        Ok(cider_d(&corpus.hyps, &corpus.refs)?.mean())
    }),
    ("rouge-l", |corpus| {
        Ok(rouge_l(&corpus.hyps, &corpus.refs)?.mean())
    }),
    ("bleu-13a", |corpus| {
        let bleu = SacreBleu::default().corpus(&corpus.hyps, &corpus.refs)?;
        Ok(bleu.score)
    }),
    ("chrf", |corpus| {
        let (hyps, refs) = corpus.few();
        Ok(Chrf::default().corpus(hyps, refs)?.score)
    }),
    ("bootstrap", |corpus| {
        let (hyps, refs) = corpus.few();
        let metric = SacreBleu {
            tokenizer: Tokenizer::None,
            ..SacreBleu::default()
        };
        let segments = metric.segments::<4, _, _, _>(hyps, refs)?;
        let [bleu] = Bootstrap::default().intervals(&segments, |total| metric.scores(total))?;
        Ok(bleu.mean - (bleu.high - bleu.low) / 2.0)
    }),
    ("split", |corpus| {
        let texts = corpus.hyps.iter().chain(corpus.refs.iter().flatten());
        let words = texts.flat_map(|text| text.split_ascii_whitespace());
        Ok(words.map(black_box).count() as f64)
    }),
];

/// Segments of a case whose peer is slow.
const N_FEW: usize = 4000;

struct Corpus {
    hyps: Vec<String>,
    refs: Vec<Vec<String>>,
    hyp_ids: Vec<Vec<u32>>,
    ref_ids: Vec<Vec<Vec<u32>>>,
}

impl Corpus {
    fn read(path: &str) -> Result<Self, Box<dyn Error>> {
        let text = fs::read_to_string(path)?;
        let mut hyps = Vec::new();
        let mut refs: Vec<Vec<String>> = Vec::new();
        for line in text.lines() {
            let mut texts = line.split('\t').map(str::to_owned);
            hyps.extend(texts.next());
            refs.push(texts.collect());
        }
        let mut vocabulary = HashMap::new();
        let mut ids = |text: &String| -> Vec<u32> { numbers(text, &mut vocabulary) };
        let hyp_ids = hyps.iter().map(&mut ids).collect();
        let ref_ids = refs
            .iter()
            .map(|refs| refs.iter().map(&mut ids).collect())
            .collect();
        Ok(Self {
            hyps,
            refs,
            hyp_ids,
            ref_ids,
        })
    }

    /// The first segments.
    fn few(&self) -> (&[String], &[Vec<String>]) {
        let n_segments = N_FEW.min(self.hyps.len());
        (&self.hyps[..n_segments], &self.refs[..n_segments])
    }
}

fn numbers(text: &str, vocabulary: &mut HashMap<String, u32>) -> Vec<u32> {
    let number = |word: &str| {
        let fresh = u32::try_from(vocabulary.len()).unwrap_or(u32::MAX);
        *vocabulary.entry(word.to_owned()).or_insert(fresh)
    };
    python_words(text).map(number).collect()
}

fn bleu4(metric: Bleu, corpus: &Corpus) -> Result<f64, bleu::Error> {
    Ok(metric.words(&corpus.hyps, &corpus.refs)?.bleu[3])
}

/// Seconds on a processor, where Linux tells; of the clock elsewhere.
fn cpu_seconds(start: Instant) -> f64 {
    let schedule = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = schedule.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |count| count / 1e9)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut lines = io::stdin().lock().lines();
    let Some(path) = lines.next().transpose()?.filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let corpus = Corpus::read(&path)?;
    let mut out = io::stdout();
    let start = Instant::now();
    for line in lines {
        let line = line?;
        let mut words = line.split_whitespace();
        let name = words.next().unwrap_or_default();
        let n_runs: usize = words.next().map_or(Ok(1), str::parse)?;
        if let Some((_, run)) = CASES.iter().find(|(case, _)| *case == name) {
            let mut score = f64::NAN;
            for _ in 0..n_runs {
                let before = cpu_seconds(start);
                score = black_box(run(&corpus)?);
                write!(out, "{} ", cpu_seconds(start) - before)?;
            }
            writeln!(out, "{score}")?;
        } else {
            let names: Vec<&str> = CASES.iter().map(|(name, _)| *name).collect();
            writeln!(out, "{}", names.join(" "))?;
        }
        out.flush()?;
    }
    Ok(())
}
