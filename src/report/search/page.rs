//! `report.html`: one file that shows a whole search.
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::net::Sets;
use super::numbers::{one_line, short, short_name};
use super::{Ending, Leaderboard, Row};
use super::{curves, facts, failures, family_tree, net, pareto};
use crate::report::escape::Escaped;
use crate::report::template::fill;
use crate::store::{SearchRecord, TrialRecord};

/// Trials with a section of their own: ranked ones first, then the others in order.
const MAX_NETS: usize = 60;
/// Rows of the leaderboard.
const MAX_ROWS: usize = 200;

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = concat!(include_str!("../page.css"), include_str!("page.css"));

/// The page of the search in `dir`, complete: styles and pictures are inside, and nothing of it is a script. Run folders
/// that are gone leave their parts out.
pub fn page(search: &SearchRecord, trials: &[TrialRecord], dir: &Path) -> String {
    let board = Leaderboard::of(trials).with_folders(trials, dir);
    let curves = curves::read(&board, trials, dir);
    let title = format!("Search of {}", asked(search, "data"));
    let parts = [
        ("title", Escaped(&one_line(&title, 200)).to_string()),
        ("style", STYLE.to_owned()),
        ("summary", Escaped(&summary(search, trials)).to_string()),
        ("verdict", verdict(&board)),
        ("leaderboard", leaderboard(&board)),
        ("pareto", pareto::picture(&board)),
        ("curves", curves::pictures(&curves)),
        ("failures", failures::tables(trials)),
        ("tree", family_tree::picture(&board, trials)),
        ("facts", facts::lists(search, trials)),
        ("nets", nets(&board, trials, dir)),
    ];
    fill(TEMPLATE, &parts)
}

/// An option of the search as text.
fn asked(search: &SearchRecord, name: &str) -> String {
    match search.plan.get(name) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => "nets".to_owned(),
    }
}

fn summary(search: &SearchRecord, trials: &[TrialRecord]) -> String {
    let count = |of: fn(&TrialRecord) -> bool| trials.iter().filter(|trial| of(trial)).count();
    format!(
        "{} trials: {} nets written, {} trained, {} duplicates. Asked of {}, {} strategy, nn-caption {}.",
        trials.len(),
        count(|trial| trial.net.is_some()),
        count(|trial| trial.best().is_some()),
        count(|trial| trial.duplicate_of.is_some()),
        one_line(&asked(search, "llm"), 120),
        one_line(&asked(search, "strategy"), 40),
        one_line(&search.version, 40),
    )
}

/// The best net beside a constant caption, in one sentence.
fn verdict(board: &Leaderboard) -> String {
    let Some(best) = board.rows.first() else {
        return "<p class=\"verdict bad\">No net has a score yet.</p>\n".to_owned();
    };
    let class = if best.verdict.is_clear() {
        "good"
    } else {
        "bad"
    };
    format!(
        "<p class=\"verdict {class}\">Best of {}: <a href=\"#trial-{1}\">#{1} {2}</a>. By protocol {3}, {4}.</p>\n",
        board.rows.len(),
        best.trial,
        Escaped(&short_name(&best.name)),
        board.protocol,
        Escaped(&best.verdict.to_string())
    )
}

const COLUMNS: [&str; 15] = [
    "Rank",
    "Net",
    "BLEU-4",
    "95 % interval",
    "Constant",
    "Shuffled",
    "Human",
    "LEMUR\u{2019}s BLEU",
    "Epochs",
    "Parameters",
    "FLOPs",
    "ms a picture",
    "Pretrained",
    "Encoder",
    "Decoder",
];

