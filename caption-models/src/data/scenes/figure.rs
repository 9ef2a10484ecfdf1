//! Figures in place. The scene is the unit square, y grows downwards.
//!
//! Positions and turns use the four basic operations only, so that they are the same on every machine.

use super::layout::{Colour, Group, Layout, Place, Relation, Shape, Size};
use crate::data::seeded::Seeded;

/// A figure in its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figure {
    pub(super) shape: Shape,
    pub(super) colour: Colour,
    /// Added to each colour channel, so that no two reds are quite the same.
    pub(super) tint: [f64; 3],
    /// `[x, y]`
    pub(super) centre: [f64; 2],
    /// The figure lies within this distance of its centre.
    pub(super) radius: f64,
    /// Cosine and sine of a slight turn.
    pub(super) turn: [f64; 2],
}

/// Free rim of the picture.
const RIM: f64 = 0.04;
/// Half the least gap between figures of a group.
const GAP: f64 = 0.015;
/// Half the gap between two groups: wide enough that side by side is never confused with one above the other.
const DIVIDE: f64 = 0.08;
/// How far a single figure strays from the line it belongs on.
const STRAY: f64 = 0.12;

/// A stretch of the picture, for centres or whole figures.
type Span = [f64; 2];

/// Puts the figures of a layout in place; those of the second group come first, to be drawn below the others.
pub(super) fn place(layout: &Layout, seeded: &mut Seeded) -> Vec<Figure> {
    match *layout {
        Layout::Alone(group, place) => alone(group, place, seeded),
        Layout::Nested { inner, outer } => nested(inner, outer, seeded),
        Layout::Pair(first, relation, second) => {
            let (near, far) = ([RIM, 0.5 - DIVIDE], [0.5 + DIVIDE, 1.0 - RIM]);
            let (axis, bands) = match relation {
                Relation::LeftOf => (0, [near, far]),
                Relation::RightOf => (0, [far, near]),
                Relation::Above => (1, [near, far]),
                Relation::Below => (1, [far, near]),
            };
            let mut figures = line(second, axis, bands[1], seeded);
            figures.extend(line(first, axis, bands[0], seeded));
            figures
        }
    }
}

fn alone(group: Group, place: Place, seeded: &mut Seeded) -> Vec<Figure> {
    let (near, far) = ([RIM, 0.36], [0.64, 1.0 - RIM]);
    match place {
        Place::Left => line(group, 0, near, seeded),
        Place::Right => line(group, 0, far, seeded),
        Place::Top => line(group, 1, near, seeded),
        Place::Bottom => line(group, 1, far, seeded),
        Place::Middle => {
            let radius = radius(group.size, seeded);
            let centre = [seeded.between(0.44, 0.56), seeded.between(0.44, 0.56)];
            vec![figure(group, centre, radius, seeded)]
        }
    }
}

/// The outer figure is larger than any other and leaves room for the inner one, whatever its shape.
fn nested(inner: Group, outer: Group, seeded: &mut Seeded) -> Vec<Figure> {
    let radius = seeded.between(0.27, 0.32);
    let centre = [0, 1].map(|_| seeded.between(0.38, 0.62));
    let outer = figure(outer, centre, radius, seeded);
    let radius = seeded.between(0.065, 0.078);
    let centre = centre.map(|at| at + seeded.between(-0.007, 0.007));
    let inner = figure(inner, centre, radius, seeded);
    vec![outer, inner]
}

/// The figures of a group one beside the other: within `band` along `axis`, spread over the picture across it.
fn line(group: Group, axis: usize, band: Span, seeded: &mut Seeded) -> Vec<Figure> {
    let radius = radius(group.size, seeded);
    let slot = (1.0 - 2.0 * RIM) / group.count as f64;
    let stray = (slot / 2.0 - radius - GAP).clamp(0.0, STRAY);
    let along = band[0] + radius..band[1] - radius;
    let mut figures = Vec::with_capacity(group.count);
    for idx in 0..group.count {
        let middle = RIM + slot * (idx as f64 + 0.5);
        let mut centre = [0.0; 2];
        centre[axis] = seeded.between(along.start, along.end);
        centre[1 - axis] = seeded.between(middle - stray, middle + stray);
        figures.push(figure(group, centre, radius, seeded));
    }
    figures
}

fn radius(size: Size, seeded: &mut Seeded) -> f64 {
    match size {
        Size::Small => seeded.between(0.068, 0.08),
        Size::Large => seeded.between(0.125, 0.138),
    }
}

fn figure(group: Group, centre: [f64; 2], radius: f64, seeded: &mut Seeded) -> Figure {
    // Half the angle's tangent gives cosine and sine by arithmetic; 0.07 is about 8 degrees.
    let tan = seeded.between(-0.07, 0.07);
    let turn = [
        (1.0 - tan * tan) / (1.0 + tan * tan),
        2.0 * tan / (1.0 + tan * tan),
    ];
    Figure {
        shape: group.shape,
        colour: group.colour,
        tint: [0; 3].map(|_| seeded.between(-10.0, 10.0)),
        centre,
        radius,
        turn,
    }
}
