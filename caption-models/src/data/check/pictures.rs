//! Looking at pictures on all cores.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::report::SharedPicture;
use crate::data::{DataError, DataSet, transform};

/// Height and width at which drawn pictures are looked at.
const DRAWN: [usize; 2] = [64, 64];

/// A picture that was looked at.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) name: String,
    /// The digest of its file; of a drawn picture that of its pixels. `None` where the file cannot be read.
    pub(super) digest: Option<[u8; 32]>,
    /// What is wrong with it.
    pub(super) error: Option<DataError>,
}

/// Looks at every picture of the sets, and returns what was seen of each set.
pub(super) fn look(
    sets: &[&dyn DataSet],
    progress: impl Fn(usize, usize) + Sync,
) -> Vec<Vec<Seen>> {
    let n_pictures = sets.iter().map(|set| set.items().len()).sum();
    let n_done = AtomicUsize::new(0);
    let one = |set: &dyn DataSet, idx: usize| {
        let seen = Seen::of(set, idx);
        progress(n_done.fetch_add(1, Ordering::Relaxed) + 1, n_pictures);
        seen
    };
    let all = |set: &&dyn DataSet| {
        let places = (0..set.items().len()).into_par_iter();
        places.map(|idx| one(*set, idx)).collect()
    };
    sets.iter().map(all).collect()
}

impl Seen {
    fn of(set: &dyn DataSet, idx: usize) -> Self {
        let (digest, error) = match set.file(idx) {
            Some(path) => match std::fs::read(&path) {
                Ok(bytes) => {
                    let error = transform::decode(&path, &bytes).err();
                    (Some(Sha256::digest(&bytes).into()), error)
                }
                Err(cause) => (None, Some(DataError::read(&path, cause))),
            },
            None => match set.picture(idx, DRAWN) {
                Ok(picture) => (Some(Sha256::digest(picture.as_raw()).into()), None),
                Err(error) => (None, Some(error)),
            },
        };
        Self {
            name: set.items()[idx].name.clone(),
            digest,
            error,
        }
    }
}

/// Pictures of the validation split that the training split has too, by name or by content.
pub(super) fn shared(train: &[Seen], validation: &[Seen]) -> Vec<SharedPicture> {
    let by_name: HashMap<&str, &Seen> = train.iter().map(|seen| (&*seen.name, seen)).collect();
    let by_digest = train.iter().filter_map(|seen| Some((seen.digest?, seen)));
    let by_digest: HashMap<[u8; 32], &Seen> = by_digest.collect();
    let twin = |seen: &Seen| {
        let same_content = seen.digest.and_then(|digest| by_digest.get(&digest));
        let twin = same_content.or_else(|| by_name.get(&*seen.name))?;
        Some(SharedPicture {
            train: twin.name.clone(),
            validation: seen.name.clone(),
            same_content: same_content.is_some(),
        })
    };
    validation.iter().filter_map(twin).collect()
}

/// Pictures whose content an earlier one has.
pub(super) fn n_repeated(seen: &[Seen]) -> usize {
    let digests: Vec<[u8; 32]> = seen.iter().filter_map(|seen| seen.digest).collect();
    let distinct: std::collections::HashSet<&[u8; 32]> = digests.iter().collect();
    digests.len() - distinct.len()
}
