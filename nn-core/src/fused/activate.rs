//! Exponential, sigmoid, tanh and the normal distribution that compilers turn into vector
//! instructions: no branches, no calls. Errors of the first three stay below 3 units in the last
//! place (tested against `f64`).
//!
//! Range reduction and polynomials of Cephes (Moshier 1989, `expf` and `tanhf`).

/// exp(x), 0 below -87.3 and the largest power at 88.3 and above.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    // ln 2 in two parts, the first one exact in products with small integers.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    // Adding and subtracting 1.5 * 2^23 rounds to the nearest integer.
    const ROUND: f32 = 12_582_912.0;
    let tiny = x < -87.3;
    let x = x.clamp(-87.3, 88.3);
    let shifted = x * LOG2_E + ROUND;
    let power = shifted - ROUND;
    let rest = x - power * LN_2_HIGH - power * LN_2_LOW;
    let mut sum = 1.987_569_1e-4;
    for coefficient in [
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        0.5,
    ] {
        sum = sum * rest + coefficient;
    }
    let mantissa = sum * rest * rest + rest + 1.0;
    // The low bits of `shifted` are the integer; as an exponent they scale by 2^power.
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    let scale = f32::from_bits(exponent.wrapping_add(127) << 23);
    if tiny { 0.0 } else { mantissa * scale }
}

/// 1 / (1 + exp(-x))
#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// tanh(x)
#[inline(always)]
pub(super) fn tanh(x: f32) -> f32 {
    let square = x * x;
    let mut sum = -5.704_988_7e-3;
    for coefficient in [2.063_909e-2, -5.373_972e-2, 1.333_144_2e-1, -3.333_328e-1] {
        sum = sum * square + coefficient;
    }
    let near = sum * square * x + x;
    let far = 1.0 - 2.0 / (exp(2.0 * x.abs()) + 1.0);
    if x.abs() < 0.625 {
        near
    } else {
        far.copysign(x)
    }
}

/// The normal distribution function at x, and its density.
///
/// The tail beyond |x| is `exp(-z^2) erfcx(z) / 2` at `z = |x| / sqrt 2`. The scaled complementary
/// error function `erfcx` is a polynomial of degree 9 in `1 / (1 + 0.3 z)`, fitted to it on [0, 9.4]
/// (largest relative error 2e-8, with the rounding of 32 bits 5e-7).
#[inline(always)]
pub(super) fn normal(x: f32) -> (f32, f32) {
    const DENSITY_AT_0: f32 = 0.398_942_3; // 1 / sqrt(2 pi)
    let power = exp(-0.5 * x * x);
    let t = 1.0 / (1.0 + 0.3 * std::f32::consts::FRAC_1_SQRT_2 * x.abs());
    let mut sum = -0.129_410_4;
    for coefficient in [
        0.484_970_27,
        -0.510_938_2,
        0.546_027_2,
        -0.093_344_636,
        0.214_296_92,
        0.148_523_66,
        0.170_685_16,
        0.169_190_1,
    ] {
        sum = sum * t + coefficient;
    }
    let tail = 0.5 * power * sum * t;
    let below = if x < 0.0 { tail } else { 1.0 - tail };
    (below, power * DENSITY_AT_0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Distance in units in the last place of the exact result.
    fn ulps(found: f32, exact: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "its spacing is what is asked for"
        )]
        let rounded = exact as f32;
        let spacing =
            f64::from(f32::from_bits(rounded.abs().to_bits() + 1)) - f64::from(rounded.abs());
        (f64::from(found) - exact).abs() / spacing
    }

    /// [-87, 87], closely.
    fn inputs() -> impl Iterator<Item = f32> {
        (-8700_i16..=8700).map(|i| f32::from(i) * 0.01 + 0.003)
    }

    #[track_caller]
    fn close(found: impl Fn(f32) -> f32, exact: impl Fn(f64) -> f64) {
        for x in inputs() {
            let error = ulps(found(x), exact(f64::from(x)));
            assert!(error < 3.0, "{x}: {error} units off");
        }
    }

    #[test]
    fn they_equal_the_functions() {
        close(exp, f64::exp);
        close(sigmoid, |x| 1.0 / (1.0 + (-x).exp()));
        close(tanh, f64::tanh);
    }

    /// Simpson's rule over the density, from -8 on, where the function is below 1e-15.
    #[test]
    fn the_normal_distribution_is_the_integral_of_its_density() {
        let density = |x: f64| (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let step = 0.01;
        let mut below = 0.0;
        for i in -800_i16..800 {
            let x = f64::from(i) * step;
            let middle = 4.0 * density(x + step / 2.0);
            below += (density(x) + middle + density(x + step)) * step / 6.0;
            let at = f32::from(i + 1) * 0.01;
            let (found, found_density) = normal(at);
            let miss = (f64::from(found) - below).abs();
            assert!(miss < 1e-5 * below + 2e-15, "{at}: {found}, not {below}");
            let expected = density(f64::from(at));
            let miss = (f64::from(found_density) - expected).abs();
            assert!(
                miss < 1e-5 * expected,
                "{at}: {found_density}, not {expected}"
            );
        }
        assert_eq!(normal(-20.0), (0.0, 0.0));
        assert_eq!(normal(20.0), (1.0, 0.0));
    }

    #[test]
    fn they_saturate() {
        assert!(exp(f32::NEG_INFINITY) == 0.0 && exp(-200.0) == 0.0);
        assert!(exp(200.0).is_finite());
        assert!(sigmoid(-200.0) < 1e-37 && sigmoid(200.0) > 1.0 - 1e-7);
        assert!(tanh(-200.0) < -1.0 + 1e-7 && tanh(200.0) > 1.0 - 1e-7);
        assert!(tanh(0.0) == 0.0);
    }

    #[test]
    fn they_hand_on_what_is_no_number() {
        assert!(exp(f32::NAN).is_nan() && sigmoid(f32::NAN).is_nan() && tanh(f32::NAN).is_nan());
        assert!(normal(f32::NAN).0.is_nan());
    }
}
