//! [`Grid`]: the weights of regions as a map over a picture.

/// Weights of regions, row by row, as parts of the greatest one.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    values: Vec<f64>,
    rows: usize,
    columns: usize,
}

impl Grid {
    /// A map of as many weights as there are regions; those that are missing count as 0.
    pub(super) fn new(weights: &[f32], rows: usize, columns: usize) -> Self {
        let peak = f64::from(peak(weights)).max(f64::MIN_POSITIVE);
        let mut values: Vec<f64> = weights
            .iter()
            .map(|weight| f64::from(*weight) / peak)
            .collect();
        values.resize(rows * columns, 0.0);
        Self {
            values,
            rows,
            columns,
        }
    }

    /// The value at a place, from 0 to 1 across and down: bilinear between the centres of the regions, and beyond the
    /// outermost centres as at them.
    pub(super) fn at(&self, across: f64, down: f64) -> f64 {
        let [(left, right, to_right), (above, below, to_below)] =
            [(across, self.columns), (down, self.rows)].map(|(place, count)| between(place, count));
        let value = |row: usize, column: usize| self.values[row * self.columns + column];
        let mix = |one: f64, other: f64, share: f64| one + (other - one) * share;
        mix(
            mix(value(above, left), value(above, right), to_right),
            mix(value(below, left), value(below, right), to_right),
            to_below,
        )
    }
}

/// The greatest weight.
pub(super) fn peak(weights: &[f32]) -> f32 {
    weights.iter().copied().fold(0.0, f32::max)
}

/// The two of `count` regions side by side whose centres a place lies between, and how far it is from the first to the
/// second.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the place is clamped to the regions"
)]
fn between(place: f64, count: usize) -> (usize, usize, f64) {
    let last = count.saturating_sub(1);
    let position = (place * count as f64 - 0.5).clamp(0.0, last as f64);
    let first = position.floor() as usize;
    (first, (first + 1).min(last), position - position.floor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found}, not {expected}");
    }

    #[test]
    fn at_the_centre_of_a_region_stands_its_weight_and_between_two_their_mean() {
        let grid = Grid::new(&[0.5, 0.25, 0.0, 0.125], 2, 2);
        near(grid.at(0.25, 0.25), 1.0);
        near(grid.at(0.75, 0.25), 0.5);
        near(grid.at(0.5, 0.25), 0.75);
        near(grid.at(0.75, 0.75), 0.25);
        near(grid.at(0.5, 0.5), 1.75 / 4.0);
    }

    #[test]
    fn borders_are_as_the_outermost_centres() {
        let grid = Grid::new(&[0.5, 0.25, 0.0, 0.125], 2, 2);
        near(grid.at(0.0, 0.0), 1.0);
        near(grid.at(1.0, 1.0), 0.25);
    }

    #[test]
    fn even_weights_are_evenly_bright_and_none_are_dark() {
        near(Grid::new(&[0.25; 4], 2, 2).at(0.4, 0.9), 1.0);
        near(Grid::new(&[0.0; 4], 2, 2).at(0.4, 0.9), 0.0);
        near(Grid::new(&[], 2, 2).at(0.4, 0.9), 0.0);
    }
}
