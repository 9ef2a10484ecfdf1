//! Attention: over tokens, channels and places.

mod additive;
mod attended;
mod cbam;
mod dot;
mod eca;
mod input;
mod keys_values;
mod mask;
mod multihead;
mod softmax;
mod squeeze_excite;
mod window;

pub use additive::{AdditiveAttention, AdditiveAttentionConfig};
pub use attended::AttendedMemory;
pub use cbam::{Cbam, CbamConfig, ChannelAttention, SpatialAttention};
pub use dot::{DotAttention, DotAttentionConfig};
pub use eca::{Eca, EcaConfig};
pub use input::MultiheadAttentionInput;
pub use keys_values::KeysValues;
pub use mask::Mask;
pub(crate) use mask::select_rows;
pub use multihead::{MultiheadAttention, MultiheadAttentionConfig};
pub use squeeze_excite::{SqueezeExcite, SqueezeExciteConfig};
pub use window::{WindowAttention, WindowAttentionConfig};

use burn::tensor::Tensor;

/// Between the caller's order of batch and length, and batch first.
pub(crate) fn turn(sequence: Tensor<3>, batch_first: bool) -> Tensor<3> {
    if batch_first {
        sequence
    } else {
        sequence.swap_dims(0, 1)
    }
}
