//! [`RecurrentCaptionDecoder`]: LSTM and GRU decoders.
//!
//! Vinyals et al. 2015, <https://arxiv.org/abs/1411.4555>; with attention, Xu et al. 2015,
//! <https://arxiv.org/abs/1502.03044>, the deterministic "soft" kind. Differences from the papers:
//! the parts combine freely; [`show_attend_and_tell`] says what it leaves out.

mod attention;
mod config;
mod image;
mod layers;

pub use attention::{MemoryAttention, RegionAttention};
pub use config::{RecurrentCaptionDecoderConfig, show_and_tell, show_attend_and_tell};
pub use image::{ImageEntry, ImageInput, InitialState};
pub use layers::{RecurrentKind, RecurrentLayers, RecurrentState};

use burn::module::Module;
use burn::nn::Dropout;
use burn::tensor::{Int, Tensor};

use super::{CaptionDecoder, Memory, Words};
use crate::attention::AttendedMemory;
#[cfg(feature = "flex")]
use crate::fused;
use crate::recurrent::unbind;

/// A decoder with recurrent layers.
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use nn_core::decoder::{CaptionDecoder, RecurrentCaptionDecoderConfig};
///
/// let device = Device::default();
/// let decoder = RecurrentCaptionDecoderConfig::new(6, 10, 8, 8).init(&device);
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
pub struct RecurrentCaptionDecoder {
    /// Both ends.
    pub words: Words,
    /// How the mean of the memory comes in.
    pub image: ImageEntry,
    /// Where to look before each word.
    pub attention: Option<MemoryAttention>,
    /// Over time.
    pub layers: RecurrentLayers,
    pub(super) dropout: Dropout,
}

/// What a [`RecurrentCaptionDecoder`] keeps between tokens.
#[derive(Clone, Debug)]
pub struct RecurrentCaptionState {
    /// Of the layers.
    pub layers: RecurrentState,
    /// What stands beside every word: `[batch, d_embed]`.
    image: Option<Tensor<2>>,
    /// What attention reads.
    memory: Option<AttendedMemory>,
    /// How the last step weighed it: `[batch, regions]`.
    weights: Option<Tensor<2>>,
}

impl RecurrentCaptionState {
    /// Where attention looked to score the last token's successor, `[batch, regions]`. None without attention, and before
    /// the first token.
    pub fn attention_weights(&self) -> Option<Tensor<2>> {
        self.weights.clone()
    }
}

impl RecurrentCaptionDecoder {
    /// What attention sees from a state, `[batch, d_memory]`, and its weights.
    fn look(&self, state: &RecurrentCaptionState) -> Option<(Tensor<2>, Tensor<2>)> {
        let (attention, memory) = self.attention.as_ref().zip(state.memory.as_ref())?;
        Some(attention.forward(state.layers.output(), memory))
    }

    /// Reads inputs of a word's width: `[batch, length, d_embed]` to `[batch, length, hidden]`.
    /// Without attention all at once, else one by one, as what is seen depends on the state.
    fn read(
        &self,
        words: Tensor<3>,
        mut state: RecurrentCaptionState,
    ) -> (Tensor<3>, RecurrentCaptionState) {
        if self.attention.is_none() {
            return self.advance(words, None, state);
        }
        #[cfg(feature = "flex")]
        if let Some(look) = self.look_at_once(&words, &state) {
            let input = beside(words, [state.image.clone()]);
            let (output, layers) = self.layers.run_attending(input, look, state.layers);
            let weights = None; // Of many steps at once, none is the last.
            let state = RecurrentCaptionState {
                layers,
                weights,
                ..state
            };
            return (output, state);
        }
        let mut outputs = Vec::new();
        for word in unbind(words.swap_dims(0, 1)) {
            let word = word.unsqueeze_dim(1); // [batch, 1, d_embed]
            let (seen, weights) = self.look(&state).unzip();
            state.weights = weights;
            let (output, next) = self.advance(word, seen, state);
            outputs.push(output);
            state = next;
        }
        (Tensor::cat(outputs, 1), state)
    }

