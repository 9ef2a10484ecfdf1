//! [`SinusoidalPosition2d`]: sines and cosines of the row and the column in a map.
//!
//! Parmar et al. 2018, <https://arxiv.org/abs/1802.05751>, section 3.1: half of the channels encode
//! the row, the other half the column, each as in Vaswani et al. 2017. Difference from the paper:
//! sines and cosines alternate; positions count from 0 and are not scaled to the map.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor, assert_shape};

use super::sinusoidal::sinusoids;
use crate::config::{ConfigError, at_least_one, even, expect_valid};

/// Configuration of [`SinusoidalPosition2d`].
#[derive(Config, Debug)]
pub struct SinusoidalPosition2dConfig {
    /// Channels of the map. Even, and at least 2.
    pub channels: usize,
}

/// Adds a code of the row to the first half of the channels, and one of the column to the second
/// half. It has no parameters and no greatest size.
#[derive(Module, Debug)]
pub struct SinusoidalPosition2d {
    channels: usize,
}

impl SinusoidalPosition2dConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When the number of channels is 0 or odd.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("channels", self.channels)?;
        even("channels", self.channels)
    }

    /// Makes the layer.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self) -> SinusoidalPosition2d {
        expect_valid("SinusoidalPosition2d", self.check());
        SinusoidalPosition2d {
            channels: self.channels,
        }
    }
}

impl SinusoidalPosition2d {
    /// Adds the positions.
    ///
    /// # Shapes
    ///
    /// - map, output: `[batch, channels, height, width]`
    ///
    /// # Panics
    ///
    /// When the number of channels is another one.
    pub fn forward(&self, map: Tensor<4>) -> Tensor<4> {
        let (channels, [_, _, height, width]) = (self.channels, map.dims());
        assert_shape!(map, [_, channels, height, width]);
        let table = self.table([height, width], &map.device());
        map + table.unsqueeze() // [1, channels, height, width]
    }

    /// The positions of a map, `[channels, height, width]`.
    fn table(&self, [height, width]: [usize; 2], device: &Device) -> Tensor<3> {
        let half = self.channels / 2;
        let rows = sinusoids(0, height, half, device).transpose(); // [half, height]
        let columns = sinusoids(0, width, half, device).transpose(); // [half, width]
        let rows = rows.unsqueeze_dim::<3>(2).expand([half, height, width]);
        let columns = columns.unsqueeze_dim::<3>(1).expand([half, height, width]);
        Tensor::cat(vec![rows, columns], 0)
    }
}
