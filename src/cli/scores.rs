//! Scores as a table of plain text.
use std::fmt::Write;

use nn_caption::caption_models::evaluate::SplitScores;
use nn_caption::report::{ScoreRow, ScoreTable, score_tables};

/// One table for each split that was scored, under its name.
pub(crate) fn tables(scores: &SplitScores) -> String {
    let tables: Vec<String> = score_tables(scores).iter().map(table).collect();
    tables.join("\n")
}

/// The net and its baselines in both protocols.
fn table(table: &ScoreTable) -> String {
    let widths = table.rows.iter().map(|row| row.whose.chars().count());
    let width = widths.max().unwrap_or(0);
    let mut text = format!(
        "{}\n{:<8}  {:<width$}  {:>8}  BLEU-1  BLEU-2  BLEU-3  BLEU-4  (95 % interval)\n",
        table.title, "protocol", "captions", "pictures"
    );
    for row in &table.rows {
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

#[cfg(test)]
mod tests {
    use nn_caption::bleu::Interval;
    use nn_caption::caption_models::evaluate::{Measured, ProtocolScores, Scores};

    use super::*;

    fn scores(images: usize, score: f64) -> Scores {
        let interval = Interval {
            score,
            mean: score,
            low: score - 0.1,
            high: score + 0.1,
        };
        let measured = Measured {
            images,
            bleu: [interval; 4],
        };
        let protocol = ProtocolScores {
            decoding: "the net's own inference".to_owned(),
            net: measured,
            constant: None,
            shuffled: measured,
            human: None,
        };
        Scores {
            images,
            coco: protocol.clone(),
            lemur: protocol,
        }
    }

    #[test]
    fn each_table_is_named_and_holds_its_intervals() {
        let text = tables(&SplitScores {
            validation: scores(12, 0.25),
            train: Some(scores(80, 0.75)),
        });
        let (validation, train) = text.split_once("\n\n").unwrap();
        assert!(
            validation.starts_with("validation, 12 pictures\n"),
            "{text}"
        );
        assert!(validation.contains("0.250  [0.150, 0.350]"), "{text}");
        assert!(train.starts_with("training, 80 pictures\n"), "{text}");
        assert!(train.contains("0.750  [0.650, 0.850]"), "{text}");
        assert_eq!(train.lines().count(), 6, "{text}");
    }

    #[test]
    fn a_split_that_was_not_scored_has_no_table() {
        let text = tables(&SplitScores {
            validation: scores(12, 0.25),
            train: None,
        });
        assert!(!text.contains("training"), "{text}");
    }
}
