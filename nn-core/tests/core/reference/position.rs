//! Sinusoidal positions from their formula.

use burn::tensor::{Device, Tensor};
use nn_core::SinusoidalPositionConfig;

use crate::wave::assert_values;

#[test]
fn sinusoidal_positions_follow_their_formula() {
    for width in [1, 6, 7] {
        let layer = SinusoidalPositionConfig::new(width).init();
        let found = layer.forward(Tensor::zeros([1, 4, width], &Device::default()), 9000);
        let mut expected = Vec::new();
        for position in 9000..9004 {
            for column in 0..width {
                let pair = f64::from(u32::try_from(2 * (column / 2)).unwrap());
                let angle = f64::from(position) / 10_000_f64.powf(pair / width as f64);
                expected.push(if column % 2 == 0 {
                    angle.sin()
                } else {
                    angle.cos()
                });
            }
        }
        assert_values(&found, &expected);
    }
}
