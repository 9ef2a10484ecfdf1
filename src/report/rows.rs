//! Scores as rows: the net first, its baselines below.
use bleu::Interval;
use caption_models::evaluate::{ProtocolScores, Scores};

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

/// All rows of both protocols.
pub fn score_rows(scores: &Scores) -> Vec<ScoreRow> {
    let mut rows = protocol_rows("coco", &scores.coco);
    rows.extend(protocol_rows("lemur", &scores.lemur));
    rows
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

    #[test]
    fn missing_baselines_make_no_row() {
        let scores = Scores {
            images: 3,
            coco: protocol(0.5, Some(0.1)),
            lemur: protocol(0.4, None),
        };
        let rows = score_rows(&scores);
        let protocols: Vec<&str> = rows.iter().map(|row| row.protocol).collect();
        assert_eq!(protocols, ["coco", "coco", "coco", "lemur", "lemur"]);
        assert!(rows[1].whose.contains("a <red> square"));
    }
}
