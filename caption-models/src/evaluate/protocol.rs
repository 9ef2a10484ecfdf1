//! The two ways to score captions against references.

use bleu::{
    Accumulator, Bleu, Bootstrap, Cider, Error, Interval, Mean, Metric, References, RougeL,
};

use super::scores::ImageScores;

/// Scores captions, each against its references.
pub(super) trait Protocol {
    /// A caption as the protocol reads it.
    type Caption: Clone;

    /// What its metrics depend on, as far as the protocol decides that.
    fn signature(references: &[Vec<Self::Caption>]) -> String;

    /// BLEU-1 to BLEU-4.
    fn bleu(
        captions: &[Self::Caption],
        references: &[Vec<Self::Caption>],
    ) -> Result<Accumulator, Error>;

    /// ROUGE-L and CIDEr-D, where the protocol has them.
    fn similarity(
        captions: &[Self::Caption],
        references: &[Vec<Self::Caption>],
    ) -> Result<[Option<Vec<Mean>>; 2], Error>;
}

/// The COCO evaluation: corpus BLEU, ROUGE-L and CIDEr-D as `pycocoevalcap` computes them, on Penn Treebank words joined
/// by spaces.
pub(super) struct Coco;

/// LEMUR's mean sentence BLEU on ids.
pub(super) struct Lemur;

impl Protocol for Coco {
    type Caption = String;

    fn signature(references: &[Vec<String>]) -> String {
        let signature = Metric::signature(&Bleu::coco(), References::of(references));
        signature.replacen('|', "|tok:ptb|", 1)
    }

    fn bleu(captions: &[String], references: &[Vec<String>]) -> Result<Accumulator, Error> {
        let mut scores = Bleu::coco().accumulator();
        for (caption, references) in captions.iter().zip(references) {
            scores.push(caption, references)?;
        }
        Ok(scores)
    }

    fn similarity(
        captions: &[String],
        references: &[Vec<String>],
    ) -> Result<[Option<Vec<Mean>>; 2], Error> {
        let rouge_l = RougeL.segments(captions, references)?;
        let cider_d = match Cider::d().segments(captions, references) {
            // One picture says nothing about how common its words are.
            Err(Error::NoFrequencies { .. }) => None,
            segments => Some(segments?),
        };
        Ok([Some(rouge_l), cider_d])
    }
}

impl Protocol for Lemur {
    type Caption = Vec<i64>;

    fn signature(references: &[Vec<Vec<i64>>]) -> String {
        let signature = Metric::signature(&Bleu::lemur(), References::of(references));
        signature.replacen('|', "|tok:vocab.json|", 1)
    }

    fn bleu(captions: &[Vec<i64>], references: &[Vec<Vec<i64>>]) -> Result<Accumulator, Error> {
        let mut scores = Bleu::lemur().accumulator();
        for (caption, references) in captions.iter().zip(references) {
            scores.push_ids(caption, references)?;
        }
        Ok(scores)
    }

    fn similarity(_: &[Vec<i64>], _: &[Vec<Vec<i64>>]) -> Result<[Option<Vec<Mean>>; 2], Error> {
        Ok([None, None])
    }
}

/// The mean of scores with its interval.
pub(super) fn interval(scores: &[Mean], bootstrap: &Bootstrap) -> Result<Interval, Error> {
    let [interval] = bootstrap.intervals(scores, Mean::value)?;
    Ok(interval)
}

/// Every picture's own scores: of the corpus BLEU's formula on its counts alone, as `pycocoevalcap` gives them.
pub(super) fn of_images(
    words: (&[String], &[Vec<String>]),
    ids: (&[Vec<i64>], &[Vec<Vec<i64>>]),
) -> Result<Vec<ImageScores>, Error> {
    let coco = Coco::bleu(words.0, words.1)?;
    let lemur = Lemur::bleu(ids.0, ids.1)?;
    let [rouge_l, cider_d] = Coco::similarity(words.0, words.1)?;
    let at = |scores: &Option<Vec<Mean>>, idx: usize| {
        scores.as_ref().map(|scores| {
            let [score] = scores[idx].value();
            score
        })
    };
    let of_image = |(idx, (coco, lemur))| ImageScores {
        bleu: Bleu::coco().segment(coco),
        rouge_l: at(&rouge_l, idx),
        cider_d: at(&cider_d, idx),
        lemur_bleu4: Bleu::lemur().segment(lemur)[3],
    };
    let segments = coco.segments().iter().zip(lemur.segments());
    Ok(segments.enumerate().map(of_image).collect())
}
