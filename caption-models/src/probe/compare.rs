//! Compares a probe's numbers with a golden's, by the tolerances of `probe.md`.

use super::failure::{Check, Failure};
use super::golden::{Golden, GoldenLearn};
use super::numbers::Numbers;

/// Tolerance of logits and losses, absolute and relative.
const TOLERANCE: f64 = 1e-4;
/// Relative tolerance of gradient norms.
const GRAD_TOLERANCE: f64 = 1e-3;
/// Gradients below this share of the largest are rounding noise.
const GRAD_FLOOR: f64 = 1e-6;
/// A gradient noise above this in PyTorch itself widens the tolerance to ten times it.
const NOISE: f64 = 1e-4;
/// Above this, a step of training is not compared: batch normalisation over two values makes +1 and -1 of them by the
/// sign of a difference that is rounding noise, so the loss too follows from the order of PyTorch's own sums.
const TOO_NOISY: f64 = 0.1;
/// A decision of the decoder closer than this may fall either way.
const MARGIN: f64 = 1e-3;

/// What `f32` makes of a sum of squares at most.
const MAX_SUM_NOISE: f64 = 5e-3;

/// All differences between `numbers` and what `golden` holds.
pub fn compare(numbers: &Numbers, golden: &Golden) -> Vec<Failure> {
    let mut failures = Vec::new();
    params(numbers, golden, &mut failures);
    if !golden.is_forward_random() {
        logits(numbers, golden, &mut failures);
        free_running(numbers, golden, &mut failures);
        loss(numbers, golden, &mut failures);
    }
    if let (Some(learn), Some(tolerance)) = (compared_learn(golden), grad_tolerance(golden)) {
        step(numbers, golden, (learn, tolerance), &mut failures);
        abs_sums(numbers, golden, (learn, tolerance), &mut failures);
    }
    failures
}

/// What `golden` holds that [`compare`] passes over, one sentence each.
pub fn not_compared(numbers: &Numbers, golden: &Golden) -> Vec<String> {
    let mut passed_over = Vec::new();
    if golden.free_running.is_some() && numbers.free_running.is_none() {
        passed_over.push("free_running: the net has no inference path of its own".to_owned());
    }
    if free_running_may_flip(golden) {
        passed_over.push(format!("free_running: a decision is closer than {MARGIN}"));
    }
    if golden.is_forward_random() {
        passed_over.push("logits: they depend on PyTorch's generator".to_owned());
    }
    if golden.learn.is_some() && compared_learn(golden).is_none() {
        passed_over.push("learn: it depends on PyTorch's generator".to_owned());
    } else if golden.learn.is_some() && grad_tolerance(golden).is_none() {
        passed_over.push("learn: PyTorch's own noise is above a tenth of a gradient".to_owned());
    }
    passed_over
}

fn compared_learn(golden: &Golden) -> Option<&GoldenLearn> {
    golden.learn.as_ref().filter(|_| !golden.is_learn_random())
}

/// `None`: not to be compared.
fn grad_tolerance(golden: &Golden) -> Option<f64> {
    match golden.noise.grad_norm_max_rel {
        Some(noise) if noise > TOO_NOISY => None,
        Some(noise) if noise > NOISE => Some((10.0 * noise).max(GRAD_TOLERANCE)),
        _ => Some(GRAD_TOLERANCE),
    }
}

fn params(numbers: &Numbers, golden: &Golden, failures: &mut Vec<Failure>) {
    let mut fail = |name: &str, message: String| {
        failures.push(Failure::new(Check::Params, Some(name), message));
    };
    for expected in &golden.params {
        let found = numbers
            .params
            .iter()
            .find(|found| found.name == expected.name);
        match found {
            None => fail(&expected.name, "missing".to_owned()),
            Some(found) if found.shape != expected.shape => {
                fail(
                    &expected.name,
                    format!("{:?} instead of {:?}", found.shape, expected.shape),
                );
            }
            Some(_) => {}
        }
    }
    for found in &numbers.params {
        if !golden.params.is_empty() && !golden.params.iter().any(|param| param.name == found.name)
        {
            fail(&found.name, "not in PyTorch's state_dict".to_owned());
        }
    }
}

