//! The JSON files of Karpathy's splits.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::listed::Listed;
use crate::data::{DataError, Split};

#[derive(Deserialize)]
struct SplitFile {
    images: Vec<Picture>,
}

#[derive(Deserialize)]
struct Picture {
    #[serde(default)]
    filepath: String,
    filename: String,
    split: String,
    sentences: Vec<Sentence>,
}

#[derive(Deserialize)]
struct Sentence {
    raw: String,
}

/// Folders beside the file that pictures may lie in.
const FOLDERS: [&str; 4] = ["", "images", "Images", "Flicker8k_Dataset"];

/// The folder that names start from, and the pictures of the split.
pub(super) fn read(path: &Path, split: Split) -> Result<(PathBuf, Listed), DataError> {
    let text = std::fs::read(path).map_err(|cause| DataError::read(path, cause))?;
    let file: SplitFile = serde_json::from_slice(&text).map_err(|cause| DataError::Karpathy {
        path: path.to_owned(),
        cause,
    })?;
    let dir = path.parent().unwrap_or(Path::new(""));
    let (folder, by_path) = place(dir, &file.images);
    let mut listed = Listed::default();
    for picture in file.images {
        if is_of(&picture.split, split) {
            let name = picture.name(by_path);
            listed.add(
                name,
                picture.sentences.into_iter().map(|sentence| sentence.raw),
            );
        }
    }
    Ok((folder, listed))
}

fn is_of(mark: &str, split: Split) -> bool {
    match split {
        Split::Train => matches!(mark, "train" | "restval"),
        Split::Validation => mark == "val",
    }
}

/// The folder in which the first picture is found, and whether under its `filepath`.
fn place(dir: &Path, pictures: &[Picture]) -> (PathBuf, bool) {
    let is_there = |folder: &Path, by_path| {
        let first = pictures.first();
        first.is_some_and(|first| folder.join(first.name(by_path)).is_file())
    };
    for folder in FOLDERS.map(|folder| dir.join(folder)) {
        for by_path in [true, false] {
            if is_there(&folder, by_path) {
                return (folder, by_path);
            }
        }
    }
    (dir.to_owned(), true)
}

impl Picture {
    fn name(&self, by_path: bool) -> String {
        if by_path && !self.filepath.is_empty() {
            format!("{}/{}", self.filepath, self.filename)
        } else {
            self.filename.clone()
        }
    }
}
