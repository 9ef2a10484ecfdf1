//! From a picture of any size to the net's: scaled until it just covers the size, cut at the centre.
//!
//! The filter is bilinear and as wide as the reduction asks for, as PIL's and torchvision's are: without that a large
//! photograph would be sampled at a few points, and fine texture would become noise. `fast_image_resize` convolves with
//! SIMD. It is told which part of the picture will be left, so what the cut takes away is never computed, and the memory
//! it needs is bounded by the picture and the net's input however long and narrow the picture is.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;

use super::transform::sides;
use super::{Crop, DataError};

/// The picture at `[height, width]`: the shorter side is brought to size, the rest is cut at the centre.
///
/// # Errors
///
/// When a side of `size` is 0 or beyond 16,384.
pub fn cover(picture: &RgbImage, size: [usize; 2]) -> Result<RgbImage, DataError> {
    let [height, width] = sides(size)?;
    let spans = spans(picture.dimensions(), (width, height));
    Ok(resample(picture, spans, (width, height)))
}

/// The part of a picture that [`cover`] keeps, in the picture's own pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Pixels before it, from the left.
    pub left: f64,
    /// Pixels above it.
    pub top: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

/// The part of a picture of `width` x `height` pixels that [`cover`] keeps at the size `[height, width]`.
///
/// # Errors
///
/// When a side of `size` is 0 or beyond 16,384.
pub fn covered(width: u32, height: u32, size: [usize; 2]) -> Result<Window, DataError> {
    let [new_height, new_width] = sides(size)?;
    let [across, down] = spans((width, height), (new_width, new_height));
    Ok(Window {
        left: across.start,
        top: down.start,
        width: across.length,
        height: down.length,
    })
}

/// The picture as classifiers of `ImageNet` are given it: the shorter side is brought to `resize`, and a square of
/// `crop` is cut out of the middle.
///
/// Rounds as torchvision's `Resize` and `CenterCrop` do: the longer side down, the border to the even number.
///
/// # Errors
///
/// When `crop` is 0 or beyond 16,384, or `resize` is less than `crop`.
pub fn cut_centre(picture: &RgbImage, resize: usize, crop: usize) -> Result<RgbImage, DataError> {
    let [resize, crop] = sides([resize, crop])?;
    if resize < crop {
        return Err(DataError::CropBeyondPicture { resize, crop });
    }
    let (old_width, old_height) = picture.dimensions();
    let shorter = old_width.min(old_height).max(1);
    let [across, down] = [old_width, old_height].map(|old| {
        let scaled = u64::from(old) * u64::from(resize) / u64::from(shorter);
        middle(old, scaled.max(u64::from(crop)), crop)
    });
    Ok(resample(picture, [across, down], (crop, crop)))
}

/// A part of the picture at `[height, width]`, distorted where its shape is another. A part that would be wider or higher
/// than the picture is as wide or high.
///
/// # Errors
///
/// When a side of `size` is 0 or beyond 16,384.
pub fn cut(picture: &RgbImage, crop: &Crop, size: [usize; 2]) -> Result<RgbImage, DataError> {
    let [height, width] = sides(size)?;
    let (old_width, old_height) = picture.dimensions();
    let area = crop.area * f64::from(old_width) * f64::from(old_height);
    let part = |old: u32, length: f64, place: f64| {
        let length = length.min(f64::from(old));
        let start = (f64::from(old) - length) * place;
        Span { start, length }
    };
    let across = part(old_width, (area * crop.ratio).sqrt(), crop.across);
    let down = part(old_height, (area / crop.ratio).sqrt(), crop.down);
    Ok(resample(picture, [across, down], (width, height)))
}

/// Of a side that is scaled to `scaled` pixels, the middle ones.
fn middle(old: u32, scaled: u64, crop: u32) -> Span {
    let border = scaled - u64::from(crop); // before and behind
    let before = border / 2 + u64::from(border % 4 == 3);
    let at = |pixels: u64| f64::from(old) * pixels as f64 / scaled as f64;
    Span {
        start: at(before),
        length: at(u64::from(crop)),
    }
}

fn resample(
    picture: &RgbImage,
    [across, down]: [Span; 2],
    (width, height): (u32, u32),
) -> RgbImage {
    let (old_width, old_height) = picture.dimensions();
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear))
        .crop(across.start, down.start, across.length, down.length);
    let old = ImageRef::new(old_width, old_height, picture.as_raw(), PixelType::U8x3)
        .expect("a picture has three bytes for each pixel");
    let mut new = Image::new(width, height, PixelType::U8x3);
    Resizer::new()
        .resize(&old, &mut new, &options)
        .expect("the spans lie within the picture");
    RgbImage::from_raw(width, height, new.into_vec())
        .expect("an image has three bytes for each pixel")
}

/// A part of a side, in pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    start: f64,
    length: f64,
}