fn leaderboard(board: &Leaderboard) -> String {
    if board.rows.is_empty() {
        return "<p class=\"quiet\">No net has a score yet.</p>\n".to_owned();
    }
    let equal = board.equal_epochs.filter(|epochs| *epochs < board.epochs);
    let mut head = String::new();
    for title in COLUMNS {
        let _ = write!(head, "<th scope=\"col\">{title}</th>");
    }
    if let Some(epochs) = equal {
        let _ = write!(head, "<th scope=\"col\">After {epochs}</th>");
    }
    let rows = board.rows.iter().take(MAX_ROWS);
    let rows: String = rows.map(|row| leader(row, equal.is_some())).collect();
    format!(
        "<div class=\"scroll\"><table class=\"board\"><caption>{}; in brackets the 95 % bootstrap interval. FLOPs are of one \
         picture\u{2019}s forward pass.{}</caption><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table></div>\n{}",
        Escaped(&board.explanation()),
        marks(board, equal),
        match board.rows.len().saturating_sub(MAX_ROWS) {
            0 => String::new(),
            n => format!("<p class=\"quiet\">{n} more nets are not shown.</p>\n"),
        }
    )
}

fn marks(board: &Leaderboard, equal: Option<usize>) -> String {
    let fewer = board.rows.iter().any(|row| row.fewer_epochs);
    let mut text = String::new();
    if fewer {
        let _ = write!(
            text,
            " Nets marked * had fewer than {} epochs: they stand below whatever they scored, and are not to be compared \
             with rows above.",
            board.epochs
        );
    }
    if let Some(epochs) = equal {
        let _ = write!(
            text,
            " The last column compares all of them after {epochs} epochs."
        );
    }
    text
}

fn leader(row: &Row, with_equal: bool) -> String {
    let score = |score: Option<f64>| score.map_or_else(|| "-".to_owned(), |s| format!("{s:.3}"));
    let class = if row.verdict.is_clear() {
        " class=\"net\""
    } else {
        ""
    };
    let equal = if with_equal {
        format!("<td>{}</td>", score(row.equal))
    } else {
        String::new()
    };
    format!(
        "<tr{class}><th scope=\"row\">{}</th><td><a href=\"#trial-{1}\">#{1} {2}</a></td><td>{3:.3}</td>\
         <td>[{4:.3}, {5:.3}]</td><td>{6}</td><td>{7:.3}</td><td>{8}</td><td>{9:.3}</td><td>{10}{11}</td><td>{12}</td>\
         <td>{13}</td><td>{14}</td><td>{15}</td><td>{16}</td><td>{17}</td>{equal}</tr>\n",
        row.rank,
        row.trial,
        Escaped(&short_name(&row.name)),
        row.score.score,
        row.score.low,
        row.score.high,
        score(row.constant),
        row.shuffled,
        score(row.human),
        row.lemur.score,
        row.epochs,
        if row.fewer_epochs { "*" } else { "" },
        short(row.n_params),
        short(row.flops),
        row.latency_ms
            .map_or_else(|| "-".to_owned(), |ms| format!("{ms:.1}")),
        if row.pretrained { "yes" } else { "no" },
        Escaped(&one_line(&row.encoder, 24)),
        Escaped(&one_line(&row.decoder, 24)),
    )
}

/// A section a trial: ranked ones first, then the others in order.
fn nets(board: &Leaderboard, trials: &[TrialRecord], dir: &Path) -> String {
    let by_number: BTreeMap<u64, &TrialRecord> =
        trials.iter().map(|trial| (trial.number, trial)).collect();
    let ranked = board
        .rows
        .iter()
        .filter_map(|row| Some((*by_number.get(&row.trial)?, Some(row))));
    let is_ranked = |trial: &&TrialRecord| board.rows.iter().all(|row| row.trial != trial.number);
    let others = trials.iter().filter(is_ranked).map(|trial| (trial, None));
    let all: Vec<(&TrialRecord, Option<&Row>)> = ranked.chain(others).collect();
    let mut sets = Sets::new();
    let mut html = String::new();
    for (trial, row) in all.iter().take(MAX_NETS) {
        html.push_str(&net::section(trial, *row, dir, &mut sets));
    }
    if let Some(rest) = all.get(MAX_NETS..) {
        let names: Vec<String> = rest
            .iter()
            .take(MAX_ROWS)
            .map(|(trial, _)| format!("#{} ({})", trial.number, Ending::of(trial)))
            .collect();
        if !names.is_empty() {
            let names = names.join(", ");
            let _ = writeln!(html, "<p class=\"quiet\">Without a section: {names}.</p>");
        }
    }
    html
}

/// A share as text.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// With a capital first letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
