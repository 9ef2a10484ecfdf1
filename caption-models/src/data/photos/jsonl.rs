//! One JSON object a line.

use std::path::Path;

use serde::Deserialize;

use super::listed::{Listed, split_of};
use crate::data::{DataError, Split};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    image: String,
    #[serde(default)]
    captions: Vec<String>,
    caption: Option<String>,
    split: Option<Mark>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mark {
    Train,
    #[serde(alias = "validation")]
    Val,
    /// Kept for later: neither to learn from nor to choose by.
    Test,
}

pub(super) fn read(path: &Path, split: Split) -> Result<Listed, DataError> {
    let text = std::fs::read_to_string(path).map_err(|cause| DataError::read(path, cause))?;
    let mut listed = Listed::default();
    for (idx, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(line).map_err(|cause| DataError::JsonLine {
            path: path.to_owned(),
            line: idx + 1,
            cause,
        })?;
        let of = match line.split {
            Some(Mark::Train) => Some(Split::Train),
            Some(Mark::Val) => Some(Split::Validation),
            Some(Mark::Test) => None,
            None => Some(split_of(&line.image)),
        };
        if of == Some(split) {
            listed.add(line.image, line.captions.into_iter().chain(line.caption));
        }
    }
    Ok(listed)
}
