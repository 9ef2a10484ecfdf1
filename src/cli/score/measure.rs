//! Metrics by their names on the command line.
use clap::ValueEnum;
use nn_caption::bleu::{
    Bleu, Chrf, Cider, Difference, Error, Interval, Metric, References, RougeL, SacreBleu, Ter,
    Tokenizer,
};

use super::corpus::Corpus;
use super::{Settings, Test, Words};

/// A metric that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Name {
    Bleu,
    RougeL,
    CiderD,
    Cider,
    Lemur,
    Sacrebleu,
    Chrf,
    #[value(name = "chrf++")]
    ChrfPlusPlus,
    Ter,
}

impl Name {
    pub(super) fn text(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// One metric of every system.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) signature: String,
    pub(super) scores: Vec<Score>,
}

/// One number of every system.
#[derive(Clone, Debug)]
pub(super) struct Score {
    pub(super) name: String,
    /// One for each system.
    pub(super) intervals: Vec<Interval>,
    /// The second system against the first.
    pub(super) difference: Option<Difference>,
}

/// Computes a metric as its reference implementation does, unless the settings ask for other words.
pub(super) fn measure(name: Name, corpus: &Corpus, settings: &Settings) -> Result<Measured, Error> {
    let words = Some(settings.words.unwrap_or(Words::Ptb));
    match name {
        Name::Bleu => scores(&Bleu::coco(), corpus, settings, words),
        Name::Lemur => scores(&Bleu::lemur(), corpus, settings, words),
        Name::RougeL => scores(&RougeL, corpus, settings, words),
        Name::CiderD => scores(&Cider::d(), corpus, settings, words),
        Name::Cider => scores(&Cider::plain(), corpus, settings, words),
        Name::Sacrebleu => sacrebleu(corpus, settings),
        Name::Chrf => scores(&Chrf::default(), corpus, settings, None),
        Name::ChrfPlusPlus => scores(&Chrf::plus_plus(), corpus, settings, None),
        Name::Ter => scores(&Ter::default(), corpus, settings, None),
    }
}

fn sacrebleu(corpus: &Corpus, settings: &Settings) -> Result<Measured, Error> {
    let with = |tokenizer| SacreBleu {
        tokenizer,
        ..SacreBleu::default()
    };
    match settings.words.unwrap_or(Words::V13a) {
        Words::Ptb => scores(&with(Tokenizer::None), corpus, settings, Some(Words::Ptb)),
        words => {
            let tokenizer = words.tokenizer().unwrap_or_default();
            scores(&with(tokenizer), corpus, settings, None)
        }
    }
}

/// Scores every system; texts become `words` first, if the metric does not see to that.
fn scores<const K: usize>(
    metric: &impl Metric<K>,
    corpus: &Corpus,
    settings: &Settings,
    words: Option<Words>,
) -> Result<Measured, Error> {
    let read = |text: &String| words.map_or_else(|| text.clone(), |words| words.of(text));
    let refs: Vec<Vec<String>> = corpus
        .refs
        .iter()
        .map(|refs| refs.iter().map(read).collect())
        .collect();
    let mut segments = Vec::new();
    for hyps in &corpus.systems {
        let hyps: Vec<String> = hyps.iter().map(read).collect();
        segments.push(metric.segments(&hyps, &refs)?);
    }
    let value = |total: &_| metric.scores(total);
    let intervals = segments
        .iter()
        .map(|segments| settings.bootstrap.intervals(segments, value))
        .collect::<Result<Vec<_>, _>>()?;
    let differences = match segments.as_slice() {
        [baseline, system] => Some(match settings.test {
            Test::Bootstrap => settings
                .bootstrap
                .compare(baseline, system, value)?
                .map(|(difference, _)| difference),
            Test::Randomization => settings.randomization.compare(baseline, system, value)?,
        }),
        _ => None,
    };
    let score = |(idx, name)| Score {
        name,
        intervals: intervals.iter().map(|intervals| intervals[idx]).collect(),
        difference: differences.map(|differences| differences[idx]),
    };
    Ok(Measured {
        signature: signature(&metric.signature(References::of(&corpus.refs)), words),
        scores: metric.names().into_iter().enumerate().map(score).collect(),
    })
}

/// With the words that were made before the metric read them.
fn signature(signature: &str, words: Option<Words>) -> String {
    match (words, signature.split_once('|')) {
        (Some(words), Some((references, rest))) => {
            let rest = rest.replace("tok:none|", "");
            format!("{references}|tok:{}|{rest}", words.name())
        }
        _ => signature.to_owned(),
    }
}
