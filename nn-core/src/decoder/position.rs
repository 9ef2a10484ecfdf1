//! [`Position`]: positions of either kind.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::config::ConfigError;
use crate::position::{
    LearnedPosition, LearnedPositionConfig, SinusoidalPosition, SinusoidalPositionConfig,
};

/// The kind of positions.
#[derive(Config, Debug, PartialEq, Eq)]
pub enum PositionKind {
    /// [`SinusoidalPosition`]
    Sinusoidal,
    /// [`LearnedPosition`], as many as this
    Learned(usize),
}

/// Positions of either kind.
#[derive(Module, Debug)]
pub enum Position {
    /// Sines and cosines.
    Sinusoidal(SinusoidalPosition),
    /// A table.
    Learned(LearnedPosition),
}

impl PositionKind {
    pub(super) fn check(&self, d_model: usize) -> Result<(), ConfigError> {
        match *self {
            Self::Sinusoidal => SinusoidalPositionConfig::new(d_model).check(),
            Self::Learned(max_length) => LearnedPositionConfig::new(max_length, d_model).check(),
        }
    }

    pub(super) fn init(&self, d_model: usize, device: &Device) -> Position {
        match *self {
            Self::Sinusoidal => Position::Sinusoidal(SinusoidalPositionConfig::new(d_model).init()),
            Self::Learned(max_length) => {
                Position::Learned(LearnedPositionConfig::new(max_length, d_model).init(device))
            }
        }
    }
}

impl Position {
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
        match self {
            Self::Sinusoidal(position) => position.forward(sequence, first),
            Self::Learned(position) => position.forward(sequence, first),
        }
    }

    /// The length that no sequence can exceed, where there is one.
    pub fn max_length(&self) -> Option<usize> {
        match self {
            Self::Sinusoidal(_) => None,
            Self::Learned(position) => Some(position.max_length()),
        }
    }
}