/// Of a picture's width and height what is left in the end.
fn spans(old: (u32, u32), new: (u32, u32)) -> [Span; 2] {
    let scale = f64::max(
        f64::from(new.0) / f64::from(old.0),
        f64::from(new.1) / f64::from(old.1),
    );
    [span(old.0, new.0, scale), span(old.1, new.1, scale)]
}

/// The side is scaled to whole pixels, of which `new` in the middle are kept; an odd one is cut behind them.
fn span(old: u32, new: u32, scale: f64) -> Span {
    let scaled = scaled(old, scale).max(new);
    let before = (scaled - new) / 2;
    // Multiplied first: a side that is kept whole must not grow by a rounding error.
    let at = |pixels: u32| f64::from(old) * f64::from(pixels) / f64::from(scaled);
    Span {
        start: at(before),
        length: at(new),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and both factors are positive"
)]
fn scaled(side: u32, scale: f64) -> u32 {
    (f64::from(side) * scale).round() as u32
}

#[cfg(test)]
mod tests {
    use image::Rgb;
    use proptest::prelude::*;

    use super::*;

    /// Red grows to the right, green downwards.
    fn ramp(width: u32, height: u32) -> RgbImage {
        let byte = |at: u32, side: u32| u8::try_from(at * 255 / side.max(1)).unwrap();
        RgbImage::from_fn(width, height, |x, y| {
            Rgb([byte(x, width), byte(y, height), 7])
        })
    }

    /// Fine texture, which a filter that is too narrow gets wrong.
    fn texture(width: u32, height: u32) -> RgbImage {
        let byte = |value: u32| u8::try_from(value % 256).unwrap();
        RgbImage::from_fn(width, height, |x, y| {
            let check = 255 * ((x / 2 + y / 3) % 2);
            Rgb([byte(37 * x + 17 * y), byte(x * x + 3 * y), byte(check)])
        })
    }

    /// Width and height of a [`texture`], height and width to cover, and four pixels of what Pillow makes of it: top
    /// left, `(width / 2, height / 2)`, bottom right, top right.
    type Case = ((u32, u32), [usize; 2], [[u8; 3]; 4]);

    /// By Pillow 13.0.0: `texture.resize((w, h), Image.BILINEAR).crop((left, top, left + width, top + height))`, where
    /// `w, h, left, top` are, from the first case on: 6 4 0 0, 10 7 1 0, 12 8 2 0, 12 18 0 0, 11 15 0 2, 14 9 4 0.
    #[rustfmt::skip]
    const PILLOW: [Case; 6] = [
        ((13, 9), [4, 5], [[43, 3, 47], [116, 40, 144], [192, 109, 100], [102, 89, 100]]),
        ((13, 9), [7, 7], [[59, 3, 120], [141, 41, 151], [219, 110, 85], [93, 88, 85]]),
        ((101, 67), [8, 8], [[123, 131, 128], [129, 124, 128], [129, 128, 128], [130, 124, 128]]),
        ((33, 50), [17, 12], [[62, 5, 93], [129, 115, 129], [120, 88, 111], [138, 117, 155]]),
        ((5, 7), [11, 11], [[11, 2, 0], [125, 13, 0], [239, 32, 170], [159, 18, 0]]),
        ((3, 2), [9, 6], [[17, 0, 0], [50, 3, 27], [74, 6, 137], [57, 3, 137]]),
    ];

    #[test]
    fn pixels_are_pillows() {
        for ((old_width, old_height), [height, width], expected) in PILLOW {
            let found = cover(&texture(old_width, old_height), [height, width]).unwrap();
            assert_pixels(&found, expected);
        }
    }

    /// The four pixels of a [`Case`].
    #[track_caller]
    fn assert_pixels(found: &RgbImage, expected: [[u8; 3]; 4]) {
        let (width, height) = found.dimensions();
        let places = [
            (0, 0),
            (width / 2, height / 2),
            (width - 1, height - 1),
            (width - 1, 0),
        ];
        for ((x, y), expected) in places.into_iter().zip(expected) {
            let found = found.get_pixel(x, y).0;
            let near = |(one, other): (&u8, &u8)| one.abs_diff(*other) <= 1;
            assert!(
                found.iter().zip(&expected).all(near),
                "{width}x{height} at {x},{y}: {found:?}, not {expected:?}"
            );
        }
    }

    /// Width and height of a [`texture`], the shorter side, the crop, and four pixels of what torchvision 0.29.2 makes of
    /// it: `CenterCrop(crop)(Resize(side)(texture))`.
    #[rustfmt::skip]
    const TORCHVISION: [Case; 4] = [
        ((64, 48), [32, 28], [[188, 130, 64], [68, 88, 51], [110, 72, 64], [189, 105, 191]]),
        ((64, 43), [32, 28], [[46, 199, 102], [47, 121, 226], [196, 111, 27], [126, 122, 65]]),
        ((43, 64), [32, 27], [[83, 49, 211], [89, 154, 2], [187, 116, 179], [96, 169, 170]]),
        ((101, 67), [20, 14], [[157, 133, 128], [163, 158, 129], [130, 139, 125], [110, 154, 128]]),
    ];

