//! What a parameter starts as.
use serde::{Deserialize, Serialize};

use super::{Layer, LayerTensor, Role};

/// First values that the net chooses itself, in the place of its layer's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are `torch.nn.init`'s arguments")]
pub enum Start {
    /// One number.
    Constant(f64),
    /// Uniform between two numbers.
    Uniform { low: f64, high: f64 },
    /// The normal distribution.
    Normal { mean: f64, std: f64 },
    /// The normal distribution without what lies outside two numbers.
    TruncatedNormal {
        mean: f64,
        std: f64,
        low: f64,
        high: f64,
    },
    /// A matrix with orthogonal rows or columns; the axes behind the first are one.
    Orthogonal { gain: f64 },
}

/// Rows, along PyTorch's first axis, that start as one number: the row of a padding word, the biases of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartRows {
    /// The first row.
    pub first: usize,
    /// One past the last row.
    pub end: usize,
    /// What their elements start as.
    pub value: f64,
}

impl Start {
    /// Whether both draw alike, rounding of their numbers aside.
    pub fn is_like(self, other: Self) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * a.abs().max(b.abs());
        match (self, other) {
            (
                Self::Uniform { low, high },
                Self::Uniform {
                    low: other_low,
                    high: other_high,
                },
            ) => near(low, other_low) && near(high, other_high),
            _ => self == other,
        }
    }

    /// What it becomes times `scale` plus `shift`.
    pub fn mapped(self, scale: f64, shift: f64) -> Option<Self> {
        let map = |value: f64| value * scale + shift;
        match self {
            Self::Constant(value) => Some(Self::Constant(map(value))),
            Self::Uniform { low, high } => Some(Self::Uniform {
                low: map(low).min(map(high)),
                high: map(low).max(map(high)),
            }),
            Self::Normal { mean, std } => Some(Self::Normal {
                mean: map(mean),
                std: std * scale.abs(),
            }),
            Self::TruncatedNormal { .. } | Self::Orthogonal { .. } => None,
        }
    }

    /// What the constructor of a layer leaves in one of its tensors.
    pub fn of_layer(layer: &Layer, tensor: &LayerTensor) -> Option<Self> {
        let is_bias = tensor.name.contains("bias");
        let reach = |inverse: usize| {
            let high = 1.0 / (inverse.max(1) as f64).sqrt();
            Self::Uniform { low: -high, high }
        };
        match layer {
            _ if tensor.role == Role::Norm => Some(Self::Constant(if is_bias { 0.0 } else { 1.0 })),
            _ if tensor.role != Role::Weight => None,
            Layer::Linear { d_input, .. } => Some(reach(*d_input)),
            Layer::Conv2d {
                channels_in,
                kernel: [height, width],
                groups,
                ..
            } => Some(reach(channels_in / (*groups).max(1) * height * width)),
            Layer::Embedding { .. } => Some(Self::Normal {
                mean: 0.0,
                std: 1.0,
            }),
            Layer::Lstm(recurrent) | Layer::Gru(recurrent) => Some(reach(recurrent.d_hidden)),
            Layer::LstmCell(cell) | Layer::GruCell(cell) => Some(reach(cell.d_hidden)),
            _ => None,
        }
    }
}
