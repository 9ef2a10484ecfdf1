//! [`AttentionMaps`]: where a net looked for each word of a caption.

use serde::{Deserialize, Serialize};

use crate::decode::Caption;
use crate::vocab::{EOS, Vocab};

/// How the regions that attention weighs lie over a net's picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regions {
    /// What the weights are, in words.
    pub weights: String,
    /// Tokens before the regions that stand for the whole picture, such as a class token.
    pub n_whole: usize,
    /// Regions from top to bottom.
    pub rows: usize,
    /// Regions from left to right.
    pub columns: usize,
}

/// Where a net looked for each word of a caption.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttentionMaps {
    /// How the weights lie over the net's picture.
    pub regions: Regions,
    /// Height and width of the net's picture, which is cut out of the middle of the photograph.
    pub size: [usize; 2],
    /// The words, without the mark of the end.
    pub words: Vec<WordAttention>,
}

/// Where a net looked for one word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WordAttention {
    /// The word as the vocabulary spells it.
    pub word: String,
    /// The weight of each region, row by row. They sum to 1, less what went to the whole picture.
    pub weights: Vec<f32>,
}

impl AttentionMaps {
    /// The maps of a caption that tells where the net looked.
    pub(super) fn of(caption: &Caption, vocab: &Vocab, regions: Regions, size: [usize; 2]) -> Self {
        let word = |(id, weights): (&i64, &Vec<f32>)| WordAttention {
            word: vocab.word(*id).unwrap_or_default().to_owned(),
            weights: weights.iter().skip(regions.n_whole).copied().collect(),
        };
        let looks = caption.ids.iter().zip(&caption.attention);
        let words = looks.take_while(|(id, _)| **id != EOS).map(word).collect();
        Self {
            regions,
            size,
            words,
        }
    }
}
