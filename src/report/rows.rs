//! Scores as rows: the net first, its baselines below.
use bleu::Interval;
use caption_models::data::Split;
use caption_models::evaluate::{ProtocolScores, Scores, SplitScores};

/// The scores of one split.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreTable {
    /// Which pictures.
    pub split: Split,
    /// What they are and how many: `validation, 300 pictures`.
    pub title: String,
    /// Both protocols.
    pub rows: Vec<ScoreRow>,
}

/// One row of the table of scores.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreRow {
    /// `coco` or `lemur`.
    pub protocol: &'static str,
    /// Whose captions.
    pub whose: String,
    /// Pictures behind it.
    pub images: usize,
    /// BLEU-1 to BLEU-4.
    pub bleu: [Interval; 4],
}

/// A table for each split that was scored, validation first.
pub fn score_tables(scores: &SplitScores) -> Vec<ScoreTable> {
    let table = |(split, scores): (Split, &Scores)| {
        let name = match split {
            Split::Train => "training",
            Split::Validation => "validation",
        };
        let mut rows = protocol_rows("coco", &scores.coco);
        rows.extend(protocol_rows("lemur", &scores.lemur));
        ScoreTable {
            split,
            title: format!("{name}, {} pictures", scores.images),
            rows,
        }
    };
    scores.iter().map(table).collect()
}

fn protocol_rows(protocol: &'static str, scores: &ProtocolScores) -> Vec<ScoreRow> {
    let constant = scores.constant.as_ref();
    let sides = [
        Some((format!("the net ({})", scores.decoding), &scores.net)),
        constant.map(|best| {
            (
                format!("constant caption \u{201c}{}\u{201d}", best.caption),
                &best.score,
            )
        }),
        Some((
            "the net's captions, each under another picture".to_owned(),
            &scores.shuffled,
        )),
        scores
            .human
            .as_ref()
            .map(|human| ("one reference caption against the others".to_owned(), human)),
    ];
    let row = |(whose, measured): (String, &caption_models::evaluate::Measured)| ScoreRow {
        protocol,
        whose,
        images: measured.images,
        bleu: measured.bleu,
    };
    sides.into_iter().flatten().map(row).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use caption_models::evaluate::{Constant, Measured};

    use super::*;

    fn measured(score: f64) -> Measured {
        let interval = Interval {
            score,
            mean: score,
            low: score - 0.02,
            high: score + 0.02,
        };
        Measured {
            images: 3,
            bleu: [interval; 4],
        }
    }

    /// Scores of a protocol: the net's and the constant caption's BLEU.
    pub(in crate::report) fn protocol(net: f64, constant: Option<f64>) -> ProtocolScores {
        ProtocolScores {
            decoding: "the net's own inference".to_owned(),
            net: measured(net),
            constant: constant.map(|score| Constant {
                caption: "a <red> square".to_owned(),
                tried: 7,
                score: measured(score),
            }),
            shuffled: measured(0.01),
            human: None,
        }
    }

    /// Both splits, one picture more in the second.
    pub(in crate::report) fn split_scores() -> SplitScores {
        let scores = |images| Scores {
            images,
            coco: protocol(0.5, Some(0.1)),
            lemur: protocol(0.05, Some(0.1)),
        };
        SplitScores {
            validation: scores(2),
            train: Some(scores(3)),
        }
    }

    #[test]
    fn missing_baselines_make_no_row() {
        let mut scores = split_scores();
        scores.validation.lemur.constant = None;
        let rows = &score_tables(&scores)[0].rows;
        let protocols: Vec<&str> = rows.iter().map(|row| row.protocol).collect();
        assert_eq!(protocols, ["coco", "coco", "coco", "lemur", "lemur"]);
        assert!(rows[1].whose.contains("a <red> square"));
    }

    #[test]
    fn each_split_that_was_scored_has_a_table() {
        let mut scores = split_scores();
        let titles = |scores: &SplitScores| -> Vec<String> {
            let tables = score_tables(scores);
            tables.into_iter().map(|table| table.title).collect()
        };
        assert_eq!(
            titles(&scores),
            ["validation, 2 pictures", "training, 3 pictures"]
        );
        scores.train = None;
        assert_eq!(titles(&scores), ["validation, 2 pictures"]);
    }
}
