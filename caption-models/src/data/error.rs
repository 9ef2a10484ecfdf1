//! Everything that can be wrong with data.

use std::io;
use std::path::{Path, PathBuf};

/// What is wrong with a data set, a picture or a vocabulary: what was found, what was wanted, what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A `--data` argument that names no data set.
    #[error(
        "unknown data set `{found}`: expected `scenes`, `scenes:N` with N from 1 to {max}, `coco:DIR` with a folder in COCO's format, `karpathy:FILE` with Karpathy's JSON, `flickr:DIR` with Flickr8k or Flickr30k, or `jsonl:FILE` with one JSON object a line"
    )]
    UnknownSet {
        /// What was written.
        found: String,
        /// Most pictures that can be drawn.
        max: usize,
    },
    /// A path at which there is no data set.
    #[error(
        "{path} is no data set: wanted a folder with COCO's `annotations` or one of Flickr's caption files, Karpathy's `.json`, or a `.jsonl` file"
    )]
    NoSet {
        /// The path.
        path: PathBuf,
    },
    /// A file that cannot be read.
    #[error("cannot read {path}: {cause}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file that cannot be written.
    #[error("cannot write {path}: {cause}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A data set's folder is not there.
    #[error(
        "no folder {path}: `coco:DIR` wants a folder that holds `annotations/captions_train2017.json` and `train2017/*.jpg`"
    )]
    FolderMissing {
        /// The folder.
        path: PathBuf,
    },
    /// No caption file in a COCO folder.
    #[error(
        "no captions in {dir}: wanted {}; found {}",
        any_of(wanted),
        listed(found)
    )]
    AnnotationsMissing {
        /// The data set's folder.
        dir: PathBuf,
        /// The files looked for, in this order.
        wanted: Vec<String>,
        /// What `annotations` holds.
        found: Vec<String>,
    },
    /// No picture folder in a COCO folder.
    #[error(
        "no pictures in {dir}: wanted a folder {}; found {}",
        any_of(wanted),
        listed(found)
    )]
    PicturesMissing {
        /// The data set's folder.
        dir: PathBuf,
        /// The folders looked for, in this order.
        wanted: Vec<String>,
        /// What the data set's folder holds.
        found: Vec<String>,
    },
    /// JSON that is not a COCO caption file.
    #[error(
        "{path} is no COCO caption file ({cause}): wanted `images` of `{{id, file_name}}` and `annotations` of `{{image_id, caption}}`; of COCO's files take `captions_*.json`"
    )]
    Annotations {
        /// The file.
        path: PathBuf,
        /// Where the JSON stops to be one.
        cause: serde_json::Error,
    },
    /// JSON that is not one of Karpathy's.
    #[error(
        "{path} is no file of Karpathy's splits ({cause}): wanted `images` of `{{filename, split, sentences: [{{raw}}]}}`"
    )]
    Karpathy {
        /// The file.
        path: PathBuf,
        /// Where the JSON stops to be one.
        cause: serde_json::Error,
    },
    /// A line that is no picture with captions.
    #[error(
        "line {line} of {path} is no picture with captions ({cause}): wanted {{\"image\": path, \"captions\": [..]}}, and \"split\": \"train\" or \"val\" if you like"
    )]
    JsonLine {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// Where the JSON stops to be one.
        cause: serde_json::Error,
    },
    /// A line that is neither of Flickr's two kinds.
    #[error(
        "line {line} of {path} is no caption: wanted `name.jpg#0<TAB>caption` or `name.jpg,caption`"
    )]
    CaptionLine {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// None of the names a data set uses is there.
    #[error("{dir} holds none of {}", wanted.join(", "))]
    NothingNamed {
        /// The folder.
        dir: PathBuf,
        /// What was looked for.
        wanted: Vec<String>,
    },
    /// Captions of a picture that the file does not list.
    #[error("{n_captions} captions for picture id {image_id}, which `images` does not list")]
    UnknownImage {
        /// The picture's id.
        image_id: i64,
        /// How many captions it has.
        n_captions: usize,
    },
    /// A picture id that `images` lists twice.
    #[error("picture id {image_id} is listed again as {name}; its first entry is used")]
    RepeatedImage {
        /// The picture's id.
        image_id: i64,
        /// The file name of the later entry.
        name: String,
    },
    /// A picture without a caption that holds a word.
    #[error("picture {name} has no caption")]
    NoCaption {
        /// The picture's file name.
        name: String,
    },
    /// A file name that leaves the picture folder.
    #[error("picture name `{name}` leads out of the picture folder")]
    ImageName {
        /// The file name.
        name: String,
    },
    /// A picture that is not there.
    #[error("no picture {path}")]
    ImageMissing {
        /// The file.
        path: PathBuf,
    },
    /// A file that is neither JPEG nor PNG.
    #[error("{path} is no picture: wanted JPEG or PNG, found {found}")]
    NotAnImage {
        /// The file.
        path: PathBuf,
        /// What it seems to be.
        found: String,
    },
    /// A picture that breaks off or does not decode.
    #[error("{path} is damaged: {cause}")]
    ImageDamaged {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        cause: String,
    },
    /// Features that were there when the training began.
    #[error(
        "the features in {path} were damaged while they were in use ({cause}); `nn-caption resume` computes them again"
    )]
    Features {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// A picture that could not be read when features were computed, but can be now.
    #[error(
        "picture {idx} could not be read when its features were to be computed; `nn-caption resume` tries again"
    )]
    NoFeatures {
        /// The item.
        idx: usize,
    },
    /// Not one picture of a set can be used.
    #[error("none of the {n_pictures} pictures of {name} can be used; the first problem: {first}")]
    NoPicture {
        /// The data set.
        name: String,
        /// How many pictures it lists.
        n_pictures: usize,
        /// The first problem met.
        first: Box<DataError>,
    },
    /// A data set without pictures.
    #[error("{name} holds no pictures")]
    Empty {
        /// The data set.
        name: String,
    },
    /// An image shape that no picture can have.
    #[error("image shape {found:?}: wanted [3, height, width] with sides from 1 to {max}")]
    ImageShape {
        /// Channels, height, width.
        found: [usize; 3],
        /// The longest side.
        max: usize,
    },
    /// A crop that is larger than what it is cut out of.
    #[error("a crop of {crop} pixels does not fit into a shorter side of {resize}")]
    CropBeyondPicture {
        /// The shorter side.
        resize: u32,
        /// The crop's sides.
        crop: u32,
    },
    /// A batch that holds nothing.
    #[error(
        "batches of {batch} pictures with {n_captions} captions each: wanted at least 1 of both"
    )]
    BatchShape {
        /// Pictures in a batch.
        batch: usize,
        /// Captions for each picture.
        n_captions: usize,
    },
    /// The thread that reads ahead died.
    #[error("the thread that reads pictures ahead died: {cause}")]
    ReaderDied {
        /// Its last words.
        cause: String,
    },
    /// A vocabulary file that is not one.
    #[error("{path} is no vocabulary: {cause}")]
    VocabFile {
        /// The file.
        path: PathBuf,
        /// Where it stops to be one.
        cause: serde_json::Error,
    },
    /// A special id that is missing or spelled otherwise.
    #[error("id {id} is `{found}`, expected `{expected}`")]
    VocabSpecial {
        /// The id.
        id: usize,
        /// What stands there.
        found: String,
        /// What must stand there.
        expected: &'static str,
    },
    /// A word that no caption can hold.
    #[error("id {id} is `{word}`, which is no word as the tokeniser spells it")]
    VocabWord {
        /// The id.
        id: usize,
        /// What stands there.
        word: String,
    },
    /// A word with two ids.
    #[error("the vocabulary holds `{word}` twice")]
    VocabRepeated {
        /// The word.
        word: String,
    },
}

impl DataError {
    /// Whether features failed rather than a picture.
    pub(crate) fn is_of_features(&self) -> bool {
        matches!(self, Self::Features { .. } | Self::NoFeatures { .. })
    }

    pub(crate) fn read(path: &Path, cause: io::Error) -> Self {
        let path = path.to_owned();
        Self::Read { path, cause }
    }
}

fn any_of(names: &[String]) -> String {
    format!("`{}`", names.join("` or `"))
}

/// The first names of a listing; a data set's folder can hold a hundred thousand.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 8;
    match names {
        [] => "nothing".to_owned(),
        names if names.len() <= SHOWN => format!("`{}`", names.join("`, `")),
        names => {
            let n_more = names.len() - SHOWN;
            format!("`{}` and {n_more} more", names[..SHOWN].join("`, `"))
        }
    }
}
