//! The table by family, and what is missing most.
use std::collections::BTreeMap;
use std::fmt::Write as _;

use nn_caption::codegen::corpus::{Ending, FAMILIES};

use super::super::terminal::Terminal;
use super::generated::Row;

/// Constructs that are listed.
const MOST: usize = 10;

/// Yes among asked.
#[derive(Clone, Copy, Default)]
struct Share {
    yes: usize,
    all: usize,
}

impl Share {
    fn add(&mut self, answer: bool) {
        self.all += 1;
        self.yes += usize::from(answer);
    }

    fn text(self) -> String {
        if self.all == 0 {
            return "-".to_owned();
        }
        let percent = 100.0 * self.yes as f64 / self.all as f64;
        format!("{}/{} {percent:.1} %", self.yes, self.all)
    }
}

/// Prints the answer: a table, or one JSON line a file.
pub(super) fn show(terminal: &Terminal, rows: &[Row]) {
    let told = format!("{}\n{}", table(rows), missing(rows));
    if terminal.json {
        for row in rows {
            terminal.answer_json(row);
        }
        terminal.say(&told);
    } else {
        terminal.answer(&told);
    }
}

fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:12} {:>20} {:>18} {:>18}\n",
        "family", "generated", "compiled", "logits"
    );
    for family in FAMILIES.iter().copied().map(Some).chain([None]) {
        let mut shares = [Share::default(); 3];
        let here = rows
            .iter()
            .filter(|row| family.is_none_or(|family| row.line.family == family));
        for row in here {
            let answers = [
                Some(row.line.outcome == Ending::Generated),
                row.compiled,
                row.logits,
            ];
            for (share, answer) in shares.iter_mut().zip(answers) {
                if let Some(answer) = answer {
                    share.add(answer);
                }
            }
        }
        let [generated, compiled, logits] = shares.map(Share::text);
        let name = family.unwrap_or("all");
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{name:12} {generated:>20} {compiled:>18} {logits:>18}"
        );
    }
    text
}

/// The most frequent reasons, with one place each.
fn missing(rows: &[Row]) -> String {
    let mut reasons: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        if let Some(first) = row.line.diagnostics.first() {
            let reason = format!("{} {}", first.rule, first.message);
            reasons.entry(reason).or_default().push(row);
        }
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
    let mut text = String::from("most frequent reasons:\n");
    for (reason, rows) in reasons.iter().take(MOST) {
        let place = rows.first().and_then(|row| {
            let first = row.line.diagnostics.first()?;
            Some(format!(
                "{}:{} {}",
                row.line.file, first.line, first.construct
            ))
        });
        let _ = writeln!(
            text,
            "{:5} {reason}\n        {}",
            rows.len(),
            place.unwrap_or_default()
        );
    }
    let n_bugs = rows
        .iter()
        .filter(|row| row.line.outcome == Ending::Bug)
        .count();
    let n_slow = rows
        .iter()
        .filter(|row| row.line.outcome == Ending::TimeLimit)
        .count();
    let _ = writeln!(text, "bugs {n_bugs}, given up {n_slow}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_nothing_is_a_dash() {
        assert_eq!(Share::default().text(), "-");
        let mut share = Share::default();
        share.add(true);
        share.add(false);
        assert_eq!(share.text(), "1/2 50.0 %");
    }
}
