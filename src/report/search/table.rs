//! The leaderboard as plain text.
use std::fmt;

use super::numbers::{one_line, short, short_name};
use super::{Leaderboard, Row};

/// Titles of the columns; the first ones are names, the others numbers.
const TITLES: [&str; 13] = [
    "rank",
    "trial",
    "net",
    "encoder",
    "decoder",
    "BLEU-4",
    "95 % interval",
    "constant",
    "shuffled",
    "human",
    "params",
    "FLOPs",
    "ms",
];

impl fmt::Display for Leaderboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.is_empty() {
            writeln!(f, "no net has a score yet")?;
        } else {
            self.fmt_rows(f)?;
        }
        let counts = self
            .endings
            .iter()
            .map(|(ending, n)| format!("{n} {ending}"));
        write!(f, "trials: {}", counts.collect::<Vec<_>>().join(", "))
    }
}

impl Leaderboard {
    fn fmt_rows(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut titles: Vec<String> = TITLES.iter().map(|title| (*title).to_owned()).collect();
        titles.push("epochs".to_owned());
        if let Some(epochs) = self.equal_epochs.filter(|epochs| *epochs < self.epochs) {
            titles.push(format!("after {epochs}"));
        }
        let cells = self.rows.iter().map(|row| cells(row, titles.len()));
        let lines: Vec<Vec<String>> = std::iter::once(titles.clone()).chain(cells).collect();
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..titles.len()).map(width).collect();
        writeln!(f, "{}", self.explanation())?;
        for line in &lines {
            let mut text = String::new();
            for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
                let cell = match column {
                    2..=4 => format!("{cell:<width$}  "),
                    _ => format!("{cell:>width$}  "),
                };
                text.push_str(&cell);
            }
            writeln!(f, "{}", text.trim_end())?;
        }
        self.fmt_marks(f)
    }

    /// What the numbers are.
    pub(super) fn explanation(&self) -> String {
        let mut decodings: Vec<&str> = self.rows.iter().map(|row| row.decoding.as_str()).collect();
        decodings.sort_unstable();
        decodings.dedup();
        let images = self.rows.iter().map(|row| row.images);
        let (fewest, most) = (images.clone().min(), images.max());
        let images = match (fewest, most) {
            (Some(fewest), Some(most)) if fewest != most => format!("{fewest} to {most}"),
            (_, most) => most.unwrap_or(0).to_string(),
        };
        format!(
            "{} by protocol {} on {images} validation pictures; captions by {}",
            self.metric,
            self.protocol,
            one_line(&decodings.join(", or "), 200),
        )
    }

    fn fmt_marks(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.iter().any(|row| row.fewer_epochs) {
            writeln!(
                f,
                "* fewer than {} epochs: not to be compared with rows that had more",
                self.epochs
            )?;
        }
        let beaten = self.rows.iter().filter(|row| row.verdict.is_clear());
        writeln!(
            f,
            "{} of {} nets clearly beat the best constant caption; {} pretrained",
            beaten.count(),
            self.rows.len(),
            match self.rows.iter().filter(|row| row.pretrained).count() {
                0 => "none is".to_owned(),
                n => format!("{n} are"),
            }
        )
    }
}

fn cells(row: &Row, columns: usize) -> Vec<String> {
    let score = |score: Option<f64>| score.map_or_else(|| "-".to_owned(), |s| format!("{s:.3}"));
    let mark = if row.fewer_epochs { "*" } else { "" };
    let mut cells = vec![
        row.rank.to_string(),
        row.trial.to_string(),
        short_name(&row.name),
        one_line(&row.encoder, 16),
        one_line(&row.decoder, 16),
        format!("{:.3}", row.score.score),
        format!("[{:.3}, {:.3}]", row.score.low, row.score.high),
        score(row.constant),
        format!("{:.3}", row.shuffled),
        score(row.human),
        short(row.n_params),
        short(row.flops),
        row.latency_ms
            .map_or_else(|| "-".to_owned(), |ms| format!("{ms:.1}")),
        format!("{}{mark}", row.epochs),
        score(row.equal),
    ];
    cells.truncate(columns);
    cells
}

#[cfg(test)]
mod tests {
    use crate::report::search::Leaderboard;
    use crate::search::fixtures::trial;

    #[test]
    fn nets_with_fewer_epochs_carry_a_mark_that_is_explained() {
        let board = Leaderboard::of(&[trial(1, &[0.3]), trial(2, &[0.1, 0.2])]).to_string();
        let lines: Vec<&str> = board.lines().collect();
        assert!(
            lines[0].contains("protocol coco on 8 validation pictures"),
            "{board}"
        );
        assert!(lines[1].ends_with("epochs  after 1"), "{board}");
        assert!(lines[2].ends_with(" 2    0.100"), "{board}");
        assert!(
            lines[3].contains("[0.280, 0.320]") && lines[3].contains("1*"),
            "{board}"
        );
        assert!(board.contains("* fewer than 2 epochs"), "{board}");
        assert!(board.ends_with("trials: 2 trained"), "{board}");
    }

    #[test]
    fn a_search_without_results_says_so() {
        let board = Leaderboard::of(&[trial(1, &[])]).to_string();
        assert_eq!(board, "no net has a score yet\ntrials: 1 trained");
    }
}
