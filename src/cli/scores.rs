//! Scores as a table of plain text.
use std::fmt::Write;

use nn_caption::bleu::Interval;
use nn_caption::caption_models::evaluate::SplitScores;
use nn_caption::report::{ScoreRow, ScoreTable, score_tables};

/// One table for each split that was scored, under its name.
pub(crate) fn tables(scores: &SplitScores) -> String {
    let tables: Vec<String> = score_tables(scores).iter().map(table).collect();
    tables.join("\n")
}

/// The net and its baselines in both protocols. Whose captions a row is of may be long, and stands last.
fn table(table: &ScoreTable) -> String {
    let mut text = format!(
        "{}\n{:<8}  {:>8}  BLEU-1  BLEU-2  BLEU-3  {:<22}{:<22}{:<22}captions\n",
        table.title, "protocol", "pictures", "BLEU-4 [95 %]", "ROUGE-L [95 %]", "CIDEr-D [95 %]"
    );
    for row in &table.rows {
        line(&mut text, row);
    }
    for note in &table.notes {
        let _ = writeln!(text, "{note}");
    }
    text
}

fn line(text: &mut String, row: &ScoreRow) {
    let [first, second, third, fourth] = row.bleu;
    let _ = writeln!(
        text,
        "{:<8}  {:>8}  {:>6.3}  {:>6.3}  {:>6.3}  {:<22}{:<22}{:<22}{}",
        row.protocol,
        row.images,
        first.score,
        second.score,
        third.score,
        cell(Some(fourth)),
        cell(row.rouge_l),
        cell(row.cider_d),
        row.whose,
    );
}

fn cell(interval: Option<Interval>) -> String {
    interval.map_or_else(
        || "-".to_owned(),
        |interval| {
            let Interval {
                score, low, high, ..
            } = interval;
            format!("{score:.3} [{low:.3}, {high:.3}]")
        },
    )
}

#[cfg(test)]
mod tests {
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
            rouge_l: Some(interval),
            cider_d: None,
        };
        let protocol = ProtocolScores {
            decoding: "the net's own inference".to_owned(),
            signature: "nrefs:5|bs:1000".to_owned(),
            net: measured,
            constant: None,
            shuffled: measured,
            human: None,
        };
        Scores {
            images,
            coco: protocol.clone(),
            lemur: protocol,
            diversity: None,
        }
    }

    #[test]
    fn each_table_is_named_and_holds_its_intervals() {
        let text = tables(&SplitScores {
            validation: scores(12, 0.25),
            train: Some(scores(80, 0.75)),
            pretrained: None,
        });
        let (validation, train) = text.split_once("\n\n").unwrap();
        assert!(
            validation.starts_with("validation, 12 pictures\n"),
            "{text}"
        );
        assert!(
            validation.contains("0.250 [0.150, 0.350]  0.250 [0.150, 0.350]  - "),
            "{text}"
        );
        assert!(train.starts_with("training, 80 pictures\n"), "{text}");
        assert!(train.contains("0.750 [0.650, 0.850]"), "{text}");
        assert_eq!(train.lines().count(), 8, "{text}");
    }

    #[test]
    fn a_split_that_was_not_scored_has_no_table() {
        let text = tables(&SplitScores {
            validation: scores(12, 0.25),
            train: None,
            pretrained: None,
        });
        assert!(!text.contains("training"), "{text}");
    }
}
