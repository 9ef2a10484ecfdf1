//! From a picture to a net's input; training, scoring and captioning share it.
//!
//! Shorter side to size, centre crop, values to `0..1`, then `ImageNet`'s mean and deviation. LEMUR's `norm_*` transforms
//! subtract statistics of `0..255` from values of `0..1`, which leaves pictures nearly constant; that is not copied.
//!
//! A photograph whose file says (EXIF) that the camera was turned is brought upright, as people saw it who described it.
//! LEMUR reads with `Image.open(path).convert('RGB')`, which turns nothing; few of COCO's files say so.

use std::io::Cursor;
use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, RgbImage};

use super::{DataError, cover};

/// Mean of `ImageNet`'s red, green and blue, on values of `0..1`.
pub const IMAGENET_MEAN: [f32; 3] = [0.485, 0.456, 0.406];
/// Standard deviation of `ImageNet`'s red, green and blue, on values of `0..1`.
pub const IMAGENET_STD: [f32; 3] = [0.229, 0.224, 0.225];

/// Longest side of a picture that a net may ask for.
const MAX_SIDE: usize = 16_384;

/// Reads a picture file as a net's input: values of `[3, height, width]`, normalised.
///
/// # Errors
///
/// When the file is missing, is no JPEG or PNG or is damaged, or `shape` has not three channels.
pub fn load_image(path: &Path, shape: [usize; 3]) -> Result<Vec<f32>, DataError> {
    let size = picture_size(shape)?;
    load_picture(path, size).map(|picture| normalise(&picture))
}

/// Reads a picture file at `[height, width]`: [`read_picture`], then [`cover`].
///
/// # Errors
///
/// When the file is missing, is no JPEG or PNG or is damaged, or a side is 0 or beyond 16,384.
pub fn load_picture(path: &Path, size: [usize; 2]) -> Result<RgbImage, DataError> {
    sides(size)?; // a wrong size is the caller's mistake, not the file's
    cover(&read_picture(path)?, size)
}

/// Reads a picture file as it is.
///
/// The result is RGB whatever the file holds: grey is repeated, transparency dropped, CMYK converted. Channels of 16
/// bits become 8, and of a moving PNG the still picture is read. A photograph taken with the camera turned is brought
/// upright by its EXIF orientation.
///
/// # Errors
///
/// When the file is missing, is no JPEG or PNG or is damaged.
pub fn read_picture(path: &Path) -> Result<RgbImage, DataError> {
    decode(path, &read_file(path)?)
}

/// The bytes of a picture's file.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, DataError> {
    std::fs::read(path).map_err(|cause| match cause.kind() {
        std::io::ErrorKind::NotFound => DataError::ImageMissing {
            path: path.to_owned(),
        },
        _ => DataError::read(path, cause),
    })
}

/// A picture's values, `[3, height, width]`: `0..1`, less [`IMAGENET_MEAN`], over [`IMAGENET_STD`].
pub fn normalise(picture: &RgbImage) -> Vec<f32> {
    let bytes = picture.as_raw();
    let mut values = Vec::with_capacity(bytes.len());
    for channel in 0..3 {
        let (mean, std) = (IMAGENET_MEAN[channel], IMAGENET_STD[channel]);
        // A byte has 256 values: a table spares two divisions for each pixel, and changes no bit.
        let table: [f32; 256] = std::array::from_fn(|byte| (byte as f32 / 255.0 - mean) / std);
        let pixels = bytes.chunks_exact(3);
        values.extend(pixels.map(|pixel| table[usize::from(pixel[channel])]));
    }
    values
}

/// Normalised values as a tensor of the device's float type.
///
/// # Shapes
///
/// - output: `shape`, `[batch, 3, height, width]`
///
/// # Panics
///
/// If there are not as many values as `shape` says.
pub fn image_tensor(images: Vec<f32>, shape: [usize; 4], device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(images, shape), device)
}

/// The height and width of a net's input.
pub(super) fn picture_size(shape: [usize; 3]) -> Result<[usize; 2], DataError> {
    let [channels, height, width] = shape;
    sides([height, width])?;
    if channels == 3 {
        return Ok([height, width]);
    }
    Err(DataError::ImageShape {
        found: shape,
        max: MAX_SIDE,
    })
}

