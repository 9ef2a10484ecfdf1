//! One picture's features as a file: safetensors, with a checksum.

use std::fs;
use std::path::Path;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use crate::checkpoint::{CheckpointError, write_whole};

/// The tensor's name.
const FEATURES: &str = "features";
/// The key of the checksum, in decimal, in the file's metadata.
const CRC32: &str = "crc32";

/// Writes the features, `[regions, channels]` row by row; the file appears whole or not at all.
pub(super) fn write(
    path: &Path,
    features: &[f32],
    shape: [usize; 2],
) -> Result<(), CheckpointError> {
    let format = |error: &dyn std::error::Error| CheckpointError::Format {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let bytes: Vec<u8> = features
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let view =
        TensorView::new(Dtype::F32, shape.to_vec(), &bytes).map_err(|error| format(&error))?;
    let metadata = [(CRC32.to_owned(), crc32fast::hash(&bytes).to_string())];
    let file = safetensors::serialize([(FEATURES, view)], Some(metadata.into()));
    let file = file.map_err(|error| format(&error))?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|source| CheckpointError::Io {
            path: folder.to_owned(),
            source,
        })?;
    }
    write_whole(path, &file)
}

/// Reads features of that shape; what is wrong with the file otherwise.
pub(super) fn read(path: &Path, shape: [usize; 2]) -> Result<Vec<f32>, String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|error| error.to_string())?;
    let file = SafeTensors::deserialize(&bytes).map_err(|error| error.to_string())?;
    let features = file.tensor(FEATURES).map_err(|error| error.to_string())?;
    let (found, dtype) = (features.shape(), features.dtype());
    if found != shape || dtype != Dtype::F32 {
        return Err(format!(
            "it holds {dtype:?} of {found:?}, not F32 of {shape:?}"
        ));
    }
    let said = header.metadata().as_ref().and_then(|all| all.get(CRC32));
    let crc32 = crc32fast::hash(features.data()).to_string();
    if said != Some(&crc32) {
        return Err(format!("its checksum is {crc32}, it says {said:?}"));
    }
    let (numbers, _) = features.data().as_chunks::<4>();
    Ok(numbers
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_come_back_to_the_last_bit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ab/cd.safetensors");
        let features = [0.1, -0.0, f32::MIN_POSITIVE / 3.0, 1e30, f32::EPSILON, 7.0];
        write(&path, &features, [2, 3]).unwrap();
        let bits = |values: &[f32]| {
            values
                .iter()
                .map(|value| value.to_bits())
                .collect::<Vec<_>>()
        };
        assert_eq!(bits(&read(&path, [2, 3]).unwrap()), bits(&features));
        assert!(read(&path, [3, 2]).unwrap_err().contains("[2, 3]"));
    }

    proptest! {
        #[test]
        fn no_damage_goes_unseen(at: proptest::sample::Index, bit in 0_u8..8, cut: bool) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("entry");
            let features = [0.25, -3.0, 1.0, 2.0];
            write(&path, &features, [1, 4]).unwrap();
            let mut bytes = fs::read(&path).unwrap();
            let at = at.index(bytes.len());
            if cut {
                bytes.truncate(at);
            } else {
                bytes[at] ^= 1 << bit;
            }
            fs::write(&path, bytes).unwrap();
            // A flipped bit may hit a blank of the header, which changes nothing.
            if let Ok(found) = read(&path, [1, 4]) {
                prop_assert_eq!(found, features);
            }
        }
    }
}
