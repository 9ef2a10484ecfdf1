//! Transformer layers with PyTorch's names and numbers.
//!
//! Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>; with `norm_first`, normalisation
//! before each block as in Xiong et al. 2020, <https://arxiv.org/abs/2002.04745>.
//!
//! Differences from Burn's layers: parameters are packed and numbered as in PyTorch, and hidden
//! positions get no attention at all. Difference from PyTorch: the layers of a stack start with
//! different values (PyTorch copies the values of one layer).

mod decoder;
mod decoder_layer;
mod decoder_state;
mod encoder;
mod encoder_layer;
mod feed_forward;

pub use decoder::{TransformerDecoder, TransformerDecoderConfig};
pub use decoder_layer::{
    TransformerDecoderInput, TransformerDecoderLayer, TransformerDecoderLayerConfig,
};
pub use decoder_state::TransformerDecoderState;
pub use encoder::{TransformerEncoder, TransformerEncoderConfig};
pub use encoder_layer::{
    TransformerEncoderInput, TransformerEncoderLayer, TransformerEncoderLayerConfig,
};
