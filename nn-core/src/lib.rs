//! Layers for image captioning on [Burn](burn), in PyTorch's layout, names, numbers and
//! initial values.
//!
//! What Burn has and keeps PyTorch's parameters (convolutions, `Linear`, `LayerNorm`, `Dropout`,
//! pools) is used from Burn. This crate holds the rest: layers that Burn lacks, and layers whose
//! Burn form packs parameters otherwise or computes other numbers than PyTorch, so that weights,
//! gradients and losses can be compared name by name.
//!
//! ```
//! use burn::tensor::{Device, Int, Tensor};
//! use nn_core::{CrossEntropyConfig, EmbeddingConfig, LstmConfig};
//!
//! let device = Device::default();
//! let embedding = EmbeddingConfig::new(10, 8).with_padding_idx(Some(0)).init(&device);
//! let lstm = LstmConfig::new(8, 10).init(&device);
//! let tokens = Tensor::<2, Int>::from_ints([[1, 4, 5], [1, 7, 0]], &device);
//!
//! let (hidden, _state) = lstm.forward(embedding.forward(tokens.clone()), None); // [2, 3, 10]
//! let loss = CrossEntropyConfig::new()
//!     .with_ignore_index(Some(0))
//!     .init()
//!     .forward(hidden.flatten(0, 1), tokens.flatten(0, 1));
//! assert!(loss.into_scalar::<f32>() > 0.0);
//! ```

mod activation;
mod adam;
mod adaptive_max_pool;
mod attention;
mod batch_norm;
mod config;
mod conv;
mod convnext_block;
mod convolve;
mod cross_entropy;
pub mod decoder;
mod dense_layer;
mod drop_path;
mod embedding;
pub mod encoder;
mod extremum;
mod fire;
#[cfg(feature = "flex")]
mod fused;
mod inception;
mod init;
mod inverted_residual;
mod layer_norm_2d;
mod layer_scale;
mod linear;
mod mb_conv;
mod mlp;
mod patch_embed;
mod patch_merging;
mod position;
mod recurrent;
mod state_dict;
mod transformer;

pub use activation::Activation;
pub use adam::{AdamStep, AdamW};
pub use adaptive_max_pool::{
    AdaptiveMaxPool1d, AdaptiveMaxPool1dConfig, AdaptiveMaxPool2d, AdaptiveMaxPool2dConfig,
    AdaptiveMaxPool3d, AdaptiveMaxPool3dConfig,
};
pub use attention::{
    AdditiveAttention, AdditiveAttentionConfig, AttendedMemory, Cbam, CbamConfig, ChannelAttention,
    DotAttention, DotAttentionConfig, Eca, EcaConfig, KeysValues, Mask, MultiheadAttention,
    MultiheadAttentionConfig, MultiheadAttentionInput, SpatialAttention, SqueezeExcite,
    SqueezeExciteConfig, WindowAttention, WindowAttentionConfig,
};
pub use batch_norm::{BatchNorm, BatchNormConfig};
pub use config::ConfigError;
pub use conv::{ConvNormAct, ConvNormActConfig};
pub use convnext_block::{ConvNextBlock, ConvNextBlockConfig};
pub use cross_entropy::{CrossEntropy, CrossEntropyConfig, Reduction};
pub use dense_layer::{DenseLayer, DenseLayerConfig};
pub use drop_path::{DropPath, DropPathConfig};
pub use embedding::{Embedding, EmbeddingConfig};
pub use extremum::{amax, amin, maximum, minimum, root_of_squares};
pub use fire::{Fire, FireConfig};
pub use inception::{
    InceptionA, InceptionAConfig, InceptionB, InceptionBConfig, InceptionC, InceptionCConfig,
    InceptionConv, InceptionD, InceptionDConfig, InceptionE, InceptionEConfig,
};
pub use inverted_residual::{InvertedResidual, InvertedResidualConfig};
pub use layer_norm_2d::{LayerNorm2d, LayerNorm2dConfig};
pub use layer_scale::{LayerScale, LayerScaleConfig};
pub use mb_conv::{MbConv, MbConvConfig};
pub use mlp::{Mlp, MlpConfig};
pub use patch_embed::{PatchEmbed, PatchEmbedConfig};
pub use patch_merging::{PatchMerging, PatchMergingConfig};
pub use position::{
    LearnedPosition, LearnedPositionConfig, SinusoidalPosition, SinusoidalPosition2d,
    SinusoidalPosition2dConfig, SinusoidalPositionConfig,
};
pub use recurrent::{
    Gru, GruCell, GruCellConfig, GruConfig, Lstm, LstmCell, LstmCellConfig, LstmCellState,
    LstmConfig, LstmState, Nonlinearity, Rnn, RnnCell, RnnCellConfig, RnnConfig,
};
pub use state_dict::{StateDictEntry, StatePath, state_dict};
pub use transformer::{
    TransformerDecoder, TransformerDecoderConfig, TransformerDecoderInput, TransformerDecoderLayer,
    TransformerDecoderLayerConfig, TransformerDecoderState, TransformerEncoder,
    TransformerEncoderConfig, TransformerEncoderInput, TransformerEncoderLayer,
    TransformerEncoderLayerConfig,
};
