//! A trained net in one file: its weights under PyTorch's names, and in the file's metadata what captioning needs beside
//! them. [`write()`] makes the file, [`TrainedNet`] reads it.

mod file;

pub use file::{About, Written, write};

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use thiserror::Error;

use crate::checkpoint::{self, CheckpointError};
use crate::data::{DataError, image_tensor, load_image};
use crate::decode::{DecodeError, DecodeOptions, decode};
use crate::harness::{Candidate, CaptionNet, Captioner, StateError};
use crate::system::{SystemError, SystemFile};
use crate::vocab::Vocab;

/// A trained net with its words: pictures in, captions out.
pub struct TrainedNet {
    net: Box<dyn CaptionNet>,
    vocab: Vocab,
}

/// Why a trained net cannot be written, read or used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainedError {
    /// The weights cannot be read or written, or are not the net's.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The file holds something else.
    #[error("{path} is no exported net: {reason}; `nn-caption export` writes one")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The ready system cannot be built.
    #[error(transparent)]
    System(#[from] SystemError),
    /// The net's module and its table of parameters disagree.
    #[error(transparent)]
    State(#[from] StateError),
    /// A picture cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The options ask for what the net cannot do.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

impl TrainedNet {
    /// The ready system in an exported file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or holds something else.
    pub fn system(path: &Path, device: &Device) -> Result<Self, TrainedError> {
        let about = About::read(path)?;
        let system: SystemFile = serde_json::from_value(about.config).map_err(|error| {
            let reason = format!("its `config` is no ready system ({error})");
            file::no_file(path, reason)
        })?;
        Self::with(system.build(device, 0)?, about.vocab, path)
    }

    /// The generated net of type `N` with the weights in an exported file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or is another net's.
    pub fn generated<N: Captioner>(path: &Path, device: &Device) -> Result<Self, TrainedError> {
        let about = About::read(path)?;
        let net = Candidate::<N>::new(device, 0)?;
        Self::with(Box::new(net), about.vocab, path)
    }

    fn with(mut net: Box<dyn CaptionNet>, vocab: Vocab, path: &Path) -> Result<Self, TrainedError> {
        let (expected, found) = (net.spec().vocab, vocab.len());
        if found != expected {
            let reason = format!("it has {found} words, the net was made for {expected}");
            return Err(file::no_file(path, reason));
        }
        checkpoint::load_model(net.as_mut(), path)?;
        Ok(Self { net, vocab })
    }

    /// The caption of a picture file.
    ///
    /// # Errors
    ///
    /// When the picture cannot be read, or the options make no sense.
    pub fn caption(&self, picture: &Path, options: &DecodeOptions) -> Result<String, TrainedError> {
        let shape = self.net.spec().image;
        let values = load_image(picture, shape)?;
        let [channels, height, width] = shape;
        let image = image_tensor(values, [1, channels, height, width], self.net.device());
        let captions = decode(self.net.as_ref(), image, options, 0)?;
        let ids = captions.first().map_or(&[][..], |caption| &caption.ids);
        Ok(self.vocab.decode(ids))
    }
}
