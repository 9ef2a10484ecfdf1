//! Adaptive max pooling over all sizes.

use burn::tensor::Device;
use nn_core::AdaptiveMaxPool2dConfig;
use proptest::prelude::*;

use crate::wave::{assert_values, values, wave};

/// The window of output `i` of `n` over `size` inputs.
fn window(i: usize, n: usize, size: usize) -> std::ops::Range<usize> {
    let start = i * size / n;
    let end = ((i + 1) * size).div_ceil(n);
    start..end
}

proptest! {
    #[test]
    fn adaptive_max_pool_takes_the_maximum_of_every_window(
        [height, width] in [1..10_usize, 1..10_usize],
        [n_rows, n_columns] in [1..10_usize, 1..10_usize],
    ) {
        let input = wave([2, 2, height, width], 0.5, &Device::default());
        let numbers = values(&input);
        let mut expected = Vec::new();
        for map in numbers.chunks(height * width) {
            for i in 0..n_rows {
                for j in 0..n_columns {
                    let rows = window(i, n_rows, height);
                    let places = rows.flat_map(|y| {
                        window(j, n_columns, width).map(move |x| y * width + x)
                    });
                    let maximum = places.map(|place| map[place]).fold(f32::MIN, f32::max);
                    expected.push(f64::from(maximum));
                }
            }
        }
        let pool = AdaptiveMaxPool2dConfig::new([n_rows, n_columns]).init();
        let found = pool.forward(input);
        prop_assert_eq!(found.dims(), [2, 2, n_rows, n_columns]);
        assert_values(&found, &expected);
    }
}
