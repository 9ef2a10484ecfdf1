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
    /// What the rows do not say, a sentence each: the captions' diversity, and all that the scores depend on.
    pub notes: Vec<String>,
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
    /// ROUGE-L, in protocol `coco`.
    pub rouge_l: Option<Interval>,
    /// CIDEr-D, in protocol `coco` and on two pictures or more.
    pub cider_d: Option<Interval>,
}

/// A table for each split that was scored, validation first.
pub fn score_tables(scores: &SplitScores) -> Vec<ScoreTable> {
    let pretrained = scores.pretrained;
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
            notes: notes(scores, pretrained),
        }
    };
    scores.iter().map(table).collect()
}

fn notes(scores: &Scores, pretrained: Option<bool>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(pretrained) = pretrained {
        let said = if pretrained {
            "The encoder started from pretrained weights."
        } else {
            "Nothing was pretrained."
        };
        notes.push(said.to_owned());
    }
    if let Some(variety) = &scores.diversity {
        notes.push(format!("The net's captions: {}.", variety.net));
        notes.push(format!("One reference each: {}.", variety.human));
    }
    for (protocol, scores) in [("coco", &scores.coco), ("lemur", &scores.lemur)] {
        if !scores.signature.is_empty() {
            notes.push(format!("{protocol}: {}", scores.signature));
        }
    }
    notes
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
        rouge_l: measured.rouge_l,
        cider_d: measured.cider_d,
    };
    sides.into_iter().flatten().map(row).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use bleu::Diversity;
    use caption_models::evaluate::{Constant, Measured, Variety};

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
            rouge_l: Some(interval),
            cider_d: None,
        }
    }

    /// Scores of a protocol: the net's and the constant caption's BLEU.
    pub(in crate::report) fn protocol(net: f64, constant: Option<f64>) -> ProtocolScores {
        ProtocolScores {
            decoding: "the net's own inference".to_owned(),
            signature: "nrefs:5|bs:1000".to_owned(),
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
            diversity: Some(Variety {
                net: Diversity::of(&["a dog", "a dog"]),
                human: Diversity::of(&["a dog", "a cat"]),
            }),
        };
        SplitScores {
            validation: scores(2),
            train: Some(scores(3)),
            pretrained: Some(false),
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
    fn notes_say_how_varied_captions_are_and_what_scores_depend_on() {
        let notes = &score_tables(&split_scores())[0].notes;
        assert_eq!(notes[0], "Nothing was pretrained.");
        assert!(
            notes[1].contains("captions: 1 of 2 captions differ"),
            "{notes:?}"
        );
        assert!(
            notes[2].contains("each: 2 of 2 captions differ"),
            "{notes:?}"
        );
        assert_eq!(
            notes[3..],
            ["coco: nrefs:5|bs:1000", "lemur: nrefs:5|bs:1000"]
        );
    }

    #[test]
    fn scores_of_before_there_were_more_are_read() {
        let mut json = serde_json::to_value(split_scores()).unwrap();
        json.as_object_mut().unwrap().remove("pretrained");
        for split in ["validation", "train"] {
            let scores = json[split].as_object_mut().unwrap();
            scores.remove("diversity");
            for protocol in ["coco", "lemur"] {
                let protocol = scores[protocol].as_object_mut().unwrap();
                protocol.remove("signature");
                for side in ["net", "shuffled"] {
                    let side = protocol[side].as_object_mut().unwrap();
                    side.retain(|name, _| name == "images" || name == "bleu");
                }
            }
        }
        let scores: SplitScores = serde_json::from_value(json).unwrap();
        assert_eq!(
            (scores.pretrained, scores.validation.coco.net.rouge_l),
            (None, None)
        );
        assert!(score_tables(&scores)[0].notes.is_empty());
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
