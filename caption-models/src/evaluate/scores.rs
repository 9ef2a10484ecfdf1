//! [`SplitScores`]: the content of `scores.json`.

use std::collections::BTreeSet;

use bleu::{
    Accumulator, Bootstrap, Diversity, Error, Interval, cider_d, held_out, ptb_words, shuffled,
};
use serde::{Deserialize, Serialize};

use super::baseline::{best_constant, sample};
use super::protocol::{Coco, Lemur, Protocol, interval, of_images};
use super::references::ids;
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
    /// Whether the encoder started from weights in a file. `null` in scores of before that was said.
    #[serde(default)]
    pub pretrained: Option<bool>,
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
    /// Corpus BLEU, ROUGE-L and CIDEr-D on words.
    pub coco: ProtocolScores,
    /// Mean sentence BLEU on ids.
    pub lemur: ProtocolScores,
    /// What the captions are like. `null` in scores of before that was looked at.
    #[serde(default)]
    pub diversity: Option<Variety>,
}

/// How varied captions are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variety {
    /// The net's captions.
    pub net: Diversity,
    /// One person's: the first reference of each of the same pictures.
    pub human: Diversity,
}

/// A caption's own scores, by the formulas of a corpus of one: they do not average to the corpus BLEU.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageScores {
    /// BLEU-1 to BLEU-4 of protocol `coco`.
    pub bleu: [f64; 4],
    /// ROUGE-L of protocol `coco`.
    pub rouge_l: Option<f64>,
    /// CIDEr-D of protocol `coco`, with the document frequencies of all scored pictures; `null` where there is one.
    pub cider_d: Option<f64>,
    /// BLEU-4 of protocol `lemur`.
    pub lemur_bleu4: f64,
}

/// The scores of one protocol, baselines beside them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProtocolScores {
    /// How the captions were decoded: `library greedy, at most 20 tokens` or `the net's own`.
    pub decoding: String,
    /// All that the scores depend on, as `nn-caption score` prints it. Empty in scores of before that was said.
    #[serde(default)]
    pub signature: String,
    /// The net.
    pub net: Measured,
    /// The best single caption for all pictures.
    pub constant: Option<Constant>,
    /// The net's captions, each under another picture.
    pub shuffled: Measured,
    /// One person's caption against the others', on pictures with several.
    pub human: Option<Measured>,
}

/// Scores, each with its 95 % bootstrap interval: BLEU and ROUGE-L between 0 and 1, CIDEr-D between 0 and 10.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Pictures behind it.
    pub images: usize,
    /// BLEU-1, BLEU-2, BLEU-3, BLEU-4.
    pub bleu: [Interval; 4],
    /// ROUGE-L, in protocol `coco`.
    #[serde(default)]
    pub rouge_l: Option<Interval>,
    /// CIDEr-D, in protocol `coco` and on two pictures or more.
    #[serde(default)]
    pub cider_d: Option<Interval>,
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
    let captions = words(&generated.captions);
    let as_words = Sides::<Coco> {
        captions: &captions,
        references: references.words(),
        constants: words(&constants),
    };
    let as_ids = Sides::<Lemur> {
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
        diversity: Some(variety(generated, references)),
    })
}

/// Each caption's own scores.
///
/// # Errors
///
/// When there is no picture to score, or one without a reference.
pub fn image_scores(
    generated: &Generated,
    references: &References,
) -> Result<Vec<ImageScores>, Error> {
    of_images(
        (&words(&generated.captions), references.words()),
        (&generated.ids, references.ids()),
    )
}

/// BLEU-4 in both protocols, without baselines and intervals.
///
/// # Errors
///
/// When there is no picture to score, or one without a reference.
pub fn epoch_bleu(generated: &Generated, references: &References) -> Result<EpochBleu, Error> {
    let bleu4 = |scores: Result<Accumulator, Error>| Ok(scores?.score()?.bleu[3]);
    Ok(EpochBleu {
        coco: bleu4(Coco::bleu(&words(&generated.captions), references.words()))?,
        lemur: bleu4(Lemur::bleu(&generated.ids, references.ids()))?,
    })
}

/// Texts as the protocol `coco` reads them.
fn words(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| ptb_words(text)).collect()
}

fn variety(generated: &Generated, references: &References) -> Variety {
    let first = references.texts().iter().filter_map(|texts| texts.first());
    Variety {
        net: Diversity::of(&generated.captions),
        human: Diversity::of(&first.collect::<Vec<_>>()),
    }
}

/// CIDEr-D, between 0 and 10, with the frequencies of the references; `None` for a single picture, whose n-grams are
/// neither rare nor common.
pub fn epoch_cider_d(generated: &Generated, references: &References) -> Option<f64> {
    let scores = cider_d(&words(&generated.captions), references.words()).ok()?;
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
struct Sides<'a, P: Protocol> {
    captions: &'a [P::Caption],
    references: &'a [Vec<P::Caption>],
    constants: Vec<P::Caption>,
}

impl<P: Protocol> Sides<'_, P> {
    fn scores(
        &self,
        decoding: &str,
        constants: &[String],
        bootstrap: &Bootstrap,
    ) -> Result<ProtocolScores, Error> {
        let measure =
            |captions: &[_], references: &[_]| measure::<P>(captions, references, bootstrap);
        let (first, others) = held_out(self.references, 0);
        let human = (!first.is_empty()).then(|| measure(&first, &others));
        let Bootstrap {
            n_resamples, seed, ..
        } = bootstrap;
        Ok(ProtocolScores {
            decoding: decoding.to_owned(),
            signature: format!(
                "{}|bs:{n_resamples}|seed:{seed}",
                P::signature(self.references)
            ),
            net: measure(self.captions, self.references)?,
            constant: self.constant(constants, bootstrap)?,
            shuffled: measure(&shuffled(self.captions), self.references)?,
            human: human.transpose()?,
        })
    }

    fn constant(&self, texts: &[String], bootstrap: &Bootstrap) -> Result<Option<Constant>, Error> {
        let best = best_constant::<P>(&self.constants, self.references)?;
        let Some(best) = best else { return Ok(None) };
        let captions = vec![self.constants[best].clone(); self.references.len()];
        Ok(Some(Constant {
            caption: texts[best].clone(),
            tried: self.constants.len(),
            score: measure::<P>(&captions, self.references, bootstrap)?,
        }))
    }
}

fn measure<P: Protocol>(
    captions: &[P::Caption],
    references: &[Vec<P::Caption>],
    bootstrap: &Bootstrap,
) -> Result<Measured, Error> {
    let [rouge_l, cider_d] = P::similarity(captions, references)?;
    let with_interval = |scores: Option<Vec<_>>| {
        scores
            .map(|scores| interval(&scores, bootstrap))
            .transpose()
    };
    Ok(Measured {
        images: captions.len(),
        bleu: P::bleu(captions, references)?.intervals(bootstrap)?,
        rouge_l: with_interval(rouge_l)?,
        cider_d: with_interval(cider_d)?,
    })
}
