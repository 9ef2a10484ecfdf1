//! The pictures of the page, each a card with its captions.
use std::collections::HashMap;
use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use caption_models::data::DataSet;
use caption_models::evaluate::CaptionedImage;
use image::{ImageError, ImageFormat, RgbImage};

use super::PageError;
use super::escape::Escaped;

/// Height and width of a picture on the page.
const SIZE: [usize; 2] = [256, 256];

/// List items, one for each captioned picture that the data set knows.
pub(super) fn cards(data: &dyn DataSet, captions: &[&CaptionedImage]) -> Result<String, PageError> {
    let items = data.items().iter().enumerate();
    let places: HashMap<&str, usize> = items.map(|(idx, item)| (item.name.as_str(), idx)).collect();
    let mut cards = String::new();
    for captioned in captions {
        if let Some(&idx) = places.get(captioned.image.as_str()) {
            let picture = data.picture(idx, SIZE)?;
            let encode = |source| PageError::Encode {
                name: captioned.image.clone(),
                source,
            };
            cards.push_str(&card(captioned, &data_uri(&picture).map_err(encode)?));
        }
    }
    Ok(cards)
}

fn card(captioned: &CaptionedImage, uri: &str) -> String {
    let caption = match captioned.caption.as_str() {
        "" => "(no word)",
        caption => caption,
    };
    let references = captioned.references.iter();
    let references: Vec<String> = references
        .map(|text| format!("<li>{}</li>", Escaped(text)))
        .collect();
    let described = captioned.references.first().unwrap_or(&captioned.image);
    format!(
        "<li><figure><img src=\"{uri}\" alt=\"{}\" width=\"{}\" height=\"{}\"><figcaption>\
         <p class=\"generated\">{}</p><p class=\"label\">References</p><ul>{}</ul>\
         <p class=\"label\">{}</p></figcaption></figure></li>\n",
        Escaped(described),
        SIZE[1],
        SIZE[0],
        Escaped(caption),
        references.concat(),
        Escaped(&captioned.image),
    )
}

/// A drawing is smaller as PNG, a photograph as JPEG.
pub(super) fn data_uri(picture: &RgbImage) -> Result<String, ImageError> {
    let png = encoded(picture, ImageFormat::Png)?;
    let jpeg = encoded(picture, ImageFormat::Jpeg)?;
    let (kind, bytes) = if png.len() <= jpeg.len() {
        ("png", png)
    } else {
        ("jpeg", jpeg)
    };
    Ok(format!(
        "data:image/{kind};base64,{}",
        STANDARD.encode(bytes)
    ))
}

fn encoded(picture: &RgbImage, format: ImageFormat) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format)?;
    Ok(bytes.into_inner())
}
