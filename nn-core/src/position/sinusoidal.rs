//! [`SinusoidalPosition`]: sines and cosines of the place in a sequence.
//!
//! Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>, section 3.5. Difference from the paper:
//! an odd width ends with a sine.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData, assert_shape};

use crate::config::{ConfigError, at_least_one, expect_valid};

/// Configuration of [`SinusoidalPosition`].
#[derive(Config, Debug)]
pub struct SinusoidalPositionConfig {
    /// Width of the sequence. At least 1.
    pub d_model: usize,
}

/// Adds `sin(position / 10000^(2i / d_model))` to column `2i` and the cosine of the same to the
/// next one. It has no parameters and no greatest length.
#[derive(Module, Debug)]
pub struct SinusoidalPosition {
    d_model: usize,
}

impl SinusoidalPositionConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When the width is 0.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("d_model", self.d_model)
    }

    /// Makes the layer.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self) -> SinusoidalPosition {
        expect_valid("SinusoidalPosition", self.check());
        SinusoidalPosition {
            d_model: self.d_model,
        }
    }
}

impl SinusoidalPosition {
    /// Adds the positions from `first` on.
    ///
    /// # Shapes
    ///
    /// - sequence, output: `[batch, length, d_model]`
    ///
    /// # Panics
    ///
    /// When the width is another one.
    pub fn forward(&self, sequence: Tensor<3>, first: usize) -> Tensor<3> {
        let (d_model, [_, length, _]) = (self.d_model, sequence.dims());
        assert_shape!(sequence, [_, length, d_model]);
        let table = sinusoids(first, length, d_model, &sequence.device());
        sequence + table.unsqueeze() // [1, length, d_model]
    }
}

/// The positions from `first` on: `[length, width]`. Angles are computed in f64: in f32 those of
/// late positions lose their digits.
pub(super) fn sinusoids(first: usize, length: usize, width: usize, device: &Device) -> Tensor<2> {
    let value = |position: usize, column: usize| {
        let exponent = (column - column % 2) as f64 / width as f64;
        let angle = position as f64 / 10_000_f64.powf(exponent);
        if column.is_multiple_of(2) {
            angle.sin()
        } else {
            angle.cos()
        }
    };
    let values: Vec<f64> = (first..first + length)
        .flat_map(|position| (0..width).map(move |column| value(position, column)))
        .collect();
    Tensor::from_data(TensorData::new(values, [length, width]), device)
}
