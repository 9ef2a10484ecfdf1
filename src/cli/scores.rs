//! Scores as a table of plain text.
use std::fmt::Write;

use nn_caption::caption_models::evaluate::Scores;
use nn_caption::report::{ScoreRow, score_rows};

/// The net and its baselines in both protocols.
pub(crate) fn table(scores: &Scores) -> String {
    let rows = score_rows(scores);
    let width = rows
        .iter()
        .map(|row| row.whose.chars().count())
        .max()
        .unwrap_or(0);
    let mut text = format!(
        "{:<8}  {:<width$}  {:>8}  BLEU-1  BLEU-2  BLEU-3  BLEU-4  (95 % interval)\n",
        "protocol", "captions", "pictures"
    );
    for row in &rows {
        line(&mut text, row, width);
    }
    text
}

fn line(text: &mut String, row: &ScoreRow, width: usize) {
    let [first, second, third, fourth] = row.bleu;
    let _ = writeln!(
        text,
        "{:<8}  {:<width$}  {:>8}  {:>6.3}  {:>6.3}  {:>6.3}  {:>6.3}  [{:.3}, {:.3}]",
        row.protocol,
        row.whose,
        row.images,
        first.score,
        second.score,
        third.score,
        fourth.score,
        fourth.low,
        fourth.high,
    );
}
