//! How far apart two traces are, and how far they may be.

use std::fmt;

use super::trace::{Trace, Values};

/// Scores and losses: rounding of 32-bit floats, added up in another order.
const TOLERANCE: f64 = 1e-4;
/// Gradients, and losses once the weights differ.
const LEARNED: f64 = 1e-3;
/// How far training may lead apart, as a share of how far it leads: Adam makes a whole step of a gradient that is noise.
const APART: f64 = 0.05;
/// Gradients below this share of the largest are rounding noise.
const NOISE: f64 = 1e-3;

/// One thing that was compared.
pub(crate) struct Check {
    what: String,
    distance: f64,
    allowed: f64,
}

impl Check {
    fn new(what: impl Into<String>, distance: f64, allowed: f64) -> Self {
        Self {
            what: what.into(),
            distance,
            allowed,
        }
    }

    /// Whether the two are near enough; what is no number is not.
    pub(crate) fn holds(&self) -> bool {
        self.distance <= self.allowed
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.holds() { "ok" } else { "DIFFERS" };
        let (distance, allowed) = (self.distance, self.allowed);
        write!(f, "{mark:8}{distance:.1e} of {allowed:.2e}  {}", self.what)
    }
}

/// Everything in which two traces from the weights `start` can differ.
pub(crate) fn compare(found: &Trace, expected: &Trace, start: &Values) -> Vec<Check> {
    let mut checks = vec![Check::new(
        "scores",
        relative(&found.scores, &expected.scores),
        TOLERANCE,
    )];
    if let (Some(found), Some(expected)) = (&found.word_by_word, &expected.word_by_word) {
        let distance = relative(found, expected);
        checks.push(Check::new("scores word by word", distance, TOLERANCE));
    }
    checks.push(Check::new(
        "loss before training",
        share(found.losses[0], expected.losses[0]),
        TOLERANCE,
    ));
    checks.push(worst_gradient(found, expected));
    let losses = found.losses.iter().zip(&expected.losses);
    let worst = losses
        .map(|(found, expected)| share(*found, *expected))
        .fold(0.0, worse);
    checks.push(Check::new("loss of every step", worst, LEARNED));
    let flat = |values: &Values| flat(values, &expected.gradients);
    let [found_end, expected_end, start] = [&found.trained, &expected.trained, start].map(flat);
    let apart = difference(&found_end, &expected_end) / difference(&expected_end, &start);
    checks.push(Check::new("weights after training", apart, APART));
    checks.extend(laws(found));
    checks
}

/// What holds on one device alone.
fn laws(trace: &Trace) -> [Check; 2] {
    let [once, again] = trace.dropped;
    let (first, last) = (trace.losses[0], trace.losses[trace.losses.len() - 1]);
    [
        Check::new("dropout follows its seed", share(again, once), 1e-6),
        Check::new("the loss falls, to a share of", last / first, 0.999),
    ]
}

/// The gradient that differs most; one missing on a side differs more than any.
fn worst_gradient(found: &Trace, expected: &Trace) -> Check {
    let (found, expected) = (&found.gradients, &expected.gradients);
    let largest = expected.values().map(|values| norm(values));
    let noise = NOISE * largest.fold(0.0, f64::max);
    let mut worst = ("none", 0.0);
    for (name, expected) in expected {
        let found = found.get(name).map_or(&[][..], Vec::as_slice);
        let distance = difference(found, expected) / (norm(expected) + noise);
        if distance.is_nan() || distance > worst.1 {
            worst = (name, distance);
        }
    }
    let what = format!("gradient, the worst of {}: {}", expected.len(), worst.0);
    Check::new(what, worst.1, LEARNED)
}

/// All values that have a gradient.
fn flat(values: &Values, gradients: &Values) -> Vec<f32> {
    let trained = gradients.keys().filter_map(|name| values.get(name));
    trained.flatten().copied().collect()
}

/// The larger; what is no number is larger than any.
fn worse(a: f64, b: f64) -> f64 {
    if a.is_nan() || a > b { a } else { b }
}

fn share(found: f64, expected: f64) -> f64 {
    (found - expected).abs() / expected.abs()
}

fn relative(found: &[f32], expected: &[f32]) -> f64 {
    difference(found, expected) / norm(expected)
}

fn norm(values: &[f32]) -> f64 {
    let squares = values.iter().map(|value| f64::from(*value).powi(2));
    squares.sum::<f64>().sqrt()
}

/// Norm of the difference; infinite when there is not one value for each.
fn difference(found: &[f32], expected: &[f32]) -> f64 {
    if found.len() != expected.len() {
        return f64::INFINITY;
    }
    let pairs = found.iter().zip(expected);
    let squares = pairs.map(|(found, expected)| (f64::from(*found) - f64::from(*expected)).powi(2));
    squares.sum::<f64>().sqrt()
}
