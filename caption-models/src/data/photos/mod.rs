//! [`Photos`]: picture files with captions, in the formats that captioning data sets come in.

mod coco;
mod flickr;
mod jsonl;
mod karpathy;
mod layout;
mod listed;

use std::path::{Component, Path, PathBuf};

use image::RgbImage;
use sha2::{Digest, Sha256};

use super::transform::{read_file, sides};
use super::{Crop, DataError, DataSet, Item, Split, cut, load_picture, read_picture};
use listed::Listed;

/// One split of a set of picture files.
///
/// Pictures that are missing or have no caption are left out, see [`DataSet::problems`]; whether one decodes is found out
/// when it is asked for.
#[derive(Debug)]
pub struct Photos {
    /// As the data set's specification is written.
    name: String,
    split: Split,
    /// The folder that names of pictures start from.
    pictures: PathBuf,
    items: Vec<Item>,
    problems: Vec<DataError>,
}

impl Photos {
    /// A folder in COCO's format (Chen et al. 2015, <https://arxiv.org/abs/1504.00325>, section 2), of 2017, of 2014, or
    /// with generic names.
    ///
    /// Looked for in this order, with `val` for validation: `annotations/captions_train2017.json`,
    /// `captions_train2014.json`, `captions_train.json`; pictures in `train2017`, `train2014` or `train` (for the generic
    /// name: any of these, or `images`).
    ///
    /// # Errors
    ///
    /// When the folder, its caption file or its picture folder is missing, the caption file is none, or not one picture
    /// can be used.
    pub fn coco(dir: &Path, split: Split) -> Result<Self, DataError> {
        let layout = layout::find(dir, split)?;
        let listed = coco::read(&layout.annotations)?;
        let name = format!("coco:{}", dir.display());
        Self::present(name, split, layout.pictures, listed, &layout.annotations)
    }

    /// A file of the splits of Karpathy and Fei-Fei 2015, <https://arxiv.org/abs/1412.2306>, such as
    /// `dataset_coco.json` or `dataset_flickr8k.json`, beside the pictures.
    ///
    /// To learn from are the pictures marked `train` and `restval`, to score on those marked `val`. A picture lies at
    /// `filepath/filename` from the file's folder, or at `filename` in it or in its subfolder `images`, `Images` or
    /// `Flicker8k_Dataset`: the first place where the first picture is.
    ///
    /// # Errors
    ///
    /// When the file is missing or none, or not one picture can be used.
    pub fn karpathy(file: &Path, split: Split) -> Result<Self, DataError> {
        let (pictures, listed) = karpathy::read(file, split)?;
        let name = format!("karpathy:{}", file.display());
        Self::present(name, split, pictures, listed, file)
    }

    /// A folder in the text format of Flickr8k (Hodosh et al. 2013) or Flickr30k (Young et al. 2014).
    ///
    /// Captions: `Flickr8k.token.txt` or `results_20130124.token`, with lines `name.jpg#0<TAB>caption`, or `captions.txt`
    /// with lines `name.jpg,caption`. Pictures: `Flicker8k_Dataset`, `Images`, `images`, `flickr30k-images` or
    /// `flickr30k_images`. Splits: `Flickr_8k.trainImages.txt` and `Flickr_8k.devImages.txt`; where they are missing, one
    /// picture in ten, by a function of its name, is to score on.
    ///
    /// # Errors
    ///
    /// When a file or folder is missing, or not one picture can be used.
    pub fn flickr(dir: &Path, split: Split) -> Result<Self, DataError> {
        let (file, pictures, listed) = flickr::read(dir, split)?;
        let name = format!("flickr:{}", dir.display());
        Self::present(name, split, pictures, listed, &file)
    }

    /// A file with one JSON object a line: `image`, a path from the file's folder, and `captions` or `caption`; `split`,
    /// if it is there, is `train` or `val`, else one picture in ten, by a function of its name, is to score on.
    ///
    /// # Errors
    ///
    /// When the file is missing, a line is none of these, or not one picture can be used.
    pub fn jsonl(file: &Path, split: Split) -> Result<Self, DataError> {
        let listed = jsonl::read(file, split)?;
        let pictures = file.parent().unwrap_or(Path::new("")).to_owned();
        let name = format!("jsonl:{}", file.display());
        Self::present(name, split, pictures, listed, file)
    }

    /// The listed pictures that are there.
    fn present(
        name: String,
        split: Split,
        pictures: PathBuf,
        listed: Listed,
        source: &Path,
    ) -> Result<Self, DataError> {
        let Listed {
            n_pictures,
            items,
            mut problems,
        } = listed;
        let (mut present, mut absent) = (Vec::with_capacity(items.len()), Vec::new());
        for item in items {
            match find_picture(&pictures, &item.name) {
                Ok(()) => present.push(item),
                Err(problem) => absent.push(problem),
            }
        }
        problems.append(&mut absent);
        if present.is_empty() {
            return Err(nothing_left(source, n_pictures, problems));
        }
        Ok(Self {
            name,
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

impl DataSet for Photos {
    fn name(&self) -> String {
        self.name.clone()
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

    fn part(&self, idx: usize, crop: &Crop, size: [usize; 2]) -> Result<RgbImage, DataError> {
        sides(size)?; // a wrong size is the caller's mistake, not the file's
        cut(&read_picture(&self.path(idx))?, crop, size)
    }

    fn fingerprint(&self, idx: usize) -> Result<[u8; 32], DataError> {
        read_file(&self.path(idx)).map(|bytes| Sha256::digest(bytes).into())
    }

    fn file(&self, idx: usize) -> Option<PathBuf> {
        Some(self.path(idx))
    }

    fn problems(&self) -> &[DataError] {
        &self.problems
    }
}

/// Whether a folder holds one of Flickr's caption files.
pub(super) fn is_flickr(dir: &Path) -> bool {
    flickr::has_captions(dir)
}

/// A file name comes from a file somebody else wrote: it must stay inside the picture folder.
fn find_picture(pictures: &Path, name: &str) -> Result<(), DataError> {
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

fn nothing_left(source: &Path, n_pictures: usize, problems: Vec<DataError>) -> DataError {
    let name = source.display().to_string();
    match problems.into_iter().next() {
        Some(first) => DataError::NoPicture {
            name,
            n_pictures,
            first: Box::new(first),
        },
        None => DataError::Empty { name },
    }
}
