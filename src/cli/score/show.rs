//! Scores as a table, and as JSON.
use std::fmt::Write;

use nn_caption::bleu::{Diversity, References};
use serde_json::{Value, json};

use super::corpus::Corpus;
use super::measure::{Measured, Score};
use super::{Settings, Test};

/// What people read.
pub(super) fn table(corpus: &Corpus, measured: &[Measured], settings: &Settings) -> String {
    let references = match References::of(&corpus.refs) {
        References::Same(1) => "1 reference each".to_owned(),
        References::Same(count) => format!("{count} references each"),
        References::Varying => "references in varying numbers".to_owned(),
    };
    let mut text = format!("{} segments, {references}\n\n", corpus.refs.len());
    let compared = corpus.systems.len() > 1;
    for (file, hyps) in corpus.files.iter().zip(&corpus.systems) {
        let _ = writeln!(text, "{file}: {}", Diversity::of(hyps));
    }
    text.push('\n');
    text.push_str(if compared {
        "metric           first   [95 % interval]    second   [95 % interval]      change  p\n"
    } else {
        "metric           score   [95 % interval]\n"
    });
    for score in measured.iter().flat_map(|measured| &measured.scores) {
        line(&mut text, score);
    }
    text.push('\n');
    for metric in measured {
        let labels: Vec<&str> = metric
            .scores
            .iter()
            .map(|score| score.name.as_str())
            .collect();
        let _ = writeln!(text, "{:12}  {}", family(&labels), metric.signature);
    }
    let bootstrap = settings.bootstrap;
    let _ = writeln!(
        text,
        "interval      bs:{}|seed:{}",
        bootstrap.n_resamples, bootstrap.seed
    );
    if compared {
        let how = match settings.test {
            Test::Bootstrap => format!("paired bootstrap, bs:{}", bootstrap.n_resamples),
            Test::Randomization => {
                format!(
                    "paired approximate randomization, ar:{}",
                    settings.randomization.n_trials
                )
            }
        };
        let _ = writeln!(
            text,
            "p             {how}|seed:{}; below 0.05 is called significant",
            bootstrap.seed
        );
    }
    text
}

/// `BLEU` for `BLEU-1` to `BLEU-4`.
fn family<'a>(names: &[&'a str]) -> &'a str {
    match names {
        [name] => name,
        [first, ..] => first.trim_end_matches("-1"),
        [] => "",
    }
}

fn line(text: &mut String, score: &Score) {
    let _ = write!(text, "{:12}", score.name);
    for interval in &score.intervals {
        let _ = write!(
            text,
            "  {:>8.4}  [{:.4}, {:.4}]",
            interval.score, interval.low, interval.high
        );
    }
    if let Some(difference) = &score.difference {
        let change = difference.system - difference.baseline;
        let _ = write!(text, "  {change:>+8.4}  {:.4}", difference.p_value);
    }
    text.push('\n');
}

/// What machines read.
pub(super) fn json(corpus: &Corpus, measured: &[Measured]) -> Value {
    let system = |idx: usize| {
        let scores = measured.iter().flat_map(|measured| {
            let score = |score: &Score| {
                let interval = score.intervals[idx];
                json!({
                    "name": score.name,
                    "score": interval.score,
                    "low": interval.low,
                    "high": interval.high,
                    "signature": measured.signature,
                })
            };
            measured.scores.iter().map(score)
        });
        json!({
            "file": corpus.files[idx],
            "scores": scores.collect::<Vec<_>>(),
            "diversity": Diversity::of(&corpus.systems[idx]),
        })
    };
    let systems: Vec<Value> = (0..corpus.systems.len()).map(system).collect();
    let scores = measured.iter().flat_map(|measured| &measured.scores);
    let differences = scores.filter_map(|score| {
        let difference = score.difference?;
        Some(json!({
            "name": score.name,
            "change": difference.system - difference.baseline,
            "p_value": difference.p_value,
        }))
    });
    json!({
        "segments": corpus.refs.len(),
        "references": References::of(&corpus.refs).to_string(),
        "systems": systems,
        "differences": differences.collect::<Vec<_>>(),
        "notes": corpus.notes,
    })
}
