//! Photographs taken with the camera turned.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

use std::fs;
use std::path::Path;

use caption_models::data::{DataError, read_picture};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

const WIDTH: u32 = 24;
const HEIGHT: u32 = 16;

/// Every block of 8 by 8 has a colour of its own.
fn picture() -> RgbImage {
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let [across, down] = [x / 8, y / 8].map(|block| u8::try_from(block * 80).unwrap());
        Rgb([across, down, 90])
    })
}

/// A JPEG whose EXIF says how the camera was turned, as TIFF 6.0 numbers it.
fn write_turned(path: &Path, orientation: u8) {
    let mut jpeg = std::io::Cursor::new(Vec::new());
    DynamicImage::from(picture())
        .write_to(&mut jpeg, ImageFormat::Jpeg)
        .unwrap();
    let jpeg = jpeg.into_inner();
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let bytes = [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat();
    fs::write(path, bytes).unwrap();
}

/// Where the stored pixel belongs when the picture is upright, by TIFF 6.0's words for rows and columns.
fn upright(orientation: u8, x: u32, y: u32) -> (u32, u32) {
    let (right, bottom) = (WIDTH - 1 - x, HEIGHT - 1 - y);
    match orientation {
        2 => (right, y),
        3 => (right, bottom),
        4 => (x, bottom),
        5 => (y, x),
        6 => (bottom, x),
        7 => (bottom, right),
        8 => (y, right),
        _ => (x, y),
    }
}

#[test]
fn every_orientation_is_brought_upright() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("turned.jpg");
    write_turned(&path, 1);
    let stored = read_picture(&path).unwrap();
    assert_eq!(stored.dimensions(), (WIDTH, HEIGHT));
    for orientation in 2..=8 {
        write_turned(&path, orientation);
        let found = read_picture(&path).unwrap();
        for (x, y, pixel) in stored.enumerate_pixels() {
            let (x, y) = upright(orientation, x, y);
            assert_eq!(found.get_pixel(x, y), pixel, "orientation {orientation}");
        }
    }
}

#[test]
fn an_orientation_that_does_not_exist_turns_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let [plain, odd] = [(1, "plain.jpg"), (99, "odd.jpg")].map(|(orientation, name)| {
        let path = folder.path().join(name);
        write_turned(&path, orientation);
        read_picture(&path).unwrap()
    });
    assert_eq!(plain, odd);
}

#[test]
fn sixteen_bits_a_channel_are_read_as_eight() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep.png");
    DynamicImage::from(picture())
        .into_rgb16()
        .save(&path)
        .unwrap();
    assert_eq!(read_picture(&path).unwrap(), picture());
}

#[test]
fn other_formats_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("moving.jpg");
    let starts: [(&[u8], &str); 3] = [
        (b"GIF89a\x01\0\x01\0\0\0\0", "Gif"),
        (b"RIFF\x24\0\0\0WEBPVP8X", "WebP"),
        (b"II*\0\x08\0\0\0", "Tiff"),
    ];
    for (bytes, format) in starts {
        fs::write(&path, bytes).unwrap();
        let error = read_picture(&path).unwrap_err();
        assert!(matches!(error, DataError::NotAnImage { .. }), "{error}");
        let text = error.to_string();
        assert!(
            text.contains(format) && text.contains("JPEG or PNG"),
            "{text}"
        );
    }
}
