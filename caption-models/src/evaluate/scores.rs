//! [`SplitScores`]: the content of `scores.json`.

use std::collections::BTreeSet;

use bleu::{Bootstrap, Error, Interval, cider_d, held_out, shuffled};
use serde::{Deserialize, Serialize};

use super::baseline::{best_constant, sample};
use super::protocol::{Protocol, coco, lemur};
use super::references::{ids, words};
use super::{Generated, References};
use crate::data::{DataSet, Split};
use crate::harness::ScoreOptions;
use crate::train::EpochBleu;
use crate::vocab::Vocab;

/// The content of `scores.json`: a net's scores on pictures it has not learned from, and on pictures it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SplitScores {
    /// On validation pictures: what the net is judged by.
    pub validation: Scores,
    /// On training pictures, where that was asked for: how much the net has memorised.
    pub train: Option<Scores>,
}

impl SplitScores {
    /// Each split that was scored, validation first.
    pub fn iter(&self) -> impl Iterator<Item = (Split, &Scores)> {
        let train = self.train.as_ref().map(|scores| (Split::Train, scores));
        [(Split::Validation, &self.validation)]
            .into_iter()
            .chain(train)
    }
}

/// A net's scores on the pictures of one split, in both protocols.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Pictures scored, the first ones of the split.
    pub images: usize,
    /// Corpus BLEU on words.
    pub coco: ProtocolScores,
    /// Mean sentence BLEU on ids.
    pub lemur: ProtocolScores,
}

/// The scores of one protocol, baselines beside them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProtocolScores {
    /// How the captions were decoded: `library greedy, at most 20 tokens` or `the net's own`.
    pub decoding: String,
    /// The net.
    pub net: Measured,
    /// The best single caption for all pictures.
    pub constant: Option<Constant>,
    /// The net's captions, each under another picture.
    pub shuffled: Measured,
    /// One person's caption against the others', on pictures with several.
    pub human: Option<Measured>,
}

/// BLEU-1 to BLEU-4 between 0 and 1, each with its 95 % bootstrap interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Pictures behind it.
    pub images: usize,
    /// BLEU-1, BLEU-2, BLEU-3, BLEU-4.
    pub bleu: [Interval; 4],
}

/// The best constant caption.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constant {
    /// The caption: of a sample of the training captions the one that scores best on the
    /// references of the scored pictures themselves.
    pub caption: String,
    /// Training captions tried.
    pub tried: usize,
    /// Its score.
    pub score: Measured,
}

/// Scores captions in both protocols beside all baselines.
///
/// # Errors
///
/// When there is no picture to score, or one without a reference.
pub fn score(
    generated: &Generated,
    references: &References,
    train: &dyn DataSet,
    vocab: &Vocab,
    options: &ScoreOptions,
) -> Result<Scores, Error> {
    let decoding = options.decode.to_string();
    let own = if generated.own_inference {
        "the net's own inference"
    } else {
        &decoding
    };
    let constants = constants(train, options.constants);
    let bootstrap = Bootstrap {
        n_resamples: options.bootstrap.max(1),
        ..Bootstrap::default()
    };
    let captions: Vec<String> = generated
        .captions
        .iter()
        .map(|caption| words(caption))
        .collect();
    let as_words = Sides {
        protocol: coco,
        captions: &captions,
        references: references.words(),
        constants: constants.iter().map(|caption| words(caption)).collect(),
    };
    let as_ids = Sides {
        protocol: lemur,
        captions: &generated.ids,
        references: references.ids(),
        constants: constants
            .iter()
            .map(|caption| ids(vocab, caption))
            .collect(),
    };
    Ok(Scores {
        images: captions.len(),
        coco: as_words.scores(&decoding, &constants, &bootstrap)?,
        lemur: as_ids.scores(own, &constants, &bootstrap)?,
    })
}

/// BLEU-4 in both protocols, without baselines and intervals.
///
/// # Errors
///
/// When there is no picture to score, or one without a reference.
pub fn epoch_bleu(generated: &Generated, references: &References) -> Result<EpochBleu, Error> {
    let captions: Vec<String> = generated
        .captions
        .iter()
        .map(|caption| words(caption))
        .collect();
    Ok(EpochBleu {
        coco: coco(&captions, references.words())?.score()?.bleu[3],
        lemur: lemur(&generated.ids, references.ids())?.score()?.bleu[3],
    })
}

/// CIDEr-D, between 0 and 10, with the frequencies of the references; `None` for a single picture, whose n-grams are
/// neither rare nor common.
pub fn epoch_cider_d(generated: &Generated, references: &References) -> Option<f64> {
    let captions: Vec<String> = generated
        .captions
        .iter()
        .map(|caption| words(caption))
        .collect();
    let scores = cider_d(&captions, references.words()).ok()?;
    Some(scores.mean())
}

/// The first captions of training pictures spread over the set, each once.
fn constants(train: &dyn DataSet, n_wanted: usize) -> Vec<String> {
    let firsts: Vec<&String> = train
        .items()
        .iter()
        .filter_map(|item| item.captions.first())
        .collect();
    let distinct: BTreeSet<&String> = sample(&firsts, n_wanted).into_iter().collect();
    distinct.into_iter().cloned().collect()
}

/// What one protocol compares.
struct Sides<'a, C> {
    protocol: Protocol<C>,
    captions: &'a [C],
    references: &'a [Vec<C>],
    constants: Vec<C>,
}

impl<C: Clone> Sides<'_, C> {
    fn scores(
        &self,
        decoding: &str,
        constants: &[String],
        bootstrap: &Bootstrap,
    ) -> Result<ProtocolScores, Error> {
        let (first, others) = held_out(self.references, 0);
        let human = (!first.is_empty()).then(|| self.measure(&first, &others, bootstrap));
        Ok(ProtocolScores {
            decoding: decoding.to_owned(),
            net: self.measure(self.captions, self.references, bootstrap)?,
            constant: self.constant(constants, bootstrap)?,
            shuffled: self.measure(&shuffled(self.captions), self.references, bootstrap)?,
            human: human.transpose()?,
        })
    }

    fn constant(&self, texts: &[String], bootstrap: &Bootstrap) -> Result<Option<Constant>, Error> {
        let best = best_constant(self.protocol, &self.constants, self.references)?;
        let Some(best) = best else { return Ok(None) };
        let captions = vec![self.constants[best].clone(); self.references.len()];
        Ok(Some(Constant {
            caption: texts[best].clone(),
            tried: self.constants.len(),
            score: self.measure(&captions, self.references, bootstrap)?,
        }))
    }

    fn measure(
        &self,
        captions: &[C],
        references: &[Vec<C>],
        bootstrap: &Bootstrap,
    ) -> Result<Measured, Error> {
        let scores = (self.protocol)(captions, references)?;
        Ok(Measured {
            images: captions.len(),
            bleu: scores.intervals(bootstrap)?,
        })
    }
}
