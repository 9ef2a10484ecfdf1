//! [`Canvas`]: a photograph that maps of attention are laid over.
use caption_models::data::{self, DataError};
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use super::grid::Grid;

/// Longest side of a canvas, whatever the photograph's.
const SIDE: f64 = 448.0;
/// How much of a pixel the map's colour is where nothing was seen, and how much more where most was.
const OPACITY: [f64; 2] = [0.35, 0.4];
/// How bright that part of the photograph stays which the net was not shown.
const UNSEEN: f64 = 0.35;

/// A photograph, and the part of it that the net was shown, in pixels.
#[derive(Clone, Debug)]
pub(super) struct Canvas {
    photo: RgbImage,
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Canvas {
    /// The photograph at the size of a canvas, of which a net was shown the middle part at `size`, `[height, width]`.
    pub(super) fn new(photo: &RgbImage, size: [usize; 2]) -> Result<Self, DataError> {
        let (width, height) = photo.dimensions();
        let scale = SIDE / f64::from(width.max(height).max(1));
        let [new_width, new_height] = [width, height].map(|side| whole(f64::from(side) * scale));
        let window = data::covered(width, height, size)?;
        Ok(Self {
            photo: imageops::resize(photo, new_width, new_height, FilterType::Triangle),
            left: window.left * scale,
            top: window.top * scale,
            width: window.width * scale,
            height: window.height * scale,
        })
    }

    /// The photograph; what the net was not shown is dark.
    pub(super) fn photo(&self) -> RgbImage {
        self.painted(|pixel, _| *pixel)
    }

    /// The photograph in grey under the map, whose values of 0 to 1 are dark to bright.
    pub(super) fn under(&self, map: &Grid) -> RgbImage {
        self.painted(|pixel, [across, down]| {
            let value = map.at(across, down);
            let colour = colour(value);
            let opacity = OPACITY[0] + OPACITY[1] * value;
            let [red, green, blue] = pixel.0.map(f64::from);
            let grey = 0.299 * red + 0.587 * green + 0.114 * blue;
            Rgb(colour.map(|part| byte(grey * (1.0 - opacity) + f64::from(part) * opacity)))
        })
    }

    /// Every pixel that the net was shown by a function of it and of its place there, from 0 to 1 across and down.
    fn painted(&self, paint: impl Fn(&Rgb<u8>, [f64; 2]) -> Rgb<u8>) -> RgbImage {
        let place = |at: u32, start: f64, length: f64| (f64::from(at) + 0.5 - start) / length;
        let (width, height) = self.photo.dimensions();
        RgbImage::from_fn(width, height, |x, y| {
            let pixel = self.photo.get_pixel(x, y);
            let across = place(x, self.left, self.width);
            let down = place(y, self.top, self.height);
            if [across, down].iter().all(|at| (0.0..=1.0).contains(at)) {
                paint(pixel, [across, down])
            } else {
                Rgb(pixel.0.map(|part| byte(f64::from(part) * UNSEEN)))
            }
        })
    }
}

/// The colour of a value of 0 to 1: `Inferno` of matplotlib, in which equal steps look equal and brightness alone tells
/// their order.
pub(super) fn colour(value: f64) -> [u8; 3] {
    colorous::INFERNO.eval_continuous(value).as_array()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn byte(value: f64) -> u8 {
    value.round() as u8
}

/// A side has at least one pixel.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "no side is longer than a canvas"
)]
fn whole(side: f64) -> u32 {
    (side.round() as u32).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The brightest pixel of a map with one region seen.
    fn brightest(canvas: &Canvas, rows: usize, columns: usize, seen: usize) -> (u32, u32) {
        let mut weights = vec![0.0; rows * columns];
        weights[seen] = 1.0;
        let drawn = canvas.under(&Grid::new(&weights, rows, columns));
        let sum = |pixel: &Rgb<u8>| pixel.0.iter().map(|part| u32::from(*part)).sum::<u32>();
        let best = drawn.pixels().map(sum).max().unwrap();
        let all: Vec<_> = drawn
            .enumerate_pixels()
            .filter(|(_, _, pixel)| sum(pixel) == best)
            .map(|(x, y, _)| (x, y))
            .collect();
        all[all.len() / 2]
    }

    #[test]
    fn a_region_of_a_wide_photograph_lies_where_the_net_saw_it() {
        // The net was shown a square in the middle, from 112 to 336 across, whose regions are 56 pixels wide and high.
        let canvas = Canvas::new(&RgbImage::new(800, 400), [64, 64]).unwrap();
        assert_eq!(canvas.photo.dimensions(), (448, 224));
        for seen in 0..16 {
            let (x, y) = brightest(&canvas, 4, 4, seen as usize);
            assert!(
                (112 + 56 * (seen % 4)..168 + 56 * (seen % 4)).contains(&x),
                "{seen}: {x}, {y}"
            );
            assert!(
                (56 * (seen / 4)..56 + 56 * (seen / 4)).contains(&y),
                "{seen}: {x}, {y}"
            );
        }
    }

    #[test]
    fn a_net_of_long_pictures_saw_the_middle_of_a_tall_photograph() {
        // 32 x 64 of a 100 x 400 photograph: 50 rows of 100 pixels, from 175 on.
        let canvas = Canvas::new(&RgbImage::new(100, 400), [32, 64]).unwrap();
        let (x, y) = brightest(&canvas, 1, 2, 1);
        assert_eq!(canvas.photo.dimensions(), (112, 448));
        assert!((56..112).contains(&x), "{x}");
        assert!((196..=252).contains(&y), "{y}");
    }

    #[test]
    fn what_the_net_was_not_shown_is_dark_and_has_no_map() {
        let canvas = Canvas::new(&RgbImage::from_pixel(800, 400, Rgb([200; 3])), [8, 8]).unwrap();
        let drawn = canvas.under(&Grid::new(&[1.0], 1, 1));
        assert_eq!(drawn.get_pixel(20, 100), &Rgb([70; 3]));
        assert_ne!(drawn.get_pixel(224, 100), &Rgb([70; 3]));
        assert_eq!(canvas.photo().get_pixel(224, 100), &Rgb([200; 3]));
    }
}
