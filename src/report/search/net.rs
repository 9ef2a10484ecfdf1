//! One trial on the page: its facts, its net as a picture, its captions, its sources, its history.
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use caption_models::data::{DataSet, Split};
use caption_models::evaluate::{CaptionedImage, ProtocolScores};
use codegen::Program;

use super::diagram::diagram;
use super::exchanges;
use super::facts::list;
use super::folded::{details, folded, folded_diff};
use super::leaderboard::info;
use super::numbers::{duration, one_line, short, short_name};
use super::{Ending, Row};
use crate::report::Verdict;
use crate::report::escape::Escaped;
use crate::report::pictures::cards;
use crate::run::{RunFolder, RunInfo};
use crate::store::{Form, NetFacts, TrialRecord};

/// Pictures shown with a net's captions.
const MAX_PICTURES: usize = 6;
/// Bytes of a file of a run folder that are read.
const MAX_FILE: u64 = 64 * 1024 * 1024;

/// Data sets that are open already, by name; `None` for one that cannot be opened.
pub(super) type Sets = BTreeMap<String, Option<Arc<dyn DataSet>>>;

/// The section of a trial, folded. `row` is its place on the leaderboard.
pub(super) fn section(
    trial: &TrialRecord,
    row: Option<&Row>,
    dir: &Path,
    sets: &mut Sets,
) -> String {
    let body = [
        facts(trial, row),
        trial
            .folder
            .as_deref()
            .map(|folder| run(&dir.join(folder), sets))
            .unwrap_or_default(),
        format!(
            "<h4>Requests and replies</h4>\n{}",
            exchanges::history(&trial.exchanges)
        ),
    ];
    let name = trial.net.as_ref().map(|net| short_name(&net.name));
    let (class, end) = match row {
        Some(row) => (
            if row.verdict.is_clear() {
                "good"
            } else {
                "plain"
            },
            format!(
                "BLEU-4 {:.3} [{:.3}, {:.3}], {} parameters, {} epochs",
                row.score.score,
                row.score.low,
                row.score.high,
                short(row.n_params),
                row.epochs
            ),
        ),
        None => ("bad", Ending::of(trial).to_string()),
    };
    format!(
        "<details class=\"net\" id=\"trial-{0}\"><summary><strong>#{0}</strong> {1} <span class=\"{class}\">{2}</span>\
         </summary>\n<div class=\"inside\">\n{3}</div>\n</details>\n",
        trial.number,
        Escaped(name.as_deref().unwrap_or("no net")),
        Escaped(&end),
        body.concat()
    )
}

/// What was asked for, and what came of it.
fn facts(trial: &TrialRecord, row: Option<&Row>) -> String {
    let brief = &trial.brief;
    let form = match brief.form {
        Form::Python => "PyTorch",
        Form::Spec => "data",
    };
    let parents: Vec<String> = brief.parents.iter().map(|n| format!("#{n}")).collect();
    let mut rows = vec![
        (
            "asked for",
            format!("from {} as {form}", one_line(&brief.anchor, 80)),
        ),
        ("snippets", one_line(&brief.snippets.join(", "), 400)),
        ("shown with scores", parents.join(", ")),
    ];
    if let Some(decoder) = &brief.decoder {
        rows.push(("decoder asked for", one_line(decoder, 40)));
    }
    if let Some(net) = &trial.net {
        rows.extend(net_facts(net));
    }
    if let Some(other) = trial.duplicate_of {
        rows.push(("same net as", format!("#{other}")));
    }
    rows.push((
        "end",
        format!("{}: {}", Ending::of(trial), one_line(&trial.message, 600)),
    ));
    if let Some(best) = trial.best() {
        let scores = &best.scores.validation;
        for (name, scores) in [
            ("protocol coco", &scores.coco),
            ("protocol lemur", &scores.lemur),
        ] {
            rows.push((name, one_line(&Verdict::of(scores).to_string(), 300)));
            rows.push(("", baselines(scores)));
        }
        rows.push(("training", trained(trial, row)));
    }
    list(rows.iter().map(|(name, text)| (*name, text.as_str())))
}