fn logits(numbers: &Numbers, golden: &Golden, failures: &mut Vec<Failure>) {
    let (found, Some(expected)) = (&numbers.logits, &golden.logits) else {
        return;
    };
    let mut fail = |message| failures.push(Failure::new(Check::Logits, None, message));
    let n_values = expected.values.len();
    if found.shape != expected.shape || found.values.len() != n_values {
        return fail(format!(
            "shape {:?} instead of {:?}",
            found.shape, expected.shape
        ));
    }
    let floor = golden.noise.logits_max_abs.unwrap_or(0.0);
    let pairs = found.values.iter().zip(&expected.values);
    let pairs = pairs.map(|(found, expected)| (f64::from(*found), f64::from(*expected)));
    let is_wrong = |found: f64, expected: f64| {
        !close(
            found,
            expected,
            (TOLERANCE + TOLERANCE * expected.abs()).max(floor),
        )
    };
    let wrong = pairs
        .enumerate()
        .filter(|(_, (found, expected))| is_wrong(*found, *expected));
    let n_wrong = wrong.clone().count();
    let distance = |(found, expected): (f64, f64)| (found - expected).abs();
    let worst = wrong.max_by(|(_, a), (_, b)| distance(*a).total_cmp(&distance(*b)));
    if let Some((idx, (found, expected))) = worst {
        let worst = format!("most at sample {idx}: {found} instead of {expected}");
        fail(format!("{n_wrong} of {n_values} values differ, {worst}"));
    }
}

fn free_running_may_flip(golden: &Golden) -> bool {
    let margins = golden
        .free_running
        .iter()
        .flat_map(|golden| golden.min_margin.values());
    margins.copied().any(|margin| margin < MARGIN)
}

fn free_running(numbers: &Numbers, golden: &Golden, failures: &mut Vec<Failure>) {
    let (Some(found), Some(expected)) = (&numbers.free_running, &golden.free_running) else {
        return;
    };
    if free_running_may_flip(golden) {
        return;
    }
    let mut fail = |message| failures.push(Failure::new(Check::FreeRunning, None, message));
    if let Some(shape) = expected
        .shape
        .as_ref()
        .filter(|shape| **shape != found.shape)
    {
        return fail(format!("shape {:?} instead of {shape:?}", found.shape));
    }
    let Some(ids) = &expected.ids else { return };
    for (row, (found, expected)) in found.ids.iter().zip(ids).enumerate() {
        if found != expected {
            fail(format!("row {row} is {found:?} instead of {expected:?}"));
        }
    }
}

fn loss(numbers: &Numbers, golden: &Golden, failures: &mut Vec<Failure>) {
    let expected = golden.loss.as_ref().and_then(|loss| loss.value);
    let floor = loss_floor(golden);
    failures.extend(expected.and_then(|expected| {
        relative(
            Check::Loss,
            None,
            Some(numbers.loss),
            expected,
            TOLERANCE,
            floor,
        )
    }));
}

fn loss_floor(golden: &Golden) -> f64 {
    golden.noise.loss_abs.iter().copied().fold(0.0, f64::max)
}

fn step(
    numbers: &Numbers,
    golden: &Golden,
    (learn, tolerance): (&GoldenLearn, f64),
    failures: &mut Vec<Failure>,
) {
    let expected = learn.backward_loss.first().copied();
    let floor = loss_floor(golden);
    failures.extend(expected.and_then(|expected| {
        let found = Some(numbers.backward_loss);
        relative(Check::BackwardLoss, None, found, expected, TOLERANCE, floor)
    }));
    let noise = golden.noise.grad_norm_max_rel.unwrap_or(0.0);
    let total_norm = learn.clip.first().and_then(|clip| clip.total_norm);
    failures.extend(total_norm.and_then(|expected| {
        let tolerance = TOLERANCE.max(noise).max(sum_noise(learn));
        relative(
            Check::TotalNorm,
            None,
            Some(numbers.total_norm),
            expected,
            tolerance,
            0.0,
        )
    }));
    let floor = GRAD_FLOOR * largest(learn);
    for (name, expected) in &learn.grad_norm {
        let found = numbers.grad_norm.get(name).copied().flatten();
        // PyTorch has no gradient, or a zero one, where Burn may have the other.
        let (found, expected) = (found.or(Some(0.0)), expected.unwrap_or(0.0));
        failures.extend(relative(
            Check::GradNorm,
            Some(name),
            found,
            expected,
            tolerance,
            floor,
        ));
    }
}

