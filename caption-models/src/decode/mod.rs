//! Captions from a trained net, word by word: greedy, by beam search, or by sampling. Written once over
//! [`CaptionNet`]: a net that has [sessions](crate::harness::Session) computes one row a
//! step, any other reads its prefixes anew.

mod beam;
mod options;
mod rows;
mod rules;
mod sample;
mod single;

pub use options::{Beam, DecodeError, DecodeOptions, Method, Sample};

use burn::tensor::Tensor;

use crate::data::Input;
use crate::harness::CaptionNet;

/// A caption of one image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Caption {
    /// What follows SOS, EOS included when the net reached it.
    pub ids: Vec<i64>,
    /// Sum of the log-probabilities of the ids.
    pub log_prob: f64,
    /// Where the net looked for each id, a weight a region; empty when the net does not tell.
    pub attention: Vec<Vec<f32>>,
}

impl Caption {
    fn push(&mut self, token: i64, log_prob: f32, attention: Option<&[f32]>) {
        self.ids.push(token);
        self.log_prob += f64::from(log_prob);
        self.attention.extend(attention.map(<[f32]>::to_vec));
    }
}

/// Captions of a batch of images, or of features that stand for them. `first` is the number of the first image, on which
/// sampling depends.
///
/// # Errors
///
/// When an option is out of its range, or asks for attention that the net does not tell.
pub fn decode(
    net: &dyn CaptionNet,
    input: impl Into<Input>,
    options: &DecodeOptions,
    first: usize,
) -> Result<Vec<Caption>, DecodeError> {
    options.check()?;
    let input = input.into();
    match &options.method {
        Method::Beam(beam) => beam::beam(net, input, options, beam),
        Method::Greedy | Method::Sample(_) => Ok(single::single(net, input, options, first)),
    }
}

/// The most probable token at every position: captions of a batch of images, at most `max_length` tokens each.
///
/// A row holds what follows SOS, its EOS included when the net reached it; each row stops at its own EOS.
///
/// # Shapes
///
/// - images: `[batch, channels, height, width]`
pub fn greedy(net: &dyn CaptionNet, images: Tensor<4>, max_length: usize) -> Vec<Vec<i64>> {
    let captions = single::single(net, images.into(), &DecodeOptions::greedy(max_length), 0);
    captions.into_iter().map(|caption| caption.ids).collect()
}
