//! Axes of a picture: SVG inside the page, coloured by its style sheet, so that dark and printed pages are right.
use std::fmt::Write as _;

use crate::report::escape::Escaped;

/// Width of a plot, in the units of its view box.
const WIDTH: f64 = 720.0;
/// Height of a plot.
const HEIGHT: f64 = 340.0;
/// Space around the axes: left, right, top, bottom.
const MARGIN: [f64; 4] = [56.0, 20.0, 14.0, 46.0];
/// Steps of an axis, about.
const STEPS: f64 = 5.0;

/// What an axis shows.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    title: String,
    low: f64,
    high: f64,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis of equal steps that holds all values.
    pub(super) fn linear(title: &str, values: impl Iterator<Item = f64>, from_zero: bool) -> Self {
        let (mut low, mut high) = range(values).unwrap_or((0.0, 1.0));
        if from_zero {
            low = low.min(0.0);
        }
        if high - low < 1e-9 {
            high = low + 1.0;
        }
        let step = nice_step((high - low) / STEPS);
        let first = (low / step).floor();
        let n_steps = ((high / step).ceil() - first).max(1.0);
        let digits = usize::from(step < 1.0) + usize::from(step < 0.1) + usize::from(step < 0.01);
        let mut ticks = Vec::new();
        let mut at = 0.0;
        while at <= n_steps {
            let value = (first + at) * step;
            ticks.push((value, format!("{value:.digits$}")));
            at += 1.0;
        }
        Self {
            title: title.to_owned(),
            low: first * step,
            high: (first + n_steps) * step,
            ticks,
        }
    }

    /// An axis on which ten times as much is always as far; its values are logarithms.
    pub(super) fn log(title: &str, values: impl Iterator<Item = u64>) -> Self {
        let values = values.map(|value| (value.max(1) as f64).log10());
        let (low, high) = range(values).unwrap_or((0.0, 1.0));
        let (low, high) = (low - 0.15, high + 0.15);
        let mut ticks = Vec::new();
        for decade in 0..20_u32 {
            let power = 10_u64.saturating_pow(decade);
            let factors: &[u64] = if high - low > 2.0 { &[1] } else { &[1, 2, 5] };
            for factor in factors {
                let number = power.saturating_mul(*factor);
                let place = (number as f64).log10();
                if (low..=high).contains(&place) {
                    let text = super::numbers::short(number).replace(".00", "");
                    ticks.push((place, text.replace(".0 ", " ")));
                }
            }
        }
        Self {
            title: title.to_owned(),
            low,
            high,
            ticks,
        }
    }

    /// Its first and last value.
    pub(super) fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    fn part(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let finite = values.filter(|value| value.is_finite());
    finite.fold(None, |range, value| {
        let (low, high) = range.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    })
}

/// 1, 2 or 5 times a power of ten, not below `step`.
fn nice_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let factor = step / power;
    let nice = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|nice| factor <= nice + 1e-9);
    nice.unwrap_or(10.0) * power
}

/// A plot under way.
#[derive(Debug)]
pub(super) struct Plot {
    x: Axis,
    y: Axis,
    label: String,
    marks: String,
}

impl Plot {
    pub(super) fn new(label: &str, x: Axis, y: Axis) -> Self {
        Self {
            x,
            y,
            label: label.to_owned(),
            marks: String::new(),
        }
    }

    /// Where a point is on the picture.
    pub(super) fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let [left, right, top, bottom] = MARGIN;
        (
            left + self.x.part(x) * (WIDTH - left - right),
            top + (1.0 - self.y.part(y)) * (HEIGHT - top - bottom),
        )
    }

    /// Draws an element of the caller's.
    pub(super) fn draw(&mut self, element: &str) {
        self.marks.push_str(element);
        self.marks.push('\n');
    }

    /// A line through points.
    pub(super) fn line(&mut self, class: &str, points: &[(f64, f64)]) {
        let places = points.iter().map(|(x, y)| {
            let (x, y) = self.place(*x, *y);
            format!("{x:.1},{y:.1}")
        });
        let places: Vec<String> = places.collect();
        let line = format!(
            "<polyline class=\"{class}\" points=\"{}\"/>",
            places.join(" ")
        );
        self.draw(&line);
    }

    /// The picture.
    pub(super) fn finish(self) -> String {
        let [left, right, top, bottom] = MARGIN;
        let mut svg = format!(
            "<svg class=\"plot\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\n",
            Escaped(&self.label)
        );
        for (value, text) in &self.y.ticks {
            let (_, y) = self.place(self.x.low, *value);
            let _ = writeln!(
                svg,
                "<line class=\"grid\" x1=\"{left}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text class=\"tick\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
                WIDTH - right,
                left - 8.0,
                y + 4.0
            );
        }
        for (value, text) in &self.x.ticks {
            let (x, _) = self.place(*value, self.y.low);
            let floor = HEIGHT - bottom;
            let _ = writeln!(
                svg,
                "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top}\" y2=\"{floor}\"/>\
                 <text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{text}</text>",
                floor + 18.0
            );
        }
        let middle = top + (HEIGHT - top - bottom) / 2.0;
        let _ = writeln!(
            svg,
            "<text class=\"axis\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
             <text class=\"axis\" transform=\"translate(14 {middle:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            left + (WIDTH - left - right) / 2.0,
            HEIGHT - 8.0,
            Escaped(&self.x.title),
            Escaped(&self.y.title)
        );
        svg.push_str(&self.marks);
        svg.push_str("</svg>\n");
        svg
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn steps_are_round_and_hold_all_values() {
        let axis = Axis::linear("", [0.012, 0.27].into_iter(), true);
        assert_eq!(texts(&axis), ["0.0", "0.1", "0.2", "0.3"]);
        let empty = Axis::linear("", std::iter::empty(), false);
        assert_eq!((empty.low, empty.high), (0.0, 1.0));
        let same = Axis::linear("", [3.0, f64::NAN].into_iter(), false);
        assert!(same.low <= 3.0 && same.high > same.low);
    }

    #[test]
    fn decades_are_named_shortly() {
        let axis = Axis::log("", [900_000, 12_000_000].into_iter());
        assert_eq!(texts(&axis), ["1 M", "2 M", "5 M", "10 M"]);
        let wide = Axis::log("", [900, 12_000_000].into_iter());
        assert_eq!(texts(&wide), ["1 K", "10 K", "100 K", "1 M", "10 M"]);
    }
}