    /// Runs the layers, with what stands beside each of the words.
    fn advance(
        &self,
        words: Tensor<3>,
        seen: Option<Tensor<2>>,
        state: RecurrentCaptionState,
    ) -> (Tensor<3>, RecurrentCaptionState) {
        let input = beside(words, [state.image.clone(), seen]);
        let (output, layers) = self.layers.forward(input, state.layers);
        (output, RecurrentCaptionState { layers, ..state })
    }

    /// How to look at the memory in one operation with all steps, where there is one: for one layer
    /// and two words or more.
    #[cfg(feature = "flex")]
    fn look_at_once(
        &self,
        words: &Tensor<3>,
        state: &RecurrentCaptionState,
    ) -> Option<fused::Look> {
        let [_, length, _] = words.dims();
        if self.layers.n_layers() > 1 || length < 2 || !fused::takes(words) {
            return None;
        }
        let (attention, memory) = self.attention.as_ref().zip(state.memory.as_ref())?;
        attention.look(memory)
    }

    /// Reads tokens and scores what follows each.
    fn score(
        &self,
        tokens: Tensor<2, Int>,
        state: RecurrentCaptionState,
    ) -> (Tensor<3>, RecurrentCaptionState) {
        let words = self.dropout.forward(self.words.embed(tokens)); // [batch, length, d_embed]
        let (hidden, state) = self.read(words, state);
        let scores = self.words.scores(self.dropout.forward(hidden)); // [batch, length, vocab]
        (scores, state)
    }
}

/// Vectors, `[batch, d]`, beside each of `words`, `[batch, length, d_embed]`.
fn beside<const N: usize>(words: Tensor<3>, vectors: [Option<Tensor<2>>; N]) -> Tensor<3> {
    let [batch, length, _] = words.dims();
    let repeated = vectors.into_iter().flatten().map(|vector| {
        let [_, width] = vector.dims();
        vector.unsqueeze_dim::<3>(1).expand([batch, length, width])
    });
    Tensor::cat(std::iter::once(words).chain(repeated).collect(), 2)
}

impl CaptionDecoder for RecurrentCaptionDecoder {
    type State = RecurrentCaptionState;

    fn forward(&self, memory: Memory, tokens: Tensor<2, Int>) -> Tensor<3> {
        self.score(tokens, self.start(memory)).0
    }

    fn start(&self, memory: Memory) -> Self::State {
        let mean = memory.mean(); // [batch, d_memory]
        let [batch, _] = mean.dims();
        let state = RecurrentCaptionState {
            layers: self.layers.zero_state(batch, &mean.device()),
            image: None,
            memory: (self.attention.as_ref()).map(|attention| attention.project(memory)),
            weights: None,
        };
        match &self.image {
            ImageEntry::InitialState(initial) => RecurrentCaptionState {
                layers: initial.forward(&mean),
                ..state
            },
            ImageEntry::FirstToken(linear) => {
                let image = linear.forward(mean).unsqueeze_dim(1); // [batch, 1, d_embed]
                RecurrentCaptionState {
                    weights: None, // the image is no word
                    ..self.read(image, state).1
                }
            }
            ImageEntry::EveryStep(linear) => RecurrentCaptionState {
                image: Some(linear.forward(mean)),
                ..state
            },
        }
    }

    fn step(&self, token: Tensor<1, Int>, state: Self::State) -> (Tensor<2>, Self::State) {
        let (scores, state) = self.score(token.unsqueeze_dim(1), state);
        (scores.squeeze_dim(1), state)
    }

    fn select(&self, state: Self::State, rows: Tensor<1, Int>) -> Self::State {
        RecurrentCaptionState {
            layers: state.layers.select(rows.clone()),
            image: state.image.map(|image| image.select(0, rows.clone())),
            memory: state.memory.map(|memory| memory.select(rows.clone())),
            weights: state.weights.map(|weights| weights.select(0, rows)),
        }
    }

    fn vocab(&self) -> usize {
        self.words.vocab()
    }
}