fn net_facts(net: &NetFacts) -> [(&'static str, String); 3] {
    let blocks = match net.blocks.join(", ") {
        blocks if blocks.is_empty() => "no gates".to_owned(),
        blocks => blocks,
    };
    let families = format!("{} encoder, {} decoder, {blocks}", net.encoder, net.decoder);
    let size = format!(
        "{} parameters, {} FLOPs a picture, {} bytes kept in training",
        short(net.n_params),
        short(net.flops),
        short(net.activation_bytes)
    );
    [
        ("net", one_line(&net.name, 120)),
        ("families", one_line(&families, 200)),
        ("size", size),
    ]
}

fn baselines(scores: &ProtocolScores) -> String {
    let bleu4 = |measured: &caption_models::evaluate::Measured| {
        let [.., bleu4] = measured.bleu;
        format!("{:.3}", bleu4.score)
    };
    let human = scores.human.as_ref().map_or_else(|| "-".to_owned(), bleu4);
    let constant = scores.constant.as_ref().map(|best| &best.caption);
    format!(
        "shuffled {}, human {human}; {} pictures, {}; constant \u{201c}{}\u{201d}",
        bleu4(&scores.shuffled),
        scores.net.images,
        one_line(&scores.decoding, 80),
        one_line(constant.map_or("-", String::as_str), 200)
    )
}

fn trained(trial: &TrialRecord, row: Option<&Row>) -> String {
    let rungs = trial.rungs.iter().map(|rung| {
        format!(
            "{:.3} after {} epochs ({})",
            rung.score,
            rung.epochs,
            duration(rung.seconds)
        )
    });
    let rungs: Vec<String> = rungs.collect();
    let pretrained = if row.is_some_and(|row| row.pretrained) {
        "pretrained encoder"
    } else {
        "not pretrained"
    };
    let latency = row.and_then(|row| row.latency_ms);
    let latency = latency.map_or_else(String::new, |ms| format!(", {ms:.1} ms a picture"));
    format!("{}; {pretrained}{latency}", rungs.join(", "))
}

/// What the run folder holds; a folder that is gone has nothing.
fn run(path: &Path, sets: &mut Sets) -> String {
    let Ok(folder) = RunFolder::open_begun(path) else {
        return "<p class=\"quiet\">Its run folder is gone.</p>\n".to_owned();
    };
    let info = info(path);
    let mut html = String::new();
    if let Some(program) = read(&folder.program())
        && let Ok(program) = serde_json::from_str::<Program>(&program)
    {
        let batch = info.as_ref().map_or(16, |info| info.batch);
        html.push_str(&diagram(&program, batch));
    }
    if let Some(info) = &info {
        html.push_str(&captions(&folder, info, sets));
    }
    html.push_str("<h4>Sources</h4>\n");
    let files = [
        ("Rust: the module that was trained", folder.net()),
        ("PyTorch: as it was read from the reply", folder.python()),
    ];
    for (title, path) in files {
        if let Some(text) = read(&path) {
            html.push_str(&folded(title, &text));
        }
    }
    if let Some(diff) = read(&folder.repairs()) {
        html.push_str(&folded_diff("What repairs changed", &diff));
    }
    html
}

/// The first captions, on their pictures where those can be had.
fn captions(folder: &RunFolder, info: &RunInfo, sets: &mut Sets) -> String {
    let Some(all) = read(&folder.captions()) else {
        return String::new();
    };
    let all: Vec<CaptionedImage> = serde_json::from_str(&all).unwrap_or_default();
    let of_split = all.iter().filter(|image| image.split == Split::Validation);
    let shown: Vec<&CaptionedImage> = of_split.take(MAX_PICTURES).collect();
    if shown.is_empty() {
        return String::new();
    }
    let set = sets
        .entry(info.data.to_string())
        .or_insert_with(|| info.data.open(Split::Validation).ok());
    let pictures = set
        .as_ref()
        .and_then(|set| cards(set.as_ref(), &shown).ok());
    let body = match pictures {
        Some(cards) => format!("<ul class=\"pictures\">\n{cards}</ul>\n"),
        None => without_pictures(&shown),
    };
    let note = format!("the first {} validation pictures", shown.len());
    details("Captions on pictures", &note, &body).replacen("<details>", "<details open>", 1)
}

fn without_pictures(shown: &[&CaptionedImage]) -> String {
    let items = shown.iter().map(|image| {
        format!(
            "<li><span class=\"quiet\">{}</span> {}</li>\n",
            Escaped(&one_line(&image.image, 200)),
            Escaped(&one_line(&image.caption, 400))
        )
    });
    format!(
        "<p class=\"quiet\">The pictures cannot be read here.</p><ul>{}</ul>\n",
        items.collect::<String>()
    )
}

/// A file as text, unless it is gone or too large.
fn read(path: &Path) -> Option<String> {
    let file = fs::File::open(path).ok()?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).ok()?;
    let is_whole = u64::try_from(bytes.len()).is_ok_and(|length| length <= MAX_FILE);
    is_whole.then(|| String::from_utf8_lossy(&bytes).into_owned())
}