/// `[height, width]` as the `image` crate counts.
pub(super) fn sides(size: [usize; 2]) -> Result<[u32; 2], DataError> {
    let checked = |side: usize| {
        let fits = (1..=MAX_SIDE).contains(&side);
        u32::try_from(side).ok().filter(|_| fits)
    };
    match size.map(checked) {
        [Some(height), Some(width)] => Ok([height, width]),
        _ => Err(DataError::ImageShape {
            found: [3, size[0], size[1]],
            max: MAX_SIDE,
        }),
    }
}

/// The picture in the bytes of the file at `path`.
pub(super) fn decode(path: &Path, bytes: &[u8]) -> Result<RgbImage, DataError> {
    let damaged = |cause: &ImageError| DataError::ImageDamaged {
        path: path.to_owned(),
        cause: cause.to_string(),
    };
    let format = format_of(path, bytes)?;
    let decoder = ImageReader::with_format(Cursor::new(bytes), format).into_decoder();
    let mut decoder = decoder.map_err(|cause| damaged(&cause))?;
    // A note that cannot be read is no reason to lose the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder);
    let mut picture = picture.map_err(|cause| damaged(&cause))?;
    if format == ImageFormat::Jpeg && breaks_off(bytes) {
        return Err(DataError::ImageDamaged {
            path: path.to_owned(),
            cause: "the file breaks off before the end of the picture".to_owned(),
        });
    }
    picture.apply_orientation(orientation);
    Ok(picture.into_rgb8())
}

/// The format the first bytes speak of, whatever the file is called.
fn format_of(path: &Path, bytes: &[u8]) -> Result<ImageFormat, DataError> {
    let found = match image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png)) => return Ok(format),
        Ok(other) => format!("{other:?}"),
        Err(_) if bytes.is_empty() => "an empty file".to_owned(),
        Err(_) => format!("{} bytes of something else", bytes.len()),
    };
    let path = path.to_owned();
    Err(DataError::NotAnImage { path, found })
}

/// Whether a JPEG has no end mark after its last scan. The decoder fills what is missing with grey and says nothing.
fn breaks_off(bytes: &[u8]) -> bool {
    let last = |mark: [u8; 2]| bytes.windows(2).rposition(|pair| pair == mark);
    last([0xff, 0xd9]) < last([0xff, 0xda])
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn mid_grey_is_near_zero_and_black_is_about_minus_two() {
        let values = normalise(&RgbImage::from_pixel(1, 2, Rgb([124, 116, 104])));
        assert_eq!(values.len(), 6);
        assert!(values.iter().all(|value| value.abs() < 0.02), "{values:?}");
        let black = normalise(&RgbImage::new(1, 1));
        assert!((black[0] - -0.485 / 0.229).abs() < 1e-6, "{black:?}");
    }

    /// `(value - mean) / std` with torchvision's mean `.485 .456 .406` and std `.229 .224 .225`, red first.
    #[test]
    fn black_and_white_become_torchvisions_extremes() {
        for (byte, expected) in [
            (0, [-2.117_904, -2.035_714, -1.804_444]),
            (255, [2.248_908, 2.428_571, 2.64]),
        ] {
            let values = normalise(&RgbImage::from_pixel(1, 1, Rgb([byte; 3])));
            let near = |(value, expected): (&f32, &f32)| (value - expected).abs() < 1e-5;
            assert!(values.iter().zip(&expected).all(near), "{byte}: {values:?}");
        }
    }

    #[test]
    fn channels_come_first() {
        let values = normalise(&RgbImage::from_fn(2, 1, |x, _| {
            Rgb([u8::from(x == 1) * 255, 0, 0])
        }));
        assert!(values[1] > values[0]);
        assert!((values[2] - values[3]).abs() < f32::EPSILON);
    }

    #[test]
    fn sizes_nobody_can_want_are_refused() {
        for shape in [[1, 64, 64], [3, 0, 64], [3, 64, 0], [3, usize::MAX, 64]] {
            let error = load_image(Path::new("nowhere.png"), shape).unwrap_err();
            assert!(matches!(error, DataError::ImageShape { .. }), "{error}");
        }
    }

    #[test]
    fn a_tensor_holds_the_values_as_they_are() {
        let values: Vec<f32> = (0..12_u8).map(f32::from).collect();
        let tensor = image_tensor(values.clone(), [1, 3, 2, 2], &Device::default());
        assert_eq!(tensor.dims(), [1, 3, 2, 2]);
        assert!(tensor.into_data().iter::<f32>().eq(values));
    }
}
