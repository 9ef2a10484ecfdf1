//! Folders in COCO's format: `annotations/captions_*.json` beside folders of pictures (Chen et al. 2015,
//! <https://arxiv.org/abs/1504.00325>, section 2).

mod annotations;
mod layout;

use std::path::{Path, PathBuf};

use image::RgbImage;

use super::{DataError, DataSet, Item, Split, load_picture};
use annotations::Captioned;
use layout::Layout;

/// One split of a folder in COCO's format, of 2017, of 2014, or with generic names.
///
/// Looked for in this order, with `val` for validation: `annotations/captions_train2017.json`, `captions_train2014.json`,
/// `captions_train.json`; pictures in `train2017`, `train2014` or `train` (for the generic name: any of these, or
/// `images`). Pictures that are missing or have no caption are left out, see [`DataSet::problems`]; whether one decodes
/// is found out when it is asked for.
#[derive(Debug)]
pub struct CocoFolder {
    dir: PathBuf,
    split: Split,
    pictures: PathBuf,
    items: Vec<Item>,
    problems: Vec<DataError>,
}

impl CocoFolder {
    /// Reads the captions and looks for the pictures.
    ///
    /// # Errors
    ///
    /// When the folder, its caption file or its picture folder is missing, the caption file is none, or not one picture
    /// can be used.
    pub fn open(dir: &Path, split: Split) -> Result<Self, DataError> {
        let Layout {
            annotations,
            pictures,
        } = layout::find(dir, split)?;
        let Captioned {
            n_pictures,
            items,
            mut problems,
        } = annotations::read(&annotations)?;
        let (mut present, mut absent) = (Vec::with_capacity(items.len()), Vec::new());
        for item in items {
            match find_picture(&pictures, &item.name) {
                Ok(()) => present.push(item),
                Err(problem) => absent.push(problem),
            }
        }
        problems.append(&mut absent);
        if present.is_empty() {
            return Err(nothing_left(&annotations, n_pictures, problems));
        }
        Ok(Self {
            dir: dir.to_owned(),
            split,
            pictures,
            items: present,
            problems,
        })
    }

    /// The file of picture `idx`.
    ///
    /// # Panics
    ///
    /// If there is no item `idx`.
    pub fn path(&self, idx: usize) -> PathBuf {
        self.pictures.join(&self.items[idx].name)
    }
}

impl DataSet for CocoFolder {
    fn name(&self) -> String {
        format!("coco:{}", self.dir.display())
    }

    fn split(&self) -> Split {
        self.split
    }

    fn items(&self) -> &[Item] {
        &self.items
    }

    fn picture(&self, idx: usize, size: [usize; 2]) -> Result<RgbImage, DataError> {
        load_picture(&self.path(idx), size)
    }

    fn problems(&self) -> &[DataError] {
        &self.problems
    }
}

/// A file name comes from a file somebody else wrote: it must stay inside the picture folder.
fn find_picture(pictures: &Path, name: &str) -> Result<(), DataError> {
    use std::path::Component;
    let mut parts = Path::new(name).components().peekable();
    if parts.peek().is_none() || !parts.all(|part| matches!(part, Component::Normal(_))) {
        let name = name.to_owned();
        return Err(DataError::ImageName { name });
    }
    let path = pictures.join(name);
    if path.is_file() {
        return Ok(());
    }
    Err(DataError::ImageMissing { path })
}

fn nothing_left(annotations: &Path, n_pictures: usize, problems: Vec<DataError>) -> DataError {
    let name = annotations.display().to_string();
    match problems.into_iter().next() {
        Some(first) => DataError::NoPicture {
            name,
            n_pictures,
            first: Box::new(first),
        },
        None => DataError::Empty { name },
    }
}
