//! Adaptive max pooling over all sizes.

use burn::tensor::Device;
use nn_core::{AdaptiveMaxPool1dConfig, AdaptiveMaxPool2dConfig, AdaptiveMaxPool3dConfig};
use proptest::prelude::*;

use crate::wave::{assert_values, values, wave};

/// The window of output `i` of `n` over `size` inputs.
fn window(i: usize, n: usize, size: usize) -> std::ops::Range<usize> {
    let start = i * size / n;
    let end = ((i + 1) * size).div_ceil(n);
    start..end
}

/// The maxima of all windows of a volume; maps and rows are volumes of depth and height 1.
fn maxima(volume: &[f32], sides: [usize; 3], outputs: [usize; 3]) -> Vec<f64> {
    let [_, height, width] = sides;
    let mut expected = Vec::new();
    for i in 0..outputs[0] {
        for j in 0..outputs[1] {
            for k in 0..outputs[2] {
                let mut maximum = f32::MIN;
                for z in window(i, outputs[0], sides[0]) {
                    for y in window(j, outputs[1], height) {
                        for x in window(k, outputs[2], width) {
                            maximum = maximum.max(volume[(z * height + y) * width + x]);
                        }
                    }
                }
                expected.push(f64::from(maximum));
            }
        }
    }
    expected
}

/// The maxima of each of the four volumes of a batch.
fn of_batch(numbers: &[f32], sides: [usize; 3], outputs: [usize; 3]) -> Vec<f64> {
    let volumes = numbers.chunks(sides.iter().product());
    volumes
        .flat_map(|volume| maxima(volume, sides, outputs))
        .collect()
}

proptest! {
    #[test]
    fn adaptive_max_pool_takes_the_maximum_of_every_window(
        [depth, height, width] in [1..7_usize, 1..10_usize, 1..10_usize],
        [n_planes, n_rows, n_columns] in [1..7_usize, 1..10_usize, 1..10_usize],
    ) {
        let device = Device::default();
        let input = wave([2, 2, width], 0.5, &device);
        let expected = of_batch(&values(&input), [1, 1, width], [1, 1, n_columns]);
        let found = AdaptiveMaxPool1dConfig::new([n_columns]).init().forward(input);
        prop_assert_eq!(found.dims(), [2, 2, n_columns]);
        assert_values(&found, &expected);

        let input = wave([2, 2, height, width], 0.5, &device);
        let expected = of_batch(&values(&input), [1, height, width], [1, n_rows, n_columns]);
        let found = AdaptiveMaxPool2dConfig::new([n_rows, n_columns]).init().forward(input);
        prop_assert_eq!(found.dims(), [2, 2, n_rows, n_columns]);
        assert_values(&found, &expected);

        let input = wave([2, 2, depth, height, width], 0.5, &device);
        let outputs = [n_planes, n_rows, n_columns];
        let expected = of_batch(&values(&input), [depth, height, width], outputs);
        let found = AdaptiveMaxPool3dConfig::new(outputs).init().forward(input);
        prop_assert_eq!(found.dims(), [2, 2, n_planes, n_rows, n_columns]);
        assert_values(&found, &expected);
    }
}
