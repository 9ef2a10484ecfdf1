//! [`TransformerCaptionDecoder`]: a Transformer decoder that reads words.
//!
//! Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>. Differences from the paper: the memory
//! is projected to the width of the words, positions may be learned, and normalisation may come
//! before each block.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::{Bool, Device, Int, Tensor};

use super::position::{Position, PositionKind};
use super::words::WordsSpec;
use super::{CaptionDecoder, Memory, Words};
use crate::attention::{Mask, select_rows};
use crate::config::{ConfigError, at_least_one, expect_valid};
use crate::transformer::{
    TransformerDecoder, TransformerDecoderConfig, TransformerDecoderInput, TransformerDecoderState,
};

/// Configuration of [`TransformerCaptionDecoder`].
#[derive(Config, Debug)]
pub struct TransformerCaptionDecoderConfig {
    /// Width of the memory. At least 1.
    pub d_memory: usize,
    /// Words. At least 1.
    pub vocab: usize,
    /// The layers, whose width is that of the words. Their dropout also follows the positions.
    /// Sequences are `[batch, length, ..]`, whatever `batch_first` says.
    pub layers: TransformerDecoderConfig,
    /// What is added to words. Default: sinusoidal
    #[config(default = "PositionKind::Sinusoidal")]
    pub position: PositionKind,
    /// Whether words are multiplied by the square root of the width before positions are added.
    /// Default: true
    #[config(default = true)]
    pub scale_words: bool,
    /// Whether the table of words scores them too. Default: false
    #[config(default = false)]
    pub tied: bool,
    /// The word that fills up captions: its vector starts at zero, lookups do not train it, and
    /// no other word attends to it. Default: none
    #[config(default = "None")]
    pub padding_idx: Option<usize>,
}

/// A Transformer decoder.
///
/// A step computes one position: keys and values of the words before and of the memory are kept.
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use nn_core::decoder::{CaptionDecoder, TransformerCaptionDecoderConfig};
/// use nn_core::{TransformerDecoderConfig, TransformerDecoderLayerConfig};
///
/// let device = Device::default();
/// let layer = TransformerDecoderLayerConfig::new(8, 2).with_d_feedforward(16);
/// let layers = TransformerDecoderConfig::new(layer, 2);
/// let decoder = TransformerCaptionDecoderConfig::new(6, 10, layers).init(&device);
/// let memory = Tensor::<3>::ones([2, 4, 6], &device);
///
/// let tokens = Tensor::<2, Int>::from_ints([[1, 4, 5], [1, 7, 0]], &device);
/// let scores = decoder.forward(memory.clone().into(), tokens);
/// assert_eq!(scores.dims(), [2, 3, 10]);
///
/// let state = decoder.start(memory.into());
/// let first = Tensor::<1, Int>::from_ints([1, 1], &device);
/// let (scores, _state) = decoder.step(first, state);
/// assert_eq!(scores.dims(), [2, 10]);
/// ```
#[derive(Module, Debug)]
pub struct TransformerCaptionDecoder {
    /// Both ends.
    pub words: Words,
    /// What is added to words.
    pub position: Position,
    /// From the memory's width to that of the words.
    pub memory: Linear,
    /// The layers.
    pub layers: TransformerDecoder,
    dropout: Dropout,
    scale_words: bool,
}

/// What a [`TransformerCaptionDecoder`] keeps between tokens.
#[derive(Clone, Debug)]
pub struct TransformerCaptionState {
    layers: TransformerDecoderState,
    /// Where the tokens so far are padding: `[batch, length]`.
    padding: Option<Tensor<2, Bool>>,
}

impl TransformerCaptionDecoderConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a size is 0, the layers or the positions break a rule, or the padding word is not in
    /// the table.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("d_memory", self.d_memory)?;
        at_least_one("vocab", self.vocab)?;
        self.layers.check()?;
        self.words().embedding().check()?;
        self.position.check(self.layers.layer.d_model)
    }

    /// Draws the weights, as PyTorch's layers do; a tied table of words starts smaller.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> TransformerCaptionDecoder {
        expect_valid("TransformerCaptionDecoder", self.check());
        let layer = &self.layers.layer;
        let mut layers = self.layers.clone();
        layers.layer.batch_first = true;
        TransformerCaptionDecoder {
            words: self.words().init(device),
            position: self.position.init(layer.d_model, device),
            memory: LinearConfig::new(self.d_memory, layer.d_model).init(device),
            layers: layers.init(device),
            dropout: DropoutConfig::new(layer.dropout).init(),
            scale_words: self.scale_words,
        }
    }

    fn words(&self) -> WordsSpec {
        let d_model = self.layers.layer.d_model;
        WordsSpec {
            vocab: self.vocab,
            d_embed: d_model,
            d_hidden: d_model,
            tied: self.tied,
            padding_idx: self.padding_idx,
        }
    }
}

impl TransformerCaptionState {
    /// Where the decoder looked to score the last token's successor, `[batch, regions]`: the weights of the last layer's
    /// attention to the memory, averaged over its heads. None before the first token.
    pub fn attention_weights(&self) -> Option<Tensor<2>> {
        self.layers.attention_weights()
    }
}

impl TransformerCaptionDecoder {
    /// Words at the positions from `first` on: `[batch, length]` to `[batch, length, d_model]`.
    fn embed(&self, tokens: Tensor<2, Int>, first: usize) -> Tensor<3> {
        let words = self.words.embed(tokens);
        let [_, _, d_model] = words.dims();
        let words = if self.scale_words {
            words * (d_model as f64).sqrt()
        } else {
            words
        };
        self.dropout.forward(self.position.forward(words, first))
    }

    /// Where tokens are padding: `[batch, length]`.
    fn padding(&self, tokens: &Tensor<2, Int>) -> Option<Tensor<2, Bool>> {
        self.words.embedding.is_padding(tokens)
    }
}

impl CaptionDecoder for TransformerCaptionDecoder {
    type State = TransformerCaptionState;

    fn forward(&self, memory: Memory, tokens: Tensor<2, Int>) -> Tensor<3> {
        let [_, length] = tokens.dims();
        let padding = self.padding(&tokens).map(Mask::from);
        let causal = Mask::causal(length, &tokens.device());
        let target = self.embed(tokens, 0);
        let input = TransformerDecoderInput::new(target, self.memory.forward(memory.tokens))
            .with_target_mask(causal)
            .with_padding(padding, memory.hidden.map(Mask::from));
        self.words.scores(self.layers.forward(input))
    }

    fn start(&self, memory: Memory) -> Self::State {
        let hidden = memory.hidden.map(Mask::from);
        let memory = self.memory.forward(memory.tokens); // [batch, regions, d_model]
        TransformerCaptionState {
            layers: self.layers.start(&memory, hidden),
            padding: None,
        }
    }

    fn step(&self, token: Tensor<1, Int>, state: Self::State) -> (Tensor<2>, Self::State) {
        let token = token.unsqueeze_dim(1); // [batch, 1]
        let padding: Vec<_> = [state.padding, self.padding(&token)]
            .into_iter()
            .flatten()
            .collect();
        let padding = (!padding.is_empty()).then(|| Tensor::cat(padding, 1)); // [batch, length]
        let target = self.embed(token, state.layers.length());
        let hidden = padding.clone().map(Mask::from);
        let (output, layers) = self.layers.step(target, hidden.as_ref(), state.layers);
        let scores = self.words.scores(output).squeeze_dim(1);
        (scores, TransformerCaptionState { layers, padding })
    }

    fn select(&self, state: Self::State, rows: Tensor<1, Int>) -> Self::State {
        TransformerCaptionState {
            layers: state.layers.select(&rows),
            padding: (state.padding).map(|padding| select_rows(padding, rows)),
        }
    }

    fn vocab(&self) -> usize {
        self.words.vocab()
    }

    fn max_length(&self) -> Option<usize> {
        self.position.max_length()
    }
}
