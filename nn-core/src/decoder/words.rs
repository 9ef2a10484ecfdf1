//! [`Words`]: from tokens to vectors and back to scores.
//!
//! One matrix for both is Press and Wolf 2017, <https://arxiv.org/abs/1608.05859>.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Int, Tensor};

use crate::embedding::{Embedding, EmbeddingConfig};
use crate::linear;

/// Both ends of a decoder: the table of words, and the layer that scores words.
#[derive(Module, Debug)]
pub struct Words {
    /// A vector a word.
    pub embedding: Embedding,
    /// From hidden vectors to scores. Without it the table scores: a word's score is the product
    /// of its vector with the hidden one.
    pub fc: Option<Linear>,
}

/// The sizes of [`Words`].
pub(super) struct WordsSpec {
    pub(super) vocab: usize,
    pub(super) d_embed: usize,
    /// Width of the hidden vectors; `d_embed` where tied.
    pub(super) d_hidden: usize,
    pub(super) tied: bool,
    pub(super) padding_idx: Option<usize>,
}

impl WordsSpec {
    pub(super) fn embedding(&self) -> EmbeddingConfig {
        EmbeddingConfig::new(self.vocab, self.d_embed).with_padding_idx(self.padding_idx)
    }

    /// PyTorch's initial values; a tied table is drawn from N(0, 1/d) rather than N(0, 1), whose
    /// scores would be as large as the square root of d.
    pub(super) fn init(&self, device: &Device) -> Words {
        let mut embedding = self.embedding().init(device);
        if self.tied {
            let scale = (self.d_embed as f64).sqrt().recip();
            embedding.weight = embedding.weight.init_mapper(move |table| table * scale);
        }
        let fc = LinearConfig::new(self.d_hidden, self.vocab);
        Words {
            embedding,
            fc: (!self.tied).then(|| fc.init(device)),
        }
    }
}

impl Words {
    /// Looks up sequences: `[batch, length]` to `[batch, length, d_embed]`.
    pub fn embed(&self, tokens: Tensor<2, Int>) -> Tensor<3> {
        self.embedding.forward(tokens)
    }

    /// Scores of all words: `[batch, length, d_hidden]` to `[batch, length, vocab]`.
    pub fn scores(&self, hidden: Tensor<3>) -> Tensor<3> {
        match &self.fc {
            Some(fc) => linear::apply(fc, hidden),
            None => linear::linear(hidden, self.embedding.weight.val(), None),
        }
    }

    /// Number of words.
    pub fn vocab(&self) -> usize {
        self.embedding.weight.dims()[0]
    }
}
