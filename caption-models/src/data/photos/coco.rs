//! COCO's caption file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::listed::{Listed, has_words};
use crate::data::{DataError, Item};

#[derive(Deserialize)]
struct CaptionFile {
    images: Vec<ImageEntry>,
    annotations: Vec<CaptionEntry>,
}

#[derive(Deserialize)]
struct ImageEntry {
    id: i64,
    file_name: String,
}

#[derive(Deserialize)]
struct CaptionEntry {
    image_id: i64,
    caption: String,
}

/// Reads a caption file.
pub(super) fn read(path: &Path) -> Result<Listed, DataError> {
    let text = std::fs::read(path).map_err(|cause| DataError::read(path, cause))?;
    let file = serde_json::from_slice(&text).map_err(|cause| DataError::Annotations {
        path: path.to_owned(),
        cause,
    })?;
    Ok(group(file))
}

/// Brings pictures and captions together.
fn group(file: CaptionFile) -> Listed {
    let mut captions = BTreeMap::<i64, Vec<String>>::new();
    for entry in file.annotations {
        let of_image = captions.entry(entry.image_id).or_default();
        if has_words(&entry.caption) {
            of_image.push(entry.caption.trim().to_owned());
        }
    }
    let (mut items, mut problems) = (Vec::with_capacity(file.images.len()), Vec::new());
    let n_pictures = file.images.len();
    let mut seen = BTreeSet::new();
    for ImageEntry {
        id,
        file_name: name,
    } in file.images
    {
        if !seen.insert(id) {
            problems.push(DataError::RepeatedImage { image_id: id, name });
            continue;
        }
        match captions.remove(&id) {
            Some(captions) if !captions.is_empty() => items.push(Item { name, captions }),
            _ => problems.push(DataError::NoCaption { name }),
        }
    }
    problems.extend(
        captions
            .into_iter()
            .map(|(image_id, captions)| DataError::UnknownImage {
                image_id,
                n_captions: captions.len(),
            }),
    );
    Listed {
        n_pictures,
        items,
        problems,
    }
}
