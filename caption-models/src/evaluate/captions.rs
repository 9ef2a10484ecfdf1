//! One entry of `captions.json`.

use serde::{Deserialize, Serialize};

use super::{Generated, ImageScores, References};
use crate::data::Split;

/// A picture with its generated caption and what people wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaptionedImage {
    /// Which pictures it is one of.
    pub split: Split,
    /// Name of the picture in its data set.
    pub image: String,
    /// The net's words, by the library's decoding.
    pub caption: String,
    /// The reference captions as they stand in the data set.
    pub references: Vec<String>,
    /// The caption's own scores. `null` in files of before they were kept.
    #[serde(default)]
    pub scores: Option<ImageScores>,
}

impl CaptionedImage {
    /// All pictures of a split that were scored.
    pub fn all(
        split: Split,
        generated: &Generated,
        references: &References,
        scores: Vec<ImageScores>,
    ) -> Vec<Self> {
        let captions = generated
            .captions
            .iter()
            .zip(references.names())
            .zip(references.texts())
            .zip(scores);
        captions
            .map(|(((caption, image), references), scores)| Self {
                split,
                image: image.clone(),
                caption: caption.clone(),
                references: references.clone(),
                scores: Some(scores),
            })
            .collect()
    }
}
