//! What reading a photograph costs: the whole way of the loader, the same with the resizing of the `image` crate, and
//! each part alone. The picture is drawn: smooth shades with noise on them, which is as hard to decode as a photograph.
//!
//! `cargo bench --bench pictures`
use std::io::Cursor;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use image::imageops::{self, FilterType};
use image::{ImageFormat, Rgb, RgbImage};
use nn_caption::caption_models::data::{cover, load_picture, normalise};

/// Width and height, COCO's commonest.
const PHOTOGRAPH: (u32, u32) = (640, 480);
/// A net's input.
const SIZE: [usize; 2] = [224, 224];
/// The photograph with its shorter side at the net's.
const SCALED: (u32, u32) = (299, 224);

fn photograph() -> RgbImage {
    let (width, height) = PHOTOGRAPH;
    let mut noise = 1_u32;
    RgbImage::from_fn(width, height, |x, y| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let shade = |value: u32| u8::try_from(value / 4 + (noise >> 27)).unwrap_or(u8::MAX);
        Rgb([shade(x), shade(2 * y), shade(x + y / 2)])
    })
}

fn decode(jpeg: &[u8]) -> RgbImage {
    image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg)
        .expect("it was just encoded")
        .into_rgb8()
}

/// The same without SIMD: the whole picture at the new size, then its middle.
fn imageops_cover(picture: &RgbImage) -> RgbImage {
    let (wide, side) = SCALED;
    let scaled = imageops::resize(picture, wide, side, FilterType::Triangle);
    imageops::crop_imm(&scaled, (wide - side) / 2, 0, side, side).to_image()
}

fn pictures(c: &mut Criterion) {
    let picture = photograph();
    let mut jpeg = Cursor::new(Vec::new());
    picture
        .write_to(&mut jpeg, ImageFormat::Jpeg)
        .expect("a picture can be encoded");
    let jpeg = jpeg.into_inner();
    let folder = tempfile::tempdir().expect("there is room for one picture");
    let path = folder.path().join("photograph.jpg");
    std::fs::write(&path, &jpeg).expect("there is room for one picture");
    let small = cover(&picture, SIZE).expect("224 is a size");

    let mut group = c.benchmark_group("picture");
    group.throughput(Throughput::Elements(1)); // pictures
    group.bench_function("read/fast_image_resize", |b| {
        b.iter(|| load_picture(&path, SIZE));
    });
    group.bench_function("read/imageops", |b| {
        b.iter(|| std::fs::read(&path).map(|jpeg| imageops_cover(&decode(&jpeg))));
    });
    group.bench_function("decode", |b| b.iter(|| decode(&jpeg)));
    group.bench_function("cover/fast_image_resize", |b| {
        b.iter(|| cover(&picture, SIZE));
    });
    group.bench_function("cover/imageops", |b| b.iter(|| imageops_cover(&picture)));
    group.bench_function("normalise", |b| b.iter(|| normalise(&small)));
    group.finish();
}

criterion_group!(benches, pictures);
criterion_main!(benches);
