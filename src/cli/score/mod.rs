//! `score`: the scores of captions in files, or two systems compared.
mod corpus;
mod measure;
mod read;
mod show;

use std::path::PathBuf;

use anyhow::anyhow;
use clap::ValueEnum;
use nn_caption::bleu::{self, Bootstrap, Randomization, Tokenizer};

use self::corpus::Corpus;
use self::measure::Name;
use super::exit::{Answer, Exit, Failure};
use super::input::parse_count;
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption score --hyps results.json --refs captions_val2017.json
  nn-caption score --hyps out.txt --refs a.txt --refs b.txt     line by line, one file for each reference
  nn-caption score --hyps out.txt --refs refs.tsv               references of a line with tabs between them
  nn-caption score --hyps out.jsonl --refs refs.jsonl           {\"image_id\": 1, \"caption\": ..}, {.., \"references\": [..]}
  nn-caption score --hyps old.json --hyps new.json --refs captions.json       is the difference more than chance?
  nn-caption score --hyps out.txt --refs ref.txt --metrics sacrebleu,chrf,chrf++

Metrics:
  bleu       BLEU-1 to BLEU-4 of coco-caption, 0 to 1        rouge-l    ROUGE-L of coco-caption, 0 to 1
  cider-d    CIDEr-D, coco-caption's `CIDEr`, 0 to 10        cider      CIDEr without clipping, 0 to 10
  lemur      mean sentence BLEU as LEMUR computes it         sacrebleu  BLEU of sacrebleu 2.6, 0 to 100
  chrf       chrF2, 0 to 100                                 chrf++     chrF2++, 0 to 100
  ter        edits to a reference in % of its words: lower is better

Without --tokenize, each metric reads texts as its reference implementation does: the first five as Penn Treebank words,
sacrebleu by 13a, chrF as characters. The signature under a score says all that it depends on. Intervals hold 95 % of
bootstrap resamples. Files are told apart by what is in them; images without a caption are left out.";

/// How texts become words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Words {
    /// Penn Treebank words without punctuation, as coco-caption makes them
    Ptb,
    /// Words of mteval-v13a.pl
    #[value(name = "13a")]
    V13a,
    /// Words of mteval-v14.pl
    Intl,
    /// Characters
    Char,
    /// Chinese characters, and the rest by 13a
    Zh,
    /// What stands between white space
    None,
}

/// How two systems are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Test {
    /// Paired bootstrap resampling
    Bootstrap,
    /// Paired approximate randomization
    Randomization,
}

/// Score captions against references, or compare two systems
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Captions to score; given twice, the second system is compared with the first
    #[arg(long, required = true, value_name = "FILE")]
    hyps: Vec<PathBuf>,
    /// Their references; several files of lines are one reference each
    #[arg(long, required = true, value_name = "FILE")]
    refs: Vec<PathBuf>,
    /// What to compute, with commas between
    #[arg(
        long,
        value_delimiter = ',',
        default_values = ["bleu", "rouge-l", "cider-d"],
        value_name = "METRIC"
    )]
    metrics: Vec<Name>,
    /// How texts become words, for every metric of words
    #[arg(long, value_name = "HOW")]
    tokenize: Option<Words>,
    /// Resamples of each interval
    #[arg(long, default_value_t = Bootstrap::default().n_resamples, value_parser = parse_count, value_name = "N")]
    resamples: usize,
    /// Which test compares two systems
    #[arg(long, default_value = "bootstrap", value_name = "TEST")]
    test: Test,
    /// Trials of the randomization test
    #[arg(long, default_value_t = Randomization::default().n_trials, value_parser = parse_count, value_name = "N")]
    trials: usize,
    /// The same seed draws the same resamples
    #[arg(long, default_value_t = Bootstrap::default().seed)]
    seed: u64,
}

/// How scores are computed.
#[derive(Clone, Copy, Debug)]
struct Settings {
    words: Option<Words>,
    bootstrap: Bootstrap,
    test: Test,
    randomization: Randomization,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        if self.hyps.len() > 2 {
            let n_systems = self.hyps.len();
            return Err(Failure::usage(anyhow!(
                "{n_systems} systems; give --hyps once to score one, or twice to compare two"
            )));
        }
        let corpus = Corpus::read(&self.hyps, &self.refs).map_err(Failure::usage)?;
        for note in &corpus.notes {
            terminal.say(&format!("note: {note}"));
        }
        let seed = self.seed;
        let settings = Settings {
            words: self.tokenize,
            bootstrap: Bootstrap {
                n_resamples: self.resamples,
                seed,
                ..Bootstrap::default()
            },
            test: self.test,
            randomization: Randomization {
                n_trials: self.trials,
                seed,
            },
        };
        let mut measured = Vec::new();
        for name in self.metrics {
            terminal.progress(&format!("{}: {} segments", name.text(), corpus.refs.len()));
            let scores = measure::measure(name, &corpus, &settings);
            measured.push(scores.map_err(|error| Failure::usage(advice(name, &error)))?);
        }
        if terminal.json {
            terminal.answer_json(&show::json(&corpus, &measured));
        } else {
            terminal.answer(&show::table(&corpus, &measured, &settings));
        }
        Ok(Exit::Done)
    }
}

/// An error with what to do about it.
fn advice(name: Name, error: &bleu::Error) -> anyhow::Error {
    let name = name.text();
    match error {
        bleu::Error::NoFrequencies { .. } => anyhow!(
            "{name}: {error}; score at least two images, or leave it out: --metrics bleu,rouge-l"
        ),
        bleu::Error::NoReferences { segment } => anyhow!(
            "{name}: caption {} has no reference; give it one, or take the caption out",
            segment + 1
        ),
        _ => anyhow!("{name}: {error}"),
    }
}

impl Words {
    /// The tokenizer that sacrebleu knows by this name; `None` for coco-caption's.
    fn tokenizer(self) -> Option<Tokenizer> {
        match self {
            Self::Ptb => None,
            Self::V13a => Some(Tokenizer::V13a),
            Self::Intl => Some(Tokenizer::Intl),
            Self::Char => Some(Tokenizer::Char),
            Self::Zh => Some(Tokenizer::Zh),
            Self::None => Some(Tokenizer::None),
        }
    }

    fn of(self, text: &str) -> String {
        match self.tokenizer() {
            None => bleu::ptb_words(text),
            Some(tokenizer) => tokenizer.tokenize(text),
        }
    }

    fn name(self) -> &'static str {
        self.tokenizer().map_or("ptb", Tokenizer::name)
    }
}
