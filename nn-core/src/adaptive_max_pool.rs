//! Max pooling to a fixed output size, with PyTorch's windows: [`AdaptiveMaxPool1d`],
//! [`AdaptiveMaxPool2d`], [`AdaptiveMaxPool3d`].

use burn::config::Config;
use burn::module::Module;
use burn::tensor::Tensor;

use crate::config::{ConfigError, at_least_one, expect_valid};

/// Writes the layer for maps of one number of dimensions.
macro_rules! adaptive_max_pool {
    (
        $layer:ident, $config:ident, $torch:literal, $n_dims:literal, $rank:literal,
        $input:literal, $output:literal, [$($field:literal),*]
    ) => {
        #[doc = concat!("Configuration of [`", stringify!($layer), "`].")]
        #[derive(Config, Debug)]
        pub struct $config {
            /// Sides of the output. Each at least 1.
            pub output_size: [usize; $n_dims],
        }

        /// Max pooling to a fixed output size.
        ///
        #[doc = concat!("PyTorch's `", $torch, "`: along each side, output `i` of `n` is the")]
        /// maximum of the inputs from `floor(i * size / n)` up to, without,
        /// `ceil((i + 1) * size / n)`.
        #[derive(Module, Debug)]
        pub struct $layer {
            output_size: [usize; $n_dims],
        }

        impl $config {
            /// The first rule this configuration breaks.
            ///
            /// # Errors
            ///
            /// When a size is 0.
            pub fn check(&self) -> Result<(), ConfigError> {
                let mut sides = [$($field),*].into_iter().zip(self.output_size);
                sides.try_for_each(|(field, side)| at_least_one(field, side))
            }

            /// Builds the layer.
            ///
            /// # Panics
            ///
            /// When [`check`](Self::check) fails.
            pub fn init(&self) -> $layer {
                expect_valid(stringify!($layer), self.check());
                $layer {
                    output_size: self.output_size,
                }
            }
        }

        impl $layer {
            /// Pools `input`.
            ///
            /// # Shapes
            ///
            #[doc = concat!("- input: `", $input, "`")]
            #[doc = concat!("- output: `", $output, "`")]
            ///
            /// # Panics
            ///
            /// When a side of the input is 0.
            pub fn forward(&self, input: Tensor<$rank>) -> Tensor<$rank> {
                // The last side first: of equal values the gradient then goes to the first in
                // row-major order, as in PyTorch.
                let sides = self.output_size.into_iter().enumerate().rev();
                sides.fold(input, |map, (side, n_windows)| {
                    window_maxima(map, side + 2, n_windows)
                })
            }
        }
    };
}

adaptive_max_pool! {
    AdaptiveMaxPool1d, AdaptiveMaxPool1dConfig, "nn.AdaptiveMaxPool1d", 1, 3,
    "[batch, channels, length]", "[batch, channels, output_size[0]]",
    ["output_size[0]"]
}

adaptive_max_pool! {
    AdaptiveMaxPool2d, AdaptiveMaxPool2dConfig, "nn.AdaptiveMaxPool2d", 2, 4,
    "[batch, channels, height, width]", "[batch, channels, output_size[0], output_size[1]]",
    ["output_size[0]", "output_size[1]"]
}

adaptive_max_pool! {
    AdaptiveMaxPool3d, AdaptiveMaxPool3dConfig, "nn.AdaptiveMaxPool3d", 3, 5,
    "[batch, channels, depth, height, width]",
    "[batch, channels, output_size[0], output_size[1], output_size[2]]",
    ["output_size[0]", "output_size[1]", "output_size[2]"]
}

/// The maxima of `n_windows` windows along `dim`.
fn window_maxima<const D: usize>(input: Tensor<D>, dim: usize, n_windows: usize) -> Tensor<D> {
    let mut shape = input.dims();
    let size = shape[dim];
    assert!(size > 0, "adaptive max pooling of an empty map, {shape:?}");
    if size == n_windows {
        return input;
    }
    let outer = shape[..dim].iter().product::<usize>();
    let inner = shape[dim + 1..].iter().product::<usize>();
    let rows = input.reshape([outer, size, inner]);
    shape[dim] = n_windows;
    if size.is_multiple_of(n_windows) {
        let windows = rows.reshape([outer, n_windows, size / n_windows, inner]);
        return windows.max_dim(2).reshape(shape);
    }
    let maximum = |i: usize| {
        let start = i * size / n_windows;
        let end = ((i + 1) * size).div_ceil(n_windows);
        rows.clone().narrow(1, start, end - start).max_dim(1)
    };
    Tensor::cat((0..n_windows).map(maximum).collect(), 1).reshape(shape)
}
