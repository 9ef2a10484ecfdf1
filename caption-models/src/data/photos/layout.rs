//! Where a COCO folder keeps its captions and pictures.

use std::path::{Path, PathBuf};

use crate::data::{DataError, Split};

/// The two places of a split.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) annotations: PathBuf,
    pub(super) pictures: PathBuf,
}

/// What follows `captions_train` in the name of the file, and `train` in the name of the folder; the first that is there is used.
const YEARS: [&str; 3] = ["2017", "2014", ""];

/// Finds the caption file and the picture folder that belongs to it.
pub(super) fn find(dir: &Path, split: Split) -> Result<Layout, DataError> {
    if !dir.is_dir() {
        let path = dir.to_owned();
        return Err(DataError::FolderMissing { path });
    }
    let stem = match split {
        Split::Train => "train",
        Split::Validation => "val",
    };
    let files = YEARS.map(|year| format!("annotations/captions_{stem}{year}.json"));
    let Some(chosen) = files.iter().position(|file| dir.join(file).is_file()) else {
        return Err(DataError::AnnotationsMissing {
            dir: dir.to_owned(),
            wanted: files.to_vec(),
            found: names_in(&dir.join("annotations")),
        });
    };
    let folders = picture_folders(stem, YEARS[chosen]);
    let Some(folder) = folders.iter().find(|folder| dir.join(folder).is_dir()) else {
        return Err(DataError::PicturesMissing {
            dir: dir.to_owned(),
            wanted: folders,
            found: names_in(dir),
        });
    };
    Ok(Layout {
        annotations: dir.join(&files[chosen]),
        pictures: dir.join(folder),
    })
}

/// A year's captions belong to that year's pictures; without a year any folder of the split will do.
fn picture_folders(stem: &str, year: &str) -> Vec<String> {
    if !year.is_empty() {
        return vec![format!("{stem}{year}")];
    }
    let named = ["", "2017", "2014"].map(|year| format!("{stem}{year}"));
    named.into_iter().chain(["images".to_owned()]).collect()
}

/// Names in a folder, sorted; none if there is no such folder.
fn names_in(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    names
}
