//! [`Augment`]: pictures changed for training, anew in each epoch.
//!
//! A change is a function of the run's seed, the epoch and the item, so a resumed training sees the same pictures. Random
//! resized crops and colour jitter have torchvision's distributions and formulas (`RandomResizedCrop`, `ColorJitter`
//! without hue, always in the order brightness, contrast, saturation). A picture whose captions speak of left or right
//! is never flipped: they would no longer be true.

use std::fmt;
use std::str::FromStr;

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::seeded::Seeded;
use crate::tokenize::tokenize;

/// How pictures are changed. As text, on the command line and in JSON: any of `flip`, `crop:AREA` and `colour:STRENGTH`,
/// joined by commas; `none`.
///
/// ```
/// use caption_models::data::Augment;
///
/// let augment: Augment = "flip,crop:0.5".parse()?;
/// assert_eq!(augment, Augment { flip: true, crop: Some(0.5), colour: None });
/// # Ok::<(), caption_models::data::AugmentError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Augment {
    /// Whether half of the pictures are mirrored, left to right.
    pub flip: bool,
    /// The least share of a picture's area that is cut out and brought to size, in (0, 1].
    pub crop: Option<f64>,
    /// How far brightness, contrast and saturation may move from 1, each by a factor of its own, in (0, 1].
    pub colour: Option<f64>,
}

/// Text that is no augmentation.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{found}` is no change of pictures: expected `none` or any of `flip`, `crop:AREA`, `colour:STRENGTH` joined by commas, with numbers above 0 and at most 1, such as flip,crop:0.5,colour:0.2"
)]
pub struct AugmentError {
    found: String,
}

/// The change of one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    flip: bool,
    crop: Option<Crop>,
    /// Factors of brightness, contrast and saturation.
    colour: Option<[f64; 3]>,
}

/// A part of a picture, in shares of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crop {
    /// Share of the area, in (0, 1].
    pub area: f64,
    /// Width over height, in pixels.
    pub ratio: f64,
    /// Where the part lies, from the left edge (0) to the right edge (1).
    pub across: f64,
    /// Where it lies, from the upper edge (0) to the lower edge (1).
    pub down: f64,
}

/// The widest crop, as torchvision has it; the narrowest is as narrow.
const WIDEST: f64 = 4.0 / 3.0;

impl Augment {
    /// Whether pictures stay as they are.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The change of item `idx`, with these captions, in an epoch.
    pub fn change(&self, seed: u64, epoch: usize, idx: usize, captions: &[String]) -> Change {
        // All numbers are drawn whatever is asked for, so that one change does not move another.
        let mut seeded = Seeded::new(&[seed, epoch as u64, idx as u64]);
        let mirror = seeded.below(2) == 1;
        let drawn: [f64; 7] = std::array::from_fn(|_| seeded.between(0.0, 1.0));
        let [area, ratio, across, down, colour @ ..] = drawn;
        Change {
            flip: self.flip && mirror && !captions.iter().any(|caption| names_a_side(caption)),
            crop: self.crop.map(|least| Crop {
                area: least + (1.0 - least) * area,
                ratio: WIDEST.powf(2.0 * ratio - 1.0),
                across,
                down,
            }),
            colour: self
                .colour
                .map(|strength| colour.map(|unit| 1.0 + strength * (2.0 * unit - 1.0))),
        }
    }
}

/// Whether a caption is false of a mirrored picture.
fn names_a_side(caption: &str) -> bool {
    let words = tokenize(caption);
    words.iter().any(|word| word == "left" || word == "right")
}

impl Change {
    /// Which part of the picture is kept; `None` for its middle, as without a change.
    pub fn crop(&self) -> Option<&Crop> {
        self.crop.as_ref()
    }

    /// The part at its size, mirrored and in other colours.
    pub fn apply(&self, mut picture: RgbImage) -> RgbImage {
        if self.flip {
            image::imageops::flip_horizontal_in_place(&mut picture);
        }
        if let Some([brightness, contrast, saturation]) = self.colour {
            blend(&mut picture, brightness, |_| 0.0);
            let mean = mean_grey(&picture);
            blend(&mut picture, contrast, |_| mean);
            blend(&mut picture, saturation, grey);
        }
        picture
    }
}

/// Moves every value from `towards`, the pixel's other picture, by `factor`: 1 changes nothing, 0 leaves the other.
fn blend(picture: &mut RgbImage, factor: f64, towards: impl Fn([u8; 3]) -> f64) {
    for pixel in picture.pixels_mut() {
        let other = towards(pixel.0) * (1.0 - factor);
        pixel.0 = pixel.0.map(|value| byte(f64::from(value) * factor + other));
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, as torchvision's clamp does"
)]
fn byte(value: f64) -> u8 {
    value as u8
}

/// Luma of ITU-R 601-2.
fn grey([red, green, blue]: [u8; 3]) -> f64 {
    0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue)
}

