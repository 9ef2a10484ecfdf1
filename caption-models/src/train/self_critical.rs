//! Self-critical sequence training: Rennie et al. 2017, <https://arxiv.org/abs/1612.00563>, section 3.
//!
//! A caption is drawn for each image; its words become more probable as far as its reward is higher than that of the
//! greedy caption, and less probable as far as it is lower. The reward is CIDEr-D between 0 and 10, with the document
//! frequencies of the training captions. The encoder keeps its weights.
//!
//! Differences from the paper: the end of a caption counts as a word of it, in rewards as in references, for a caption
//! that never ends would else be worth as much; the loss is the mean over all words of a batch; dropout is off, so that
//! the words are drawn from the very distribution that is differentiated.

use std::fmt;
use std::str::FromStr;

use bleu::{Cider, DocumentFrequency};
use burn::tensor::{Device, Int, Tensor, TensorData};
use nn_core::{CrossEntropyConfig, Reduction};
use serde::{Deserialize, Serialize};

use crate::data::{Batch, Input, Loader};
use crate::decode::{Caption, DecodeOptions, Method, Sample, decode};
use crate::harness::{Backward, CaptionNet};
use crate::vocab::{PAD, SOS};

/// How long self-critical training lasts. As text, on the command line and in JSON: `EPOCHS` or `EPOCHS:RATE`.
///
/// ```
/// use caption_models::train::SelfCritical;
///
/// let how: SelfCritical = "5".parse()?;
/// assert_eq!(how, SelfCritical { epochs: 5, rate: 0.1 });
/// # Ok::<(), caption_models::train::SelfCriticalError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SelfCritical {
    /// Epochs after those of cross-entropy.
    pub epochs: usize,
    /// What the recipe's learning rates are multiplied by. Default: 0.1
    pub rate: f64,
}

/// Text that says nothing about self-critical training.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{found}` is not EPOCHS or EPOCHS:RATE: at least one epoch, and a factor of the learning rates above 0, such as 5:0.1"
)]
pub struct SelfCriticalError {
    found: String,
}

/// Mean rewards of an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochReward {
    /// Of the captions that were drawn.
    pub drawn: f64,
    /// Of the greedy captions.
    pub greedy: f64,
}

/// The rewards of a caption, ids without SOS, of each of some pictures, items of the loader.
pub type Reward<'a> = &'a dyn Fn(&[usize], &[Vec<i64>]) -> Vec<f64>;

/// The training captions that rewards are measured by.
#[derive(Debug)]
pub struct Rewards {
    frequency: DocumentFrequency<u64>,
    /// Of each picture, without SOS and with EOS.
    references: Vec<Vec<Vec<i64>>>,
}

impl Rewards {
    /// Counts the captions of a loader.
    ///
    /// # Errors
    ///
    /// When there are fewer than two pictures, or no captions.
    pub fn of(loader: &Loader) -> Result<Self, bleu::Error> {
        let words = |caption: &Vec<i64>| caption.iter().copied().skip(1).collect();
        let references: Vec<Vec<Vec<i64>>> = loader
            .captions()
            .iter()
            .map(|captions| captions.iter().map(words).collect())
            .collect();
        Ok(Self {
            frequency: DocumentFrequency::of_ids(&references)?,
            references,
        })
    }

    /// The reward of a caption of each picture at `indices`: ids without SOS, EOS included where it was reached.
    ///
    /// # Panics
    ///
    /// When there are not as many captions as pictures, none at all, or an index is not of the loader.
    pub fn of_captions(&self, indices: &[usize], captions: &[Vec<i64>]) -> Vec<f64> {
        let references: Vec<&Vec<Vec<i64>>> =
            indices.iter().map(|idx| &self.references[*idx]).collect();
        let scores = Cider::d().ids_given(&self.frequency, captions, &references);
        let scores = scores.expect("every picture has a reference and a caption");
        scores.as_slice().to_vec()
    }
}

/// One step: the gradients of minus the expected reward as far as one caption of each picture tells, and the mean
/// rewards. Captions are a function of `seed`.
///
/// # Panics
///
/// When the net has no [`frozen_encoder`](CaptionNet::frozen_encoder).
pub fn backward(
    net: &mut dyn CaptionNet,
    batch: &Batch,
    rewards: Reward<'_>,
    seed: u64,
) -> (Backward, EpochReward) {
    let device = net.device().clone();
    let features = match batch.input(&device) {
        Input::Images(images) => net.features(images),
        Input::Features(features) => features,
    };
    let greedy = captions(net, &features, Method::Greedy);
    let drawn = captions(
        net,
        &features,
        Method::Sample(Sample {
            seed,
            ..Sample::default()
        }),
    );
    let [of_greedy, of_drawn] = [&greedy, &drawn].map(|captions| rewards(&batch.indices, captions));
    let advantages: Vec<f64> = of_drawn
        .iter()
        .zip(&of_greedy)
        .map(|(drawn, greedy)| drawn - greedy)
        .collect();
    let reward = EpochReward {
        drawn: mean(&of_drawn),
        greedy: mean(&of_greedy),
    };
    let words = Words::of(&drawn, &advantages);
    let loss = |scores| words.loss(scores);
    (
        net.backward_by(features, words.read(&device), &loss),
        reward,
    )
}

