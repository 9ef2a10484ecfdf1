//! Drawing: every pixel is the mean of sixteen points.

use image::{Rgb, RgbImage};

use super::figure::Figure;
use super::layout::{Background, Colour, Shape};

/// Points along each side of a pixel.
const N_POINTS: u32 = 4;

/// Draws figures in order on a picture of `[height, width]`. The scene is the largest square in its middle, the
/// background fills the rest.
pub(super) fn draw(
    background: Background,
    figures: &[Figure],
    [height, width]: [u32; 2],
) -> RgbImage {
    let side = f64::from(height.min(width));
    let corner = [width, height].map(|length| (f64::from(length) - side) / 2.0);
    let mut picture = RgbImage::from_fn(width, height, |_, y| backdrop(background, y, height));
    for figure in figures {
        let extent = [0, 1].map(|axis| {
            let centre = corner[axis] + figure.centre[axis] * side;
            let reach = figure.radius * side;
            pixels(centre - reach, centre + reach, [width, height][axis])
        });
        for (y, x) in extent[1]
            .clone()
            .flat_map(|y| extent[0].clone().map(move |x| (y, x)))
        {
            let covered = coverage(figure, [x, y], corner, side);
            mix(picture.get_pixel_mut(x, y), figure, covered);
        }
    }
    picture
}

/// The pixels that a stretch touches.
fn pixels(from: f64, to: f64, n_pixels: u32) -> std::ops::Range<u32> {
    let last = f64::from(n_pixels);
    whole(from.floor().clamp(0.0, last))..whole(to.ceil().clamp(0.0, last))
}

/// How much of a pixel the figure covers.
fn coverage(figure: &Figure, pixel: [u32; 2], corner: [f64; 2], side: f64) -> f64 {
    let mut n_inside = 0;
    for point in 0..N_POINTS * N_POINTS {
        let offset = [point % N_POINTS, point / N_POINTS];
        let at = [0, 1].map(|axis| {
            let within = (f64::from(offset[axis]) + 0.5) / f64::from(N_POINTS);
            (f64::from(pixel[axis]) + within - corner[axis]) / side
        });
        n_inside += u32::from(figure.contains(at));
    }
    f64::from(n_inside) / f64::from(N_POINTS * N_POINTS)
}

fn mix(pixel: &mut Rgb<u8>, figure: &Figure, covered: f64) {
    let colour = figure.colour.rgb();
    for channel in 0..3 {
        let new = colour[channel] + figure.tint[channel];
        let old = f64::from(pixel[channel]);
        pixel[channel] = byte(old + (new - old) * covered);
    }
}

/// The background, a little lighter at the top than at the bottom.
fn backdrop(background: Background, y: u32, height: u32) -> Rgb<u8> {
    let shade = 5.0 - 10.0 * f64::from(y) / f64::from(height);
    Rgb(background.rgb().map(|value| byte(value + shade)))
}

fn byte(value: f64) -> u8 {
    u8::try_from(whole(value.round().clamp(0.0, 255.0))).expect("it is at most 255")
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "callers round and clamp to a range that fits"
)]
fn whole(value: f64) -> u32 {
    value as u32
}

impl Background {
    pub(super) fn rgb(self) -> [f64; 3] {
        match self {
            Self::White => [244.0, 244.0, 242.0],
            Self::Grey => [148.0, 150.0, 154.0],
            Self::Black => [24.0, 24.0, 28.0],
            Self::Pink => [248.0, 198.0, 212.0],
        }
    }
}

impl Colour {
    pub(super) fn rgb(self) -> [f64; 3] {
        match self {
            Self::Red => [212.0, 36.0, 40.0],
            Self::Green => [44.0, 156.0, 62.0],
            Self::Blue => [36.0, 92.0, 216.0],
            Self::Yellow => [244.0, 208.0, 28.0],
            Self::Purple => [152.0, 66.0, 196.0],
            Self::Orange => [244.0, 124.0, 20.0],
        }
    }
}

impl Figure {
    /// Whether a point of the scene lies in the figure.
    pub(super) fn contains(&self, at: [f64; 2]) -> bool {
        let [x, y] = [0, 1].map(|axis| (at[axis] - self.centre[axis]) / self.radius);
        let [cos, sin] = self.turn;
        self.shape.contains(x * cos + y * sin, y * cos - x * sin)
    }
}

impl Shape {
    /// Whether a point lies in the shape, which fits the unit circle.
    fn contains(self, x: f64, y: f64) -> bool {
        let distance2 = x * x + y * y;
        match self {
            Self::Circle => distance2 <= 0.9 * 0.9,
            Self::Ring => (0.58 * 0.58..=0.95 * 0.95).contains(&distance2),
            Self::Square => x.abs() <= 0.705 && y.abs() <= 0.705,
            Self::Cross => x.abs().min(y.abs()) <= 0.33 && x.abs().max(y.abs()) <= 0.93,
            // Half planes of an equilateral triangle that stands on its side.
            Self::Triangle => y <= 0.5 && SQRT_3 * x.abs() - y <= 1.0,
            Self::Star => in_star(x, y),
        }
    }
}

const SQRT_3: f64 = 1.732_050_807_568_877_2;
/// Directions of a star's five edges, as `[cos, sin]` of -90 + 72 k degrees.
const POINTS: [[f64; 2]; 5] = [
    [0.0, -1.0],
    [0.951_056_516_295_153_5, -0.309_016_994_374_947_45],
    [0.587_785_252_292_473_1, 0.809_016_994_374_947_5],
    [-0.587_785_252_292_473_1, 0.809_016_994_374_947_5],
    [-0.951_056_516_295_153_5, -0.309_016_994_374_947_45],
];

/// A five-pointed star is where at least four of the five half planes of its pentagram's lines hold a point.
fn in_star(x: f64, y: f64) -> bool {
    // The lines of a pentagram lie cos 72° from its centre, opposite its points.
    let apothem = 0.309_016_994_374_947_45;
    let within = |[cos, sin]: &[f64; 2]| -(x * cos + y * sin) <= apothem;
    POINTS.iter().filter(|point| within(point)).count() >= 4
}