fn mean_grey(picture: &RgbImage) -> f64 {
    let sum: f64 = picture.pixels().map(|pixel| grey(pixel.0)).sum();
    sum / f64::from(picture.width() * picture.height()).max(1.0)
}

impl FromStr for Augment {
    type Err = AugmentError;

    fn from_str(text: &str) -> Result<Self, AugmentError> {
        let error = || AugmentError {
            found: text.to_owned(),
        };
        let mut augment = Self::default();
        if text == "none" {
            return Ok(augment);
        }
        for part in text.split(',') {
            let share = |number: &str| {
                let number = number.parse().ok();
                number
                    .filter(|share: &f64| *share > 0.0 && *share <= 1.0)
                    .ok_or_else(error)
            };
            match part.split_once(':') {
                None if part == "flip" => augment.flip = true,
                Some(("crop", area)) => augment.crop = Some(share(area)?),
                Some(("colour", strength)) => augment.colour = Some(share(strength)?),
                _ => return Err(error()),
            }
        }
        Ok(augment)
    }
}

impl fmt::Display for Augment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flip = self.flip.then(|| "flip".to_owned());
        let crop = self.crop.map(|area| format!("crop:{area}"));
        let colour = self.colour.map(|strength| format!("colour:{strength}"));
        let parts: Vec<String> = [flip, crop, colour].into_iter().flatten().collect();
        if parts.is_empty() {
            return f.write_str("none");
        }
        f.write_str(&parts.join(","))
    }
}

impl TryFrom<String> for Augment {
    type Error = AugmentError;

    fn try_from(text: String) -> Result<Self, AugmentError> {
        text.parse()
    }
}

impl From<Augment> for String {
    fn from(augment: Augment) -> Self {
        augment.to_string()
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;
    use proptest::prelude::*;

    use super::*;

    const ALL: Augment = Augment {
        flip: true,
        crop: Some(0.3),
        colour: Some(0.4),
    };

    #[test]
    fn text_goes_there_and_back_and_anything_else_is_refused() {
        for text in ["none", "flip", "crop:0.5", "flip,crop:0.08,colour:0.4"] {
            assert_eq!(text.parse::<Augment>().unwrap().to_string(), text);
        }
        for text in [
            "", "crop", "crop:0", "crop:1.5", "flip,", "hue:0.1", "colour:x",
        ] {
            assert!(text.parse::<Augment>().is_err(), "{text}");
        }
    }

    #[test]
    fn captions_of_sides_are_never_flipped() {
        let captions = ["A dog".to_owned(), "A cat left of a dog.".to_owned()];
        let flips = |captions: &[String]| {
            let changes = (0..100).map(|idx| ALL.change(1, 1, idx, captions));
            changes.filter(|change| change.flip).count()
        };
        assert_eq!(flips(&captions), 0);
        assert!((30..70).contains(&flips(&captions[..1])));
    }

    #[test]
    fn a_flip_mirrors_and_two_change_nothing() {
        let picture = RgbImage::from_fn(3, 2, |x, y| Rgb([u8::try_from(10 * x + y).unwrap(); 3]));
        let flip = Change {
            flip: true,
            crop: None,
            colour: None,
        };
        let mirrored = flip.apply(picture.clone());
        assert_eq!(mirrored.get_pixel(0, 1), picture.get_pixel(2, 1));
        assert_eq!(flip.apply(mirrored), picture);
    }

    #[test]
    fn factors_of_one_change_no_colour_and_others_blend() {
        let picture = RgbImage::from_pixel(2, 2, Rgb([100, 50, 200]));
        let colour = |factors| Change {
            flip: false,
            crop: None,
            colour: Some(factors),
        };
        assert_eq!(colour([1.0; 3]).apply(picture.clone()), picture);
        let bright = colour([1.5, 1.0, 1.0]).apply(picture.clone());
        assert_eq!(bright.get_pixel(0, 0).0, [150, 75, 255]);
        let flat = colour([1.0, 1.0, 0.0]).apply(picture);
        assert_eq!(flat.get_pixel(0, 0).0, [82; 3]);
    }

    proptest! {
        #[test]
        fn a_change_follows_from_seed_epoch_and_item(seed: u64, epoch in 0_usize..99, idx in 0_usize..999) {
            let change = ALL.change(seed, epoch, idx, &[]);
            prop_assert_eq!(change, ALL.change(seed, epoch, idx, &[]));
            prop_assert_ne!(change, ALL.change(seed, epoch + 1, idx, &[]));
            prop_assert_ne!(change, ALL.change(seed, epoch, idx + 1, &[]));
            prop_assert_ne!(change, ALL.change(seed.wrapping_add(1), epoch, idx, &[]));
            let crop = change.crop.unwrap();
            prop_assert!((0.3..=1.0).contains(&crop.area) && (0.75..=WIDEST).contains(&crop.ratio));
            prop_assert!(change.colour.unwrap().iter().all(|factor| (0.6..=1.4).contains(factor)));
        }
    }
}
