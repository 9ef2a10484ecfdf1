//! Caption decoders: networks that score the next word from an image's memory and the words so
//! far.
//!
//! What an encoder makes of an image is the [`Memory`]. Greedy and beam search are written once,
//! over [`start`](CaptionDecoder::start), [`step`](CaptionDecoder::step) and
//! [`select`](CaptionDecoder::select); training reads whole captions by
//! [`forward`](CaptionDecoder::forward).

mod any;
mod memory;
mod position;
mod recurrent;
mod transformer;
mod words;

pub use any::{AnyDecoder, AnyDecoderState, DecoderConfig};
pub use memory::Memory;
pub use position::{Position, PositionKind};
pub use recurrent::{
    ImageEntry, ImageInput, InitialState, MemoryAttention, RecurrentCaptionDecoder,
    RecurrentCaptionDecoderConfig, RecurrentCaptionState, RecurrentKind, RecurrentLayers,
    RecurrentState, RegionAttention, show_and_tell, show_attend_and_tell,
};
pub use transformer::{
    TransformerCaptionDecoder, TransformerCaptionDecoderConfig, TransformerCaptionState,
};
pub use words::Words;

use burn::module::Module;
use burn::tensor::{Int, Tensor};

/// A caption decoder: next-token scores from image features and the tokens so far.
///
/// Law, tested for every implementation: row `t` of [`forward`](Self::forward) equals the
/// scores the `t`-th [`step`](Self::step) returns for the same tokens (dropout aside, which
/// draws anew).
pub trait CaptionDecoder: Module {
    /// What is kept between tokens.
    type State: Clone;

    /// Scores before softmax of the token after each one: teacher forcing.
    ///
    /// - memory: `[batch, regions, d_memory]`
    /// - tokens: `[batch, length]`, the first being the one that starts captions; length at
    ///   least 1
    /// - returns: `[batch, length, vocab]`
    fn forward(&self, memory: Memory, tokens: Tensor<2, Int>) -> Tensor<3>;

    /// The state before the first token. What depends on the memory only is computed here.
    ///
    /// - memory: `[batch, regions, d_memory]`
    fn start(&self, memory: Memory) -> Self::State;

    /// Reads one more token of every caption: `[batch]` to scores `[batch, vocab]`.
    fn step(&self, token: Tensor<1, Int>, state: Self::State) -> (Tensor<2>, Self::State);

    /// The `rows` of a state's batch, in their order: row `i` of the result is row `rows[i]` of
    /// `state`. Rows may repeat or be left out, so this also widens a state to the beams of a
    /// search and drops captions that are complete.
    ///
    /// - rows: `[new batch]`, each below the state's batch
    fn select(&self, state: Self::State, rows: Tensor<1, Int>) -> Self::State;

    /// Words that are scored.
    fn vocab(&self) -> usize;

    /// Tokens that can be read at most, where there is a limit.
    fn max_length(&self) -> Option<usize> {
        None
    }
}