fn largest(learn: &GoldenLearn) -> f64 {
    learn
        .grad_norm
        .values()
        .flatten()
        .copied()
        .fold(0.0, f64::max)
}

fn abs_sums(
    numbers: &Numbers,
    golden: &Golden,
    (learn, tolerance): (&GoldenLearn, f64),
    failures: &mut Vec<Failure>,
) {
    let adam = learn
        .optimizer
        .iter()
        .filter(|optimizer| optimizer.class.starts_with("Adam"));
    let groups = adam.flat_map(|optimizer| &optimizer.groups);
    let adam_lr = groups.map(|group| group.lr).reduce(f64::max);
    let gradient_noise = if tolerance > GRAD_TOLERANCE {
        tolerance
    } else {
        0.0
    };
    let step_noise = gradient_noise.max(sum_noise(learn));
    // Twice the floor: a true zero measured on both sides.
    let noise = 2.0 * GRAD_FLOOR * largest(learn);
    for (name, expected) in &learn.abs_sum_after {
        let Some(expected) = *expected else { continue };
        let norm = learn.grad_norm.get(name).copied().flatten();
        let is_noise = adam_lr.is_some() && norm.is_some_and(|norm| norm <= noise);
        // Adam turns a gradient of rounding noise into a whole step of either sign.
        let floor = match adam_lr {
            Some(lr) if is_noise => 2.0 * lr * n_values(golden, name),
            _ => 0.0,
        };
        let tolerance = if is_noise {
            (10.0 * TOLERANCE).max(step_noise)
        } else {
            TOLERANCE.max(step_noise)
        };
        let found = numbers.abs_sum_after.get(name).copied().flatten();
        failures.extend(relative(
            Check::AbsSumAfter,
            Some(name),
            found,
            expected,
            tolerance,
            floor,
        ));
    }
}

/// How far PyTorch's total norm is from the norms that it sums up. PyTorch adds the squares of a tensor in `f32`, so that
/// a layer of 40 million weights misses five in ten thousand; gradients are clipped by that number.
fn sum_noise(learn: &GoldenLearn) -> f64 {
    let squares = learn.grad_norm.values().flatten().map(|norm| norm * norm);
    let exact = squares.sum::<f64>().sqrt();
    let total = learn.clip.first().and_then(|clip| clip.total_norm);
    let noise = total.map_or(0.0, |total| (total - exact).abs() / exact);
    // A larger distance is no noise: the net clips a part of its parameters.
    if noise < MAX_SUM_NOISE {
        2.0 * noise
    } else {
        0.0
    }
}

fn n_values(golden: &Golden, name: &str) -> f64 {
    let param = golden.params.iter().find(|param| param.name == name);
    param.map_or(0.0, |param| param.shape.iter().product::<usize>() as f64)
}

/// A failure unless `found` is within `tolerance` of `expected`, or nearer than `floor`.
fn relative(
    check: Check,
    name: Option<&str>,
    found: Option<f64>,
    expected: f64,
    tolerance: f64,
    floor: f64,
) -> Option<Failure> {
    let allowed = match check {
        Check::GradNorm => tolerance * expected.abs() + floor,
        _ => (tolerance * expected.abs()).max(floor),
    };
    match found {
        Some(found) if close(found, expected, allowed) => None,
        Some(found) => Some(Failure::new(
            check,
            name,
            format!("{found} instead of {expected}"),
        )),
        None => Some(Failure::new(
            check,
            name,
            format!("nothing instead of {expected}"),
        )),
    }
}

fn close(found: f64, expected: f64, allowed: f64) -> bool {
    (found - expected).abs() <= allowed
}
