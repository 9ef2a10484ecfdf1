//! Captions of the pictures that are scored.

use std::time::{Duration, Instant};

use super::References;
use crate::data::{DataError, Input, Loader};
use crate::decode::{Caption, DecodeError, DecodeOptions, decode};
use crate::harness::CaptionNet;
use crate::vocab::Vocab;

/// A net's captions of the first pictures of a set.
#[derive(Clone, Debug, Default)]
pub struct Generated {
    /// Item of each caption.
    pub indices: Vec<usize>,
    /// Words, by the library's decoding.
    pub captions: Vec<String>,
    /// Ids for the protocol `lemur`: the net's own inference or, failing that, the library's.
    pub ids: Vec<Vec<i64>>,
    /// Whether `ids` are the net's own.
    pub own_inference: bool,
    /// Pictures that could not be read.
    pub skipped: Vec<String>,
    /// Pictures that were captioned, those of the last batch that nobody wanted included.
    captioned: usize,
    /// The time that took by the library's decoding, without reading the pictures.
    decoding: Duration,
}

/// Why pictures are not captioned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// No picture can be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The options ask for what the net cannot do.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

/// Captions the first `n_images` pictures of a loader that keeps their order.
///
/// # Errors
///
/// When no picture can be read, or the options ask for what the net cannot do.
pub fn generate(
    net: &dyn CaptionNet,
    loader: &Loader,
    vocab: &Vocab,
    n_images: usize,
    options: &DecodeOptions,
) -> Result<Generated, GenerateError> {
    let mut generated = Generated {
        own_inference: net.spec().infer,
        ..Generated::default()
    };
    for batch in loader.epoch(0) {
        let batch = batch?;
        let n_wanted = n_images - generated.indices.len();
        let input = batch.input(net.device());
        let began = Instant::now();
        let captions = decode(net, input.clone(), options, generated.indices.len())?;
        // Of features only half of the work is seen.
        if let Input::Images(_) = input {
            generated.decoding += began.elapsed();
            generated.captioned += captions.len();
        }
        let rows: Vec<Vec<i64>> = captions
            .into_iter()
            .map(|Caption { ids, .. }| ids)
            .collect();
        let own = own_ids(net, input);
        generated.own_inference &= own.is_some();
        generated
            .captions
            .extend(rows.iter().map(|row| vocab.decode(row)).take(n_wanted));
        generated
            .ids
            .extend(own.unwrap_or(rows).into_iter().take(n_wanted));
        generated
            .skipped
            .extend(batch.skipped.iter().map(DataError::to_string));
        generated
            .indices
            .extend(batch.indices.into_iter().take(n_wanted));
        if generated.indices.len() >= n_images {
            break;
        }
    }
    Ok(generated)
}

/// The net's own ids; rows are neither cut at EOS nor cleaned of SOS.
fn own_ids(net: &dyn CaptionNet, input: Input) -> Option<Vec<Vec<i64>>> {
    // A net with features has no inference of its own.
    let Input::Images(images) = input else {
        return None;
    };
    let ids = net.infer(images)?.into_ids();
    let [batch, steps] = ids.dims();
    let ids: Vec<i64> = ids.into_data().iter().collect();
    let row = |row: usize| ids[row * steps..(row + 1) * steps].to_vec();
    Some((0..batch).map(row).collect())
}

impl Generated {
    /// Milliseconds to caption one picture in a batch, by the library's decoding; `None` where there was no picture.
    pub fn latency_ms(&self) -> Option<f64> {
        let n = u32::try_from(self.captioned).ok().filter(|n| *n > 0)?;
        Some(1000.0 * (self.decoding / n).as_secs_f64())
    }

    /// The references of the same pictures.
    pub fn references(&self, loader: &Loader, vocab: &Vocab) -> References {
        References::new(loader.data().as_ref(), &self.indices, vocab)
    }
}
