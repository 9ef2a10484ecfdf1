//! The pictures and captions that checks are made with.

use burn::tensor::{Int, Tensor, TensorData};

use crate::data::Batch;
use crate::harness::CaptionNet;
use crate::probe::fill;

/// A few pictures with captions to learn, and token sequences to follow.
#[derive(Clone, Debug)]
pub struct Sample {
    /// `[batch, channels, height, width]`
    pub(super) images: Tensor<4>,
    /// What the loss receives: `[batch, n_captions, length]`
    pub(super) captions: Tensor<3, Int>,
    /// Row by row SOS and words, of [`LENGTH`](Self::LENGTH) each.
    pub(super) words: Vec<i64>,
}

impl Sample {
    /// Pictures of a sample.
    pub const N_IMAGES: usize = 4;
    /// Tokens of the sequences that scores are compared on.
    pub(super) const LENGTH: usize = 8;

    /// Real pictures and captions.
    pub fn of_batch(net: &dyn CaptionNet, batch: &Batch) -> Self {
        let device = net.device();
        Self::new(net, batch.images(device), batch.captions(device))
    }

    /// Noise, and captions that are drawn word by word.
    pub fn made_up(net: &dyn CaptionNet, n_captions: usize) -> Self {
        let [channels, height, width] = net.spec().image;
        let shape = [Self::N_IMAGES, channels, height, width];
        let images = fill::values("images", shape.iter().product(), 1.0);
        let shape_of_captions = [Self::N_IMAGES, n_captions, Self::LENGTH];
        let rows = [Self::N_IMAGES * n_captions, Self::LENGTH];
        let captions = fill::captions("captions", rows, net.spec().vocab);
        Self::new(
            net,
            Tensor::from_data(TensorData::new(images, shape), net.device()),
            Tensor::from_data(TensorData::new(captions, shape_of_captions), net.device()),
        )
    }

    fn new(net: &dyn CaptionNet, images: Tensor<4>, captions: Tensor<3, Int>) -> Self {
        let [batch, ..] = images.dims();
        // One more than wanted: the last one of a row is EOS.
        let rows = fill::captions("words", [batch, Self::LENGTH + 1], net.spec().vocab);
        let words = rows.chunks(Self::LENGTH + 1);
        Self {
            words: words
                .flat_map(|row| &row[..Self::LENGTH])
                .copied()
                .collect(),
            images,
            captions,
        }
    }

    pub(super) fn n_images(&self) -> usize {
        self.words.len() / Self::LENGTH
    }

    /// The same pictures, each as its own negative and brighter.
    pub(super) fn other_images(&self) -> Tensor<4> {
        self.images.clone().neg().add_scalar(0.5)
    }

    /// The token sequences with another word at `position`.
    pub(super) fn changed_words(&self, position: usize, vocab: usize) -> Vec<i64> {
        let first = if vocab > 5 { 4 } else { 0 };
        let n_words = vocab.max(1).cast_signed() as i64 - first;
        let other = |word: i64| first + (word - first + 1).rem_euclid(n_words);
        let changed = self.words.iter().enumerate().map(|(idx, word)| {
            if idx % Self::LENGTH == position {
                other(*word)
            } else {
                *word
            }
        });
        changed.collect()
    }

    /// The first `length` tokens of every sequence and `n_extra` times PAD.
    pub(super) fn prefixes(&self, length: usize, n_extra: usize) -> Vec<i64> {
        let padding = || std::iter::repeat_n(crate::vocab::PAD, n_extra);
        let rows = self.words.chunks(Self::LENGTH);
        rows.flat_map(|row| row[..length].iter().copied().chain(padding()))
            .collect()
    }
}
