//! The file of results that COCO's evaluation server and `pycocotools` take.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::CaptionedImage;

/// One entry of a result file.
///
/// # Examples
///
/// ```
/// use caption_models::evaluate::CocoResult;
///
/// let result = CocoResult { image_id: 42, caption: "a dog runs".to_owned() };
/// assert_eq!(serde_json::to_string(&[result])?, r#"[{"image_id":42,"caption":"a dog runs"}]"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CocoResult {
    /// The picture's id in COCO's annotations.
    pub image_id: u64,
    /// Its caption.
    pub caption: String,
}

/// Why captions cannot be written as COCO results.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CocoResultError {
    /// The name of a picture ends in no number.
    #[error(
        "picture {name} has no number at the end of its name, which COCO's results need as `image_id`; captions.json has \
         the captions by name"
    )]
    NoNumber {
        /// Its name.
        name: String,
    },
    /// Two pictures have the same number.
    #[error(
        "pictures {first} and {second} have the same number, which COCO's results need as `image_id`"
    )]
    Repeated {
        /// The name of one.
        first: String,
        /// The name of the other.
        second: String,
    },
}

/// Captions as COCO results: a picture's id is the number at the end of its file name, `COCO_val2014_000000000042.jpg`
/// or `000000000042.jpg`.
///
/// # Errors
///
/// When a picture's name ends in no number, or two names in the same one.
pub fn coco_results(images: &[CaptionedImage]) -> Result<Vec<CocoResult>, CocoResultError> {
    let mut names = BTreeMap::new();
    let mut results = Vec::with_capacity(images.len());
    for image in images {
        let name = &image.image;
        let Some(image_id) = number(name) else {
            return Err(CocoResultError::NoNumber { name: name.clone() });
        };
        if let Some(first) = names.insert(image_id, name) {
            return Err(CocoResultError::Repeated {
                first: first.clone(),
                second: name.clone(),
            });
        }
        let caption = image.caption.clone();
        results.push(CocoResult { image_id, caption });
    }
    Ok(results)
}

/// The number that a file's name ends in, before its extension.
fn number(name: &str) -> Option<u64> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let start = stem
        .trim_end_matches(|char: char| char.is_ascii_digit())
        .len();
    stem[start..].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;

    fn captioned(names: &[&str]) -> Vec<CaptionedImage> {
        let captioned = |name: &&str| CaptionedImage {
            split: Split::Validation,
            image: (*name).to_owned(),
            caption: "a dog".to_owned(),
            references: Vec::new(),
            scores: None,
        };
        names.iter().map(captioned).collect()
    }

    #[test]
    fn an_id_is_the_number_at_the_end_of_a_file_name() {
        let names = [
            "COCO_val2014_000000000042.jpg",
            "000000000139.png",
            "val2017/7",
            "0",
        ];
        let results = coco_results(&captioned(&names)).unwrap();
        let ids: Vec<u64> = results.iter().map(|result| result.image_id).collect();
        assert_eq!(ids, [42, 139, 7, 0]);
    }

    #[test]
    fn names_that_give_no_id_are_named() {
        for name in ["dog.jpg", "12a.jpg", "", "99999999999999999999999.jpg"] {
            let error = coco_results(&captioned(&[name])).unwrap_err();
            assert_eq!(
                error,
                CocoResultError::NoNumber {
                    name: name.to_owned()
                }
            );
        }
        let error = coco_results(&captioned(&["a_07.jpg", "b_7.jpg"])).unwrap_err();
        assert!(
            error.to_string().contains("a_07.jpg and b_7.jpg"),
            "{error}"
        );
    }
}
