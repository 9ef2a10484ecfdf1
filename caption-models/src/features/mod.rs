//! [`FeatureCache`]: what a frozen encoder makes of pictures, computed once and kept on disk.
//!
//! An entry is a file under the hash of everything that it follows from: the encoder and its weights, the size of the
//! pictures, the device, the version of this library, the picture itself. So runs, seeds, data sets and decoders share
//! entries, nothing is ever out of date, and a cache may be deleted at any time. Each entry appears whole or not at
//! all and carries a checksum: a killed computation goes on where it was, and a damaged entry is computed again. The
//! numbers are those of a training without a cache, to the last bit.

mod entry;
mod key;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn::tensor::Tensor;

use crate::checkpoint::CheckpointError;
use crate::data::{Batch, DataError, Loader, on_all_cores};
use crate::harness::CaptionNet;
use key::EncoderKey;

/// The cached features of one frozen encoder.
#[derive(Clone, Debug)]
pub struct FeatureCache {
    /// Of this encoder alone.
    folder: PathBuf,
    key: EncoderKey,
    /// `[regions, channels]` of an image.
    shape: [usize; 2],
}

/// Where the features of a data set's pictures lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedFeatures {
    shape: [usize; 2],
    /// By item; none for a picture that cannot be read.
    entries: Vec<Option<PathBuf>>,
}

/// What a cache tells while it is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filling {
    /// Pictures that are done with.
    pub done: usize,
    /// Pictures in all.
    pub all: usize,
    /// Entries that were damaged and are computed again.
    pub damaged: usize,
}

/// Why features cannot be kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FeatureError {
    /// The pictures cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The cache cannot be written.
    #[error(
        "features cannot be kept in {}: {source}; --cache names another folder, --no-cache does without", folder.display()
    )]
    Write {
        /// The cache's folder.
        folder: PathBuf,
        /// Why.
        source: CheckpointError,
    },
}

/// What was found under a picture's key.
enum Found {
    Good(PathBuf),
    Absent(PathBuf),
    Damaged(PathBuf),
    /// The picture cannot be read.
    NoPicture,
}

impl FeatureCache {
    /// The features of `net`'s encoder under `folder`; `None` where training changes the encoder. `device` is the name
    /// of the device that computes them.
    pub fn of(net: &dyn CaptionNet, folder: &Path, device: &str) -> Option<Self> {
        let key = EncoderKey::of(net, device)?;
        let [channels, height, width] = net.spec().image;
        let blank = Tensor::zeros([1, channels, height, width], net.device());
        let [_, regions, channels] = net.features(blank).dims();
        Some(Self {
            folder: folder.join(key.name()),
            key,
            shape: [regions, channels],
        })
    }

    /// Computes what is missing or damaged of the features of a loader's pictures.
    ///
    /// # Errors
    ///
    /// When the cache cannot be written, or the thread that reads pictures dies. A picture that cannot be read is none:
    /// the loader names it when it is asked for.
    pub fn fill(
        &self,
        net: &dyn CaptionNet,
        loader: &Loader,
        tell: &mut dyn FnMut(Filling),
    ) -> Result<Arc<CachedFeatures>, FeatureError> {
        let all: Vec<usize> = (0..loader.data().items().len()).collect();
        let found = on_all_cores(&all, |idx| self.find(loader, *idx));
        let missing: Vec<usize> = all
            .into_iter()
            .filter(|idx| matches!(found[*idx], Found::Absent(_) | Found::Damaged(_)))
            .collect();
        let is_damaged = |found: &&Found| matches!(found, Found::Damaged(_));
        let mut filling = Filling {
            done: found.len() - missing.len(),
            all: found.len(),
            damaged: found.iter().filter(is_damaged).count(),
        };
        tell(filling);
        let mut entries: Vec<Option<PathBuf>> = found.iter().map(Found::good).collect();
        let batches = (!missing.is_empty()).then(|| loader.only(missing));
        for batch in batches.into_iter().flatten() {
            let batch = match batch {
                Err(DataError::NoPicture { .. }) => break,
                batch => batch?,
            };
            for (idx, features) in batch.indices.iter().zip(self.compute(net, &batch)) {
                entries[*idx] = self.keep(&found[*idx], &features)?;
            }
            filling.done += batch.indices.len();
            tell(filling);
        }
        if filling.done < filling.all {
            filling.done = filling.all; // some pictures cannot be read
            tell(filling);
        }
        let shape = self.shape;
        Ok(Arc::new(CachedFeatures { shape, entries }))
    }

    fn find(&self, loader: &Loader, idx: usize) -> Found {
        let Ok(picture) = loader.data().fingerprint(idx) else {
            return Found::NoPicture;
        };
        let path = self.folder.join(self.key.entry(&picture));
        match entry::read(&path, self.shape) {
            Ok(_) => Found::Good(path),
            Err(_) if path.exists() => Found::Damaged(path),
            Err(_) => Found::Absent(path),
        }
    }

    fn compute(&self, net: &dyn CaptionNet, batch: &Batch) -> Vec<Vec<f32>> {
        let features = net.features(batch.images(net.device()));
        let values: Vec<f32> = features.into_data().iter().collect();
        let n_values = self.shape.iter().product();
        values.chunks(n_values).map(<[f32]>::to_vec).collect()
    }

    fn keep(&self, found: &Found, features: &[f32]) -> Result<Option<PathBuf>, FeatureError> {
        let (Found::Absent(path) | Found::Damaged(path)) = found else {
            return Ok(found.good());
        };
        let written = entry::write(path, features, self.shape);
        written.map_err(|source| FeatureError::Write {
            folder: self.folder.clone(),
            source,
        })?;
        Ok(Some(path.clone()))
    }
}

impl Found {
    fn good(&self) -> Option<PathBuf> {
        match self {
            Self::Good(path) => Some(path.clone()),
            _ => None,
        }
    }
}

impl CachedFeatures {
    /// `[regions, channels]` of an image.
    pub fn shape(&self) -> [usize; 2] {
        self.shape
    }

    /// The features of item `idx`, row by row. `picture` says why there are none.
    ///
    /// # Errors
    ///
    /// When the picture could not be read, or the entry was damaged since the cache was filled.
    ///
    /// # Panics
    ///
    /// If there is no item `idx`.
    pub(crate) fn read<T>(
        &self,
        idx: usize,
        picture: impl FnOnce() -> Result<T, DataError>,
    ) -> Result<Vec<f32>, DataError> {
        let Some(path) = &self.entries[idx] else {
            picture()?;
            return Err(DataError::NoFeatures { idx });
        };
        entry::read(path, self.shape).map_err(|cause| DataError::Features {
            path: path.clone(),
            cause,
        })
    }
}
