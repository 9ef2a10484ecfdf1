//! [`Listed`]: what a file says of pictures, before anyone looks whether they are there.

use std::path::{Path, PathBuf};

use crate::data::{DataError, Item, Split};
use crate::probe::fill;
use crate::tokenize::tokenize;

/// What a caption file says of one split, and what it says that cannot be used.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// Pictures of the split, usable or not.
    pub(super) n_pictures: usize,
    /// In the order of the file.
    pub(super) items: Vec<Item>,
    pub(super) problems: Vec<DataError>,
}

impl Listed {
    /// Adds a picture, if one of its captions has a word.
    pub(super) fn add(&mut self, name: String, captions: impl IntoIterator<Item = String>) {
        self.n_pictures += 1;
        let said = captions.into_iter().filter(|caption| has_words(caption));
        let captions: Vec<String> = said.map(|caption| caption.trim().to_owned()).collect();
        if captions.is_empty() {
            self.problems.push(DataError::NoCaption { name });
        } else {
            self.items.push(Item { name, captions });
        }
    }
}

pub(super) fn has_words(caption: &str) -> bool {
    !tokenize(caption).is_empty()
}

/// The split of a picture where nobody says which: one in ten is to score on.
pub(super) fn split_of(name: &str) -> Split {
    if fill::seed(name).is_multiple_of(10) {
        Split::Validation
    } else {
        Split::Train
    }
}

/// The first of the names that is a file or folder in `dir`.
pub(super) fn first_present(dir: &Path, names: &[&str]) -> Option<PathBuf> {
    let mut paths = names.iter().map(|name| dir.join(name));
    paths.find(|path| path.exists())
}
