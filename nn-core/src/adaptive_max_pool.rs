//! [`AdaptiveMaxPool2d`]: max pooling to a fixed output size, with PyTorch's windows.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::Tensor;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;

use crate::config::{ConfigError, at_least_one, expect_valid};

/// Configuration of [`AdaptiveMaxPool2d`].
#[derive(Config, Debug)]
pub struct AdaptiveMaxPool2dConfig {
    /// Height and width of the output. Each at least 1.
    pub output_size: [usize; 2],
}

/// Max pooling to a fixed output size.
///
/// PyTorch's `nn.AdaptiveMaxPool2d`: output `i` of `n` is the maximum of the inputs from
/// `floor(i * size / n)` up to, without, `ceil((i + 1) * size / n)`.
#[derive(Module, Debug)]
pub struct AdaptiveMaxPool2d {
    output_size: [usize; 2],
}

impl AdaptiveMaxPool2dConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a size is 0.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("output_size[0]", self.output_size[0])?;
        at_least_one("output_size[1]", self.output_size[1])
    }

    /// Builds the layer.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self) -> AdaptiveMaxPool2d {
        expect_valid("AdaptiveMaxPool2d", self.check());
        AdaptiveMaxPool2d {
            output_size: self.output_size,
        }
    }
}

impl AdaptiveMaxPool2d {
    /// Pools `input`.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, channels, height, width]`
    /// - output: `[batch, channels, output_size[0], output_size[1]]`
    ///
    /// # Panics
    ///
    /// When the input has no height or no width.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let [_, _, height, width] = input.dims();
        assert!(
            height > 0 && width > 0,
            "adaptive max pooling of an empty map, {height} x {width}"
        );
        let [n_rows, n_columns] = self.output_size;
        if height.is_multiple_of(n_rows) && width.is_multiple_of(n_columns) {
            let kernel = [height / n_rows, width / n_columns];
            return max_pool2d(input, MaxPoolOptions::new(kernel));
        }
        // Columns first: of equal values the gradient then goes to the first in row-major
        // order, as in PyTorch.
        window_maxima(window_maxima(input, 3, n_columns), 2, n_rows)
    }
}

/// The maxima of `n_windows` windows along `dim`.
fn window_maxima(input: Tensor<4>, dim: usize, n_windows: usize) -> Tensor<4> {
    let size = input.dims()[dim];
    if size == n_windows {
        return input;
    }
    let maximum = |i: usize| {
        let start = i * size / n_windows;
        let end = ((i + 1) * size).div_ceil(n_windows);
        input.clone().narrow(dim, start, end - start).max_dim(dim)
    };
    Tensor::cat((0..n_windows).map(maximum).collect(), dim)
}
