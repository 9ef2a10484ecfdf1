//! [`EntryPoints`]: what a net computes, apart from what is known of it.

use burn::module::Module;
use burn::tensor::{Int, Tensor};

use super::{Captioner, Inference, Regions};

/// The entry points of a captioning net, documented at [`Captioner`], which has them too.
pub trait EntryPoints: Module + 'static {
    /// What the decoder needs of the images.
    type Memory: Clone + 'static;

    /// See [`Captioner::encode`].
    fn encode(&self, images: Tensor<4>) -> Self::Memory;
    /// See [`Captioner::decode`].
    fn decode(&self, memory: Self::Memory, captions: Tensor<2, Int>) -> Tensor<3>;
    /// See [`Captioner::logits`].
    fn logits(&self, images: Tensor<4>, captions: Tensor<2, Int>) -> Tensor<3>;
    /// See [`Captioner::loss`].
    fn loss(&self, images: Tensor<4>, captions: Tensor<3, Int>) -> Tensor<1>;
    /// See [`Captioner::infer`].
    fn infer(&self, images: Tensor<4>) -> Option<Inference>;
    /// Decoding word by word; `None` when only whole prefixes can be decoded.
    fn session(&self, memory: Self::Memory) -> Option<Box<dyn Session + '_>>;

    /// How the regions lie that a session's attention weighs, found out on any picture, `[1, channels, height, width]`;
    /// `None` when sessions tell no attention.
    fn regions(&self, _picture: Tensor<4>) -> Option<Regions> {
        None
    }

    /// See [`CaptionNet::frozen_encoder`](super::CaptionNet::frozen_encoder). The three functions below are called
    /// only where there is one.
    fn frozen_encoder(&self) -> Option<&str> {
        None
    }
    /// See [`CaptionNet::features`](super::CaptionNet::features).
    fn features(&self, _images: Tensor<4>) -> Tensor<3> {
        no_frozen_encoder()
    }
    /// What the decoder needs of images with these features.
    fn memory(&self, _features: Tensor<3>) -> Self::Memory {
        no_frozen_encoder()
    }
    /// The training loss of images with these features.
    fn loss_from(&self, _features: Tensor<3>, _captions: Tensor<3, Int>) -> Tensor<1> {
        no_frozen_encoder()
    }
}

fn no_frozen_encoder() -> ! {
    panic!("only a net whose encoder keeps its weights has features")
}

/// Captions of a batch under way: what a decoder keeps between words.
pub trait Session {
    /// Reads one more token of every caption: `[rows]` to the scores of the next one before softmax, `[rows, vocab]`.
    fn step(&mut self, tokens: Tensor<1, Int>) -> Tensor<2>;

    /// Where the net looked to score what the last [`step`](Self::step) returned, `[rows, regions]`, if it tells.
    fn attention(&self) -> Option<Tensor<2>>;

    /// Keeps the `rows`, in their order; they may repeat.
    fn select(&mut self, rows: Tensor<1, Int>);
}

impl<N: Captioner> EntryPoints for N {
    type Memory = <N as Captioner>::Memory;

    fn encode(&self, images: Tensor<4>) -> Self::Memory {
        Captioner::encode(self, images)
    }

    fn decode(&self, memory: Self::Memory, captions: Tensor<2, Int>) -> Tensor<3> {
        Captioner::decode(self, memory, captions)
    }

    fn logits(&self, images: Tensor<4>, captions: Tensor<2, Int>) -> Tensor<3> {
        Captioner::logits(self, images, captions)
    }

    fn loss(&self, images: Tensor<4>, captions: Tensor<3, Int>) -> Tensor<1> {
        Captioner::loss(self, images, captions)
    }

    fn infer(&self, images: Tensor<4>) -> Option<Inference> {
        Captioner::infer(self, images)
    }

    fn session(&self, _memory: Self::Memory) -> Option<Box<dyn Session + '_>> {
        None
    }
}
