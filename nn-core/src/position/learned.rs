//! [`LearnedPosition`]: a table of vectors, one a place in a sequence.
//!
//! Gehring et al. 2017, <https://arxiv.org/abs/1705.03122>, section 3.1. Difference from the paper:
//! values start from N(0, 1), as PyTorch's `nn.Embedding` does.

use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::tensor::{Device, Tensor, assert_shape};

use crate::config::{ConfigError, at_least_one, expect_valid};

/// Configuration of [`LearnedPosition`].
#[derive(Config, Debug)]
pub struct LearnedPositionConfig {
    /// Positions in the table. At least 1.
    pub max_length: usize,
    /// Width of the sequence. At least 1.
    pub d_model: usize,
}

/// Adds a learned vector to every place of a sequence.
#[derive(Module, Debug)]
pub struct LearnedPosition {
    /// `[max_length, d_model]`
    pub weight: Param<Tensor<2>>,
}

impl LearnedPositionConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a size is 0.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("max_length", self.max_length)?;
        at_least_one("d_model", self.d_model)
    }

    /// Draws the table.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> LearnedPosition {
        expect_valid("LearnedPosition", self.check());
        let normal = Initializer::Normal {
            mean: 0.0,
            std: 1.0,
        };
        LearnedPosition {
            weight: normal.init([self.max_length, self.d_model], device),
        }
    }
}

impl LearnedPosition {
    /// Adds the positions from `first` on.
    ///
    /// # Shapes
    ///
    /// - sequence, output: `[batch, length, d_model]`
    ///
    /// # Panics
    ///
    /// When a position lies beyond [`max_length`](Self::max_length), or the width is another one.
    pub fn forward(&self, sequence: Tensor<3>, first: usize) -> Tensor<3> {
        let ([_, length, _], [max_length, d_model]) = (sequence.dims(), self.weight.dims());
        assert_shape!(sequence, [_, length, d_model]);
        let end = first + length;
        assert!(
            end <= max_length,
            "position {} lies beyond the {max_length} that are learned",
            end - 1
        );
        let table = self.weight.val().narrow(0, first, length);
        sequence + table.unsqueeze() // [1, length, d_model]
    }

    /// Positions in the table: no sequence can be longer.
    pub fn max_length(&self) -> usize {
        self.weight.dims()[0]
    }
}
