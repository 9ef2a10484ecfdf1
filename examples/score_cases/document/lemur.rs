//! The metric of LEMUR's nn-dataset, over words and over ids.

use bleu::{Accumulator, Bleu, Error};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{by_order, or_error};

/// A batch of predictions as LEMUR's metric takes it.
#[derive(Deserialize)]
pub(crate) struct Case {
    preds: Option<Vec<Vec<i64>>>,
    logits: Option<Vec<Vec<Vec<f64>>>>,
    labels: Vec<Labels>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Labels {
    One(Vec<i64>),
    Several(Vec<Vec<i64>>),
}

impl Labels {
    fn references(&self) -> &[Vec<i64>] {
        match self {
            Self::One(ids) => std::slice::from_ref(ids),
            Self::Several(references) => references,
        }
    }
}

impl Case {
    pub(super) fn expected(&self) -> Value {
        or_error(self.count().map(|counted| scores(&counted)))
    }

    fn count(&self) -> Result<Accumulator, Error> {
        let mut accumulator = Bleu::lemur().accumulator();
        for (hyp, labels) in self.hypotheses().iter().zip(&self.labels) {
            accumulator.push_ids(hyp, labels.references())?;
        }
        Ok(accumulator)
    }

    fn hypotheses(&self) -> Vec<Vec<i64>> {
        let ids = |rows: &Vec<Vec<f64>>| rows.iter().map(|row| argmax(row)).collect();
        match (&self.preds, &self.logits) {
            (Some(preds), _) => preds.clone(),
            (None, Some(logits)) => logits.iter().map(ids).collect(),
            (None, None) => Vec::new(),
        }
    }
}

/// The first of the largest scores; 0, which is padding, without any.
fn argmax(scores: &[f64]) -> i64 {
    let larger = |best: (i64, f64), next: (i64, f64)| if next.1 > best.1 { next } else { best };
    let scores = (0..).zip(scores.iter().copied());
    scores.reduce(larger).map_or(0, |best| best.0)
}

/// The metric of captions as LEMUR's data set holds them.
pub(super) fn of_words(case: &super::Case) -> Value {
    let mut accumulator = Bleu::lemur().accumulator();
    let counted = case
        .hyps
        .iter()
        .zip(&case.refs)
        .try_for_each(|(hyp, refs)| {
            let refs: Vec<String> = refs.iter().map(sentence).collect();
            accumulator.push(&sentence(hyp), &refs)
        });
    or_error(counted.map(|()| scores(&accumulator)))
}

fn sentence(caption: &String) -> String {
    format!("<SOS> {caption} <EOS>")
}

/// LEMUR gives an empty corpus the score 0.
fn scores(accumulator: &Accumulator) -> Value {
    let bleu = accumulator.score().map_or([0.0; 4], |score| score.bleu);
    let segments: Vec<[f64; 4]> = accumulator.segment_scores().collect();
    json!({
        "BLEU-1": bleu[0],
        "BLEU-2": bleu[1],
        "BLEU-3": bleu[2],
        "BLEU-4": bleu[3],
        "result": bleu[3],
        "n_scored": segments.len(),
        "scores": by_order(&segments),
    })
}
