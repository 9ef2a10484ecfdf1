//! The values that a parameter or an input of a given name has in every golden.

use burn::tensor::TensorData;

/// FNV-1a of the name.
fn seed(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The `index`-th number of `SplitMix64`, in [0, 1).
fn unit(seed: u64, index: u64) -> f64 {
    let mut z = seed.wrapping_add((index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    (z >> 11) as f64 / 9_007_199_254_740_992.0
}

/// Values in [-bound, bound], row-major.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the goldens were filled in f64 and rounded to f32"
)]
pub(crate) fn fill(name: &str, shape: &[usize], bound: f64) -> TensorData {
    let seed = seed(name);
    let n_values: usize = shape.iter().product();
    let values = (0..n_values as u64)
        .map(|index| (bound * (2.0 * unit(seed, index) - 1.0)) as f32)
        .collect::<Vec<f32>>();
    TensorData::new(values, shape)
}

/// Values of a parameter: the bound follows from the shape.
pub(crate) fn fill_parameter(name: &str, shape: &[usize]) -> TensorData {
    let bound = match shape {
        [_] => 0.05,
        [_, rest @ ..] => (3.0 / rest.iter().product::<usize>() as f64).sqrt(),
        [] => 1.0,
    };
    fill(name, shape, bound)
}
