//! The file: safetensors, whose metadata hold texts by key.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use safetensors::SafeTensors;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::TrainedError;
use crate::checkpoint::{CheckpointError, write_whole};
use crate::data::{IMAGENET_MEAN, IMAGENET_STD};
use crate::vocab::Vocab;

/// What a file says beside its weights. Its metadata are `config` and `vocabulary`, these two as JSON; `preprocessing`, how
/// pictures become the net's input; `producer`; and `format`, which is `pt` where tensors have PyTorch's names and layouts.
#[derive(Clone, Debug)]
pub struct About {
    /// The net's configuration: a [`SystemFile`](crate::system::SystemFile), or how a generated net was asked for.
    pub config: Value,
    /// Its words.
    pub vocab: Vocab,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Tensors of the file.
    pub n_tensors: usize,
    /// Numbers in them.
    pub n_values: usize,
    /// Its length.
    pub n_bytes: usize,
}

/// Writes the weights of a checkpoint's file, with what is said about them, to `out`, which appears whole or not at all.
///
/// # Errors
///
/// When the checkpoint cannot be read, or the file cannot be written.
pub fn write(weights: &Path, about: &About, out: &Path) -> Result<Written, TrainedError> {
    let bytes = read(weights)?;
    let checkpoint = parse(weights, &bytes)?;
    let tensors = checkpoint.tensors();
    let (n_tensors, n_values) = (
        tensors.len(),
        tensors
            .iter()
            .map(|(_, view)| view.shape().iter().product::<usize>())
            .sum(),
    );
    let file = safetensors::serialize(tensors, Some(about.metadata()))
        .map_err(|error| no_file(out, error.to_string()))?;
    write_whole(out, &file)?;
    Ok(Written {
        n_tensors,
        n_values,
        n_bytes: file.len(),
    })
}

impl About {
    /// Reads what a file says beside its weights.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or was not written by [`write()`].
    pub fn read(path: &Path) -> Result<Self, TrainedError> {
        let bytes = read(path)?;
        let (_, header) =
            SafeTensors::read_metadata(&bytes).map_err(|error| no_file(path, error.to_string()))?;
        let texts = header.metadata().as_ref();
        Ok(Self {
            config: part(path, texts, "config")?,
            vocab: part(path, texts, "vocabulary")?,
        })
    }

    fn metadata(&self) -> HashMap<String, String> {
        let texts = [
            ("format", "pt".to_owned()),
            (
                "producer",
                concat!("nn-caption ", env!("CARGO_PKG_VERSION")).to_owned(),
            ),
            ("config", self.config.to_string()),
            ("vocabulary", json!(self.vocab).to_string()),
            ("preprocessing", preprocessing()),
        ];
        texts.map(|(key, text)| (key.to_owned(), text)).into()
    }
}

/// How a picture becomes the net's input. The text is put together by hand because JSON values would lengthen the floats.
fn preprocessing() -> String {
    let resize = "shorter side to the net's, bilinear with antialiasing, then a centre crop";
    format!(
        r#"{{"resize":"{resize}","range":[0,1],"mean":{IMAGENET_MEAN:?},"std":{IMAGENET_STD:?}}}"#
    )
}

fn part<T: DeserializeOwned>(
    path: &Path,
    texts: Option<&HashMap<String, String>>,
    key: &str,
) -> Result<T, TrainedError> {
    let text = texts.and_then(|texts| texts.get(key));
    let text = text.ok_or_else(|| no_file(path, format!("its metadata have no `{key}`")))?;
    serde_json::from_str(text)
        .map_err(|error| no_file(path, format!("`{key}` of its metadata is damaged: {error}")))
}

fn read(path: &Path) -> Result<Vec<u8>, TrainedError> {
    let bytes = fs::read(path).map_err(|source| CheckpointError::Io {
        path: path.to_owned(),
        source,
    });
    Ok(bytes?)
}

fn parse<'a>(path: &Path, bytes: &'a [u8]) -> Result<SafeTensors<'a>, TrainedError> {
    SafeTensors::deserialize(bytes).map_err(|error| {
        let reason = error.to_string();
        let path = path.to_owned();
        CheckpointError::Format { path, reason }.into()
    })
}

pub(super) fn no_file(path: &Path, reason: String) -> TrainedError {
    TrainedError::File {
        path: path.to_owned(),
        reason,
    }
}
