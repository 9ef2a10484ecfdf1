//! The two ways to score captions against references.

use bleu::{Accumulator, Bleu, Error};

/// Scores captions of type `C`, each against its references.
pub(super) type Protocol<C> = fn(&[C], &[Vec<C>]) -> Result<Accumulator, Error>;

/// Corpus BLEU as coco-caption defines it, on words joined by spaces.
pub(super) fn coco(captions: &[String], references: &[Vec<String>]) -> Result<Accumulator, Error> {
    let mut scores = Bleu::coco().accumulator();
    for (caption, references) in captions.iter().zip(references) {
        scores.push(caption, references)?;
    }
    Ok(scores)
}

/// LEMUR's mean sentence BLEU on ids.
pub(super) fn lemur(
    captions: &[Vec<i64>],
    references: &[Vec<Vec<i64>>],
) -> Result<Accumulator, Error> {
    let mut scores = Bleu::lemur().accumulator();
    for (caption, references) in captions.iter().zip(references) {
        scores.push_ids(caption, references)?;
    }
    Ok(scores)
}
