//! Pictures with captions: data sets, the one picture transform, batches.
//!
//! A [`DataSpec`] names a data set and opens a split of it as a [`DataSet`]; a [`Loader`] turns that into batches.
//! Bad data is never a panic: a picture that cannot be read is named and left out, a set without a readable one is a
//! [`DataError`].

mod augment;
pub mod check;
mod cover;
mod detect;
mod error;
mod input;
mod loader;
mod photos;
mod scenes;
mod seeded;
mod spec;
mod transform;

use std::fmt;
use std::path::PathBuf;

use image::RgbImage;
use serde::{Deserialize, Serialize};

pub use augment::{Augment, AugmentError, Change, Crop};
pub use cover::{Window, cover, covered, cut, cut_centre};
pub use error::DataError;
pub use input::Input;
pub(crate) use loader::on_all_cores;
pub use loader::{Batch, BatchFeatures, Batches, Loader, LoaderConfig, Order, Padding};
pub use photos::Photos;
pub use scenes::Scenes;
pub use spec::DataSpec;
pub use transform::{
    IMAGENET_MEAN, IMAGENET_STD, image_tensor, load_image, load_picture, normalise, read_picture,
};

/// Which pictures: those to learn from, or those to score on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// To learn from.
    Train,
    /// To score on.
    Validation,
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Train => "train",
            Self::Validation => "validation",
        })
    }
}

/// A picture's name and what people say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Unique in its data set; for a photograph the file name.
    pub name: String,
    /// At least one, each with at least one word.
    pub captions: Vec<String>,
}

/// One split of a data set.
///
/// Law: the same index and size give the same picture, every time and on every thread.
pub trait DataSet: fmt::Debug + Send + Sync {
    /// What to call the set in a report, such as `scenes` or its folder.
    fn name(&self) -> String;

    /// Which split this is.
    fn split(&self) -> Split;

    /// Every picture that can be asked for.
    fn items(&self) -> &[Item];

    /// Picture `idx` of [`items`](Self::items), of exactly `[height, width]` pixels; any size will do.
    ///
    /// # Errors
    ///
    /// When the picture cannot be read or a side is 0 or beyond 16,384.
    ///
    /// # Panics
    ///
    /// If there is no item `idx`.
    fn picture(&self, idx: usize, size: [usize; 2]) -> Result<RgbImage, DataError>;

    /// A part of picture `idx`, of exactly `[height, width]` pixels.
    ///
    /// # Errors
    ///
    /// As [`picture`](Self::picture).
    ///
    /// # Panics
    ///
    /// If there is no item `idx`.
    fn part(&self, idx: usize, crop: &Crop, size: [usize; 2]) -> Result<RgbImage, DataError> {
        // Drawn larger, so that the part is sharp.
        let large = size.map(|side| 2 * side);
        cut(&self.picture(idx, large)?, crop, size)
    }

    /// A hash that tells picture `idx` from any other picture, whatever it is called: what is computed from the picture
    /// may be kept under it.
    ///
    /// # Errors
    ///
    /// When the picture cannot be read.
    ///
    /// # Panics
    ///
    /// If there is no item `idx`.
    fn fingerprint(&self, idx: usize) -> Result<[u8; 32], DataError>;

    /// The file of picture `idx`, where it is one.
    ///
    /// # Panics
    ///
    /// If there is no item `idx`.
    fn file(&self, _idx: usize) -> Option<PathBuf> {
        None
    }

    /// What was wrong with pictures that were left out when the set was opened; each names its picture.
    fn problems(&self) -> &[DataError] {
        &[]
    }
}
