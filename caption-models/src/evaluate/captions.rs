//! One entry of `captions.json`.

use serde::{Deserialize, Serialize};

use super::{Generated, References};
use crate::data::Split;

/// A picture with its generated caption and what people wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptionedImage {
    /// Which pictures it is one of.
    pub split: Split,
    /// Name of the picture in its data set.
    pub image: String,
    /// The net's words, by the library's decoding.
    pub caption: String,
    /// The reference captions as they stand in the data set.
    pub references: Vec<String>,
}

impl CaptionedImage {
    /// All pictures of a split that were scored.
    pub fn all(split: Split, generated: &Generated, references: &References) -> Vec<Self> {
        let captions = generated
            .captions
            .iter()
            .zip(references.names())
            .zip(references.texts());
        captions
            .map(|((caption, image), references)| Self {
                split,
                image: image.clone(),
                caption: caption.clone(),
                references: references.clone(),
            })
            .collect()
    }
}
