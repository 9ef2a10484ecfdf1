//! `--data` as it is written, such as `scenes`, `scenes:N` or `coco:DIR`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{DataError, DataSet, Photos, Scenes, Split};

/// Training pictures of `scenes`.
const DEFAULT_N_TRAIN: usize = 1024;
/// Most training pictures of `scenes:N`.
const MAX_N_TRAIN: usize = 1_000_000;
/// Most validation pictures: scores on more are no steadier than anyone needs.
const MAX_N_VALIDATION: usize = 1000;
/// The seed of every run's scenes, so that scores on them can be compared.
const SCENES_SEED: u64 = 2710;

/// Which data set. As text, on the command line and in JSON: `scenes`, `scenes:N`, `coco:DIR`, `karpathy:FILE`,
/// `flickr:DIR`, `jsonl:FILE`.
///
/// # Examples
///
/// ```
/// use caption_models::data::{DataSpec, Split};
///
/// let spec: DataSpec = "scenes:40".parse()?;
/// assert_eq!(spec.open(Split::Train)?.items().len(), 40);
/// assert_eq!(spec.open(Split::Validation)?.items().len(), 10);
/// # Ok::<(), caption_models::data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum DataSpec {
    /// The embedded [`Scenes`].
    Scenes {
        /// Training pictures; a quarter as many, at most 1,000, are drawn for validation.
        n_train: usize,
    },
    /// See [`Photos::coco`].
    Coco {
        /// The folder that holds `annotations`.
        dir: PathBuf,
    },
    /// See [`Photos::karpathy`].
    Karpathy {
        /// The file of the splits.
        file: PathBuf,
    },
    /// See [`Photos::flickr`].
    Flickr {
        /// The folder that holds the captions' file.
        dir: PathBuf,
    },
    /// See [`Photos::jsonl`].
    Jsonl {
        /// The file.
        file: PathBuf,
    },
}

impl DataSpec {
    /// Opens one split.
    ///
    /// # Errors
    ///
    /// When a folder is missing or is not in COCO's format. Single bad pictures are no error, see
    /// [`DataSet::problems`].
    pub fn open(&self, split: Split) -> Result<Arc<dyn DataSet>, DataError> {
        match self {
            Self::Scenes { n_train } => {
                let n_items = match split {
                    Split::Train => *n_train,
                    Split::Validation => n_train.div_ceil(4).min(MAX_N_VALIDATION),
                };
                Ok(Arc::new(Scenes::new(n_items, split, SCENES_SEED)))
            }
            Self::Coco { dir } => Ok(Arc::new(Photos::coco(dir, split)?)),
            Self::Karpathy { file } => Ok(Arc::new(Photos::karpathy(file, split)?)),
            Self::Flickr { dir } => Ok(Arc::new(Photos::flickr(dir, split)?)),
            Self::Jsonl { file } => Ok(Arc::new(Photos::jsonl(file, split)?)),
        }
    }
}

impl DataSpec {
    /// The folder that a process must be allowed to read; none for drawn pictures.
    pub fn folder(&self) -> Option<PathBuf> {
        match self {
            Self::Scenes { .. } => None,
            Self::Coco { dir } | Self::Flickr { dir } => Some(dir.clone()),
            // A bare file name has an empty parent.
            Self::Karpathy { file } | Self::Jsonl { file } => {
                let folder = file
                    .parent()
                    .filter(|folder| !folder.as_os_str().is_empty());
                Some(folder.map_or_else(|| PathBuf::from("."), PathBuf::from))
            }
        }
    }

    /// What comes before the colon.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Scenes { .. } => "scenes",
            Self::Coco { .. } => "coco",
            Self::Karpathy { .. } => "karpathy",
            Self::Flickr { .. } => "flickr",
            Self::Jsonl { .. } => "jsonl",
        }
    }
}

impl Default for DataSpec {
    fn default() -> Self {
        Self::Scenes {
            n_train: DEFAULT_N_TRAIN,
        }
    }
}

impl FromStr for DataSpec {
    type Err = DataError;

    fn from_str(text: &str) -> Result<Self, DataError> {
        let unknown = || DataError::UnknownSet {
            found: text.to_owned(),
            max: MAX_N_TRAIN,
        };
        match text.split_once(':') {
            None if text == "scenes" => Ok(Self::default()),
            Some(("scenes", n_train)) => match n_train.parse() {
                Ok(n_train) if (1..=MAX_N_TRAIN).contains(&n_train) => Ok(Self::Scenes { n_train }),
                _ => Err(unknown()),
            },
            Some((_, "")) => Err(unknown()),
            Some(("coco", dir)) => Ok(Self::Coco { dir: dir.into() }),
            Some(("karpathy", file)) => Ok(Self::Karpathy { file: file.into() }),
            Some(("flickr", dir)) => Ok(Self::Flickr { dir: dir.into() }),
            Some(("jsonl", file)) => Ok(Self::Jsonl { file: file.into() }),
            _ => Err(unknown()),
        }
    }
}

impl TryFrom<String> for DataSpec {
    type Error = DataError;

    fn try_from(text: String) -> Result<Self, DataError> {
        text.parse()
    }
}

impl fmt::Display for DataSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scenes {
                n_train: DEFAULT_N_TRAIN,
            } => f.write_str("scenes"),
            Self::Scenes { n_train } => write!(f, "scenes:{n_train}"),
            Self::Coco { dir } => write!(f, "coco:{}", dir.display()),
            Self::Karpathy { file } => write!(f, "karpathy:{}", file.display()),
            Self::Flickr { dir } => write!(f, "flickr:{}", dir.display()),
            Self::Jsonl { file } => write!(f, "jsonl:{}", file.display()),
        }
    }
}

impl From<DataSpec> for String {
    fn from(spec: DataSpec) -> Self {
        spec.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_there_and_back() {
        for text in [
            "scenes",
            "scenes:7",
            "coco:/data/my coco",
            "coco:a:b",
            "karpathy:d/x.json",
            "flickr:d",
            "jsonl:x",
        ] {
            let spec: DataSpec = text.parse().unwrap();
            assert_eq!(spec.to_string(), text);
            let json = serde_json::to_string(&spec).unwrap();
            assert_eq!(json, format!("{text:?}"));
            assert_eq!(serde_json::from_str::<DataSpec>(&json).unwrap(), spec);
        }
        assert_eq!(
            "scenes:1024".parse::<DataSpec>().unwrap(),
            DataSpec::default()
        );
    }

    #[test]
    fn anything_else_is_refused_with_the_choices() {
        for text in [
            "",
            "scene",
            "scenes:",
            "scenes:0",
            "scenes:-1",
            "scenes:1000001",
            "coco:",
            "coco",
            "flickr:",
            "picasa:x",
        ] {
            let error = text.parse::<DataSpec>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}`")), "{error}");
            assert!(
                error.contains("`scenes:N` with N from 1 to 1000000, `coco:DIR`"),
                "{error}"
            );
        }
    }
}
