//! How far apart two traces are, and how far they may be.

use std::fmt;

use super::trace::{Trace, Values};

/// Scores and losses: rounding of 32-bit floats, added up in another order.
const TOLERANCE: f64 = 1e-4;
/// Gradients, weights after training, and losses once the weights differ.
const LEARNED: f64 = 1e-3;
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
        write!(f, "{mark:8}{distance:.1e} of {allowed:.0e}  {}", self.what)
    }
}

/// Everything in which the two can differ.
pub(crate) fn compare(found: &Trace, expected: &Trace) -> Vec<Check> {
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
    checks.push(worst_of_values(
        "gradient",
        &found.gradients,
        &expected.gradients,
    ));
    let losses = found.losses.iter().zip(&expected.losses);
    let worst = losses
        .map(|(found, expected)| share(*found, *expected))
        .fold(0.0, worse);
    checks.push(Check::new("loss of every step", worst, LEARNED));
    checks.push(worst_of_values(
        "trained weights",
        &found.trained,
        &expected.trained,
    ));
    checks.extend(laws(found));
    checks
}

/// What holds on one device alone.
fn laws(trace: &Trace) -> [Check; 2] {
    let [once, again, _] = trace.dropped;
    let (first, last) = (trace.losses[0], trace.losses[trace.losses.len() - 1]);
    [
        Check::new("dropout follows its seed", share(again, once), 1e-6),
        Check::new("the loss falls, to a share of", last / first, 0.9),
    ]
}

/// The value that differs most, one missing on a side more than any.
fn worst_of_values(what: &str, found: &Values, expected: &Values) -> Check {
    let largest = expected
        .values()
        .map(|values| norm(values))
        .fold(0.0, f64::max);
    let distance = |(name, expected): (&&'static str, &Vec<f32>)| {
        let found = found.get(*name).map_or(&[][..], Vec::as_slice);
        let distance = difference(found, expected) / (norm(expected) + NOISE * largest);
        (*name, distance)
    };
    let worst = expected.iter().map(distance).reduce(|a, b| {
        if worse(a.1, b.1).total_cmp(&b.1).is_eq() {
            b
        } else {
            a
        }
    });
    let (name, distance) = worst.unwrap_or(("nothing", f64::NAN));
    let same_names = found.keys().eq(expected.keys());
    let distance = if same_names { distance } else { f64::INFINITY };
    let n_values = expected.len();
    Check::new(
        format!("{what}, the worst of {n_values}: {name}"),
        distance,
        LEARNED,
    )
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