    #[test]
    fn a_cut_centre_is_torchvisions() {
        for ((width, height), [side, crop], expected) in TORCHVISION {
            let found = cut_centre(&texture(width, height), side, crop).unwrap();
            assert_pixels(&found, expected);
        }
    }

    #[test]
    fn a_part_is_where_it_is_said_to_be() {
        let quarter = |across, down| {
            let (area, ratio) = (0.25, 1.0);
            let crop = Crop {
                area,
                ratio,
                across,
                down,
            };
            cut(&ramp(80, 80), &crop, [40, 40]).unwrap()
        };
        let whole = ramp(80, 80);
        assert_eq!(quarter(0.0, 0.0).get_pixel(3, 5), whole.get_pixel(3, 5));
        assert_eq!(quarter(1.0, 1.0).get_pixel(3, 5), whole.get_pixel(43, 45));
        assert_eq!(quarter(0.5, 0.0).get_pixel(3, 5), whole.get_pixel(23, 5));
    }

    #[test]
    fn a_crop_beyond_the_picture_is_refused() {
        let error = cut_centre(&texture(9, 9), 20, 21).unwrap_err();
        let text = "a crop of 21 pixels does not fit into a shorter side of 20";
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn a_picture_of_the_right_size_stays_as_it_is() {
        assert_eq!(cover(&texture(7, 5), [5, 7]).unwrap(), texture(7, 5));
    }

    #[test]
    fn the_crop_is_the_centre() {
        let wide = cover(&ramp(400, 100), [100, 100]).unwrap();
        assert_eq!(wide.dimensions(), (100, 100));
        assert_eq!(wide.get_pixel(0, 50), ramp(400, 100).get_pixel(150, 50));
        let tall = cover(&ramp(50, 400), [100, 100]).unwrap();
        let middle = tall.get_pixel(50, 50);
        assert!((i32::from(middle[1]) - 127).abs() < 3, "{middle:?}");
    }

    #[test]
    fn what_is_kept_of_a_wide_picture_is_its_middle() {
        let expected = Window {
            left: 150.0,
            top: 0.0,
            width: 100.0,
            height: 100.0,
        };
        assert_eq!(covered(400, 100, [64, 64]).unwrap(), expected);
        assert!(covered(400, 100, [0, 64]).is_err());
    }

    #[test]
    fn a_hair_thin_picture_needs_no_more_memory_than_the_net_asks_for() {
        let thin = cover(&RgbImage::from_pixel(1, 65_535, Rgb([9; 3])), [2048, 2048]).unwrap();
        assert!(thin.pixels().all(|pixel| pixel.0 == [9; 3]));
    }

    #[test]
    fn no_picture_at_all_becomes_black() {
        let black = cut_centre(&RgbImage::new(0, 0), 3, 2).unwrap();
        assert!(black.pixels().all(|pixel| pixel.0 == [0; 3]));
        let black = cover(&RgbImage::new(0, 0), [2, 3]).unwrap();
        assert_eq!(black, RgbImage::new(3, 2));
    }

    proptest! {
        #[test]
        fn any_picture_becomes_any_size(old in (1_u32..40, 1_u32..40), new in (1_usize..40, 1_usize..40)) {
            let picture = cover(&ramp(old.0, old.1), [new.1, new.0]).unwrap();
            let (width, height) = picture.dimensions();
            prop_assert_eq!((width as usize, height as usize), new);
        }

        #[test]
        fn any_part_of_any_picture_becomes_any_size(
            old in (1_u32..40, 1_u32..40),
            new in (1_usize..40, 1_usize..40),
            shares in (0.01..=1.0, 0.75..=1.3, 0.0..=1.0, 0.0..=1.0),
        ) {
            let (area, ratio, across, down) = shares;
            let crop = Crop { area, ratio, across, down };
            let picture = cut(&ramp(old.0, old.1), &crop, [new.1, new.0]).unwrap();
            prop_assert_eq!((picture.width() as usize, picture.height() as usize), new);
        }

        #[test]
        fn what_is_left_lies_within_the_picture(old in (1_u32..70_000, 1_u32..70_000), new in (1_u32..16_384, 1_u32..16_384)) {
            let [across, down] = spans(old, new);
            prop_assert!(across.start >= 0.0 && across.start + across.length <= f64::from(old.0));
            prop_assert!(down.start >= 0.0 && down.start + down.length <= f64::from(old.1));
        }

        #[test]
        fn a_plain_picture_stays_plain(old in (1_u32..60, 1_u32..60), new in (1_usize..60, 1_usize..60), pixel: [u8; 3]) {
            let picture = cover(&RgbImage::from_pixel(old.0, old.1, Rgb(pixel)), [new.1, new.0]).unwrap();
            prop_assert!(picture.pixels().all(|found| found.0 == pixel));
        }
    }
}