fn captions(net: &dyn CaptionNet, features: &Tensor<3>, method: Method) -> Vec<Vec<i64>> {
    let options = DecodeOptions {
        method,
        ..DecodeOptions::default()
    };
    let captions = decode(net, Input::Features(features.clone()), &options, 0);
    let captions = captions.expect("the default options are in range");
    captions
        .into_iter()
        .map(|Caption { ids, .. }| ids)
        .collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Captions of a batch at one length, and what each word weighs.
struct Words {
    /// Row by row.
    ids: Vec<i64>,
    /// Advantages over the number of all words; 0 behind the end of a caption.
    weights: Vec<f32>,
    shape: [usize; 2],
}

impl Words {
    #[expect(clippy::cast_possible_truncation, reason = "weights are small numbers")]
    fn of(captions: &[Vec<i64>], advantages: &[f64]) -> Self {
        let length = captions.iter().map(Vec::len).max().unwrap_or(0);
        let n_words: usize = captions.iter().map(Vec::len).sum();
        let (mut ids, mut weights) = (Vec::new(), Vec::new());
        for (caption, advantage) in captions.iter().zip(advantages) {
            let n_blank = length - caption.len();
            let weight = (advantage / n_words as f64) as f32;
            ids.extend(
                caption
                    .iter()
                    .copied()
                    .chain(std::iter::repeat_n(PAD, n_blank)),
            );
            weights.extend(std::iter::repeat_n(weight, caption.len()));
            weights.extend(std::iter::repeat_n(0.0, n_blank));
        }
        let shape = [captions.len(), length];
        Self {
            ids,
            weights,
            shape,
        }
    }

    /// What the decoder reads: SOS and all words but the last, `[batch, length]`.
    fn read(&self, device: &Device) -> Tensor<2, Int> {
        let [_, length] = self.shape;
        let rows = self.ids.chunks(length.max(1));
        let read: Vec<i64> = rows
            .flat_map(|row| std::iter::once(SOS).chain(row[..length - 1].iter().copied()))
            .collect();
        Tensor::from_data(TensorData::new(read, self.shape), device)
    }

    /// The weighted sum of the words' negative log-probabilities, from scores `[batch, length, vocab]` to `[1]`.
    fn loss(&self, scores: Tensor<3>) -> Tensor<1> {
        let device = scores.device();
        let n_rows = self.ids.len();
        let targets = Tensor::from_data(TensorData::new(self.ids.clone(), [n_rows]), &device);
        let weights = Tensor::from_data(TensorData::new(self.weights.clone(), [n_rows]), &device);
        let losses = CrossEntropyConfig::new()
            .with_ignore_index(None)
            .with_reduction(Reduction::None)
            .init()
            .forward(scores.flatten(0, 1), targets); // [batch * length]
        (losses * weights).sum()
    }
}

impl FromStr for SelfCritical {
    type Err = SelfCriticalError;

    fn from_str(text: &str) -> Result<Self, SelfCriticalError> {
        let (epochs, rate) = text.split_once(':').unwrap_or((text, "0.1"));
        let epochs = epochs.parse().ok().filter(|epochs| *epochs > 0);
        let rate = rate
            .parse()
            .ok()
            .filter(|rate: &f64| *rate > 0.0 && rate.is_finite());
        match (epochs, rate) {
            (Some(epochs), Some(rate)) => Ok(Self { epochs, rate }),
            _ => Err(SelfCriticalError {
                found: text.to_owned(),
            }),
        }
    }
}

impl TryFrom<String> for SelfCritical {
    type Error = SelfCriticalError;

    fn try_from(text: String) -> Result<Self, SelfCriticalError> {
        text.parse()
    }
}

impl fmt::Display for SelfCritical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.epochs, self.rate)
    }
}

impl From<SelfCritical> for String {
    fn from(how: SelfCritical) -> Self {
        how.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_there_and_back_and_anything_else_is_refused() {
        let how: SelfCritical = "3:0.5".parse().unwrap();
        assert_eq!((how.epochs, how.to_string()), (3, "3:0.5".to_owned()));
        for text in ["", "0", "-1", "1:0", "1:x", "1:inf", ":1"] {
            assert!(text.parse::<SelfCritical>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_decoder_reads_what_comes_before_each_word() {
        let words = Words::of(&[vec![5, 6, 2], vec![7, 2]], &[1.0, -2.0]);
        let read: Vec<i64> = words.read(&Device::default()).into_data().iter().collect();
        assert_eq!(read, [1, 5, 6, 1, 7, 2]);
        assert_eq!(words.weights, [0.2, 0.2, 0.2, -0.4, -0.4, 0.0]);
    }

    /// The paper's gradient: the advantage times probabilities less one at the word, over the number of words.
    #[test]
    fn the_gradient_of_the_scores_is_the_papers() {
        let device = Device::default().autodiff();
        let values = [[[0.5_f32, -1.0, 0.25], [0.0, 2.0, -0.5]]];
        let scores = Tensor::<3>::from_floats(values, &device).require_grad();
        let words = Words::of(&[vec![2, 1]], &[3.0]);
        let gradients = words.loss(scores.clone()).backward();
        let found: Vec<f64> = scores
            .grad(&gradients)
            .unwrap()
            .into_data()
            .iter()
            .collect();
        let mut expected = Vec::new();
        for (row, word) in values[0].iter().zip([2, 1]) {
            let weights: Vec<f64> = row.iter().map(|score| f64::from(*score).exp()).collect();
            let total: f64 = weights.iter().sum();
            for (idx, weight) in weights.iter().enumerate() {
                expected.push(3.0 / 2.0 * (weight / total - f64::from(u8::from(idx == word))));
            }
        }
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }
}
