//! [`TransformerEncoderLayer`]: self-attention, then the feed-forward block.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::feed_forward::{FeedForward, residual};
use crate::activation::Activation;
use crate::attention::{
    Mask, MultiheadAttention, MultiheadAttentionConfig, MultiheadAttentionInput, turn,
};
use crate::config::{ConfigError, at_least_one, expect_valid, positive};

/// Configuration of [`TransformerEncoderLayer`].
#[derive(Config, Debug)]
pub struct TransformerEncoderLayerConfig {
    /// Width of the sequence: a multiple of `n_heads`.
    pub d_model: usize,
    /// Attention heads. At least 1.
    pub n_heads: usize,
    /// Width between the two linear layers. At least 1. Default: 2048
    #[config(default = 2048)]
    pub d_feedforward: usize,
    /// Dropout of attention weights and of each block, in [0, 1). Default: 0.1
    #[config(default = 0.1)]
    pub dropout: f64,
    /// Between the two linear layers. Default: relu
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// Of the normalisations. Finite and above 0. Default: 1e-5
    #[config(default = 1e-5)]
    pub layer_norm_eps: f64,
    /// Whether sequences are `[batch, length, ..]` rather than `[length, batch, ..]`. Default: true
    /// (PyTorch: false)
    #[config(default = true)]
    pub batch_first: bool,
    /// Whether normalisation comes before each block rather than after the sum. Default: false
    #[config(default = false)]
    pub norm_first: bool,
}

/// A layer of an encoder: PyTorch's `nn.TransformerEncoderLayer`.
#[derive(Module, Debug)]
pub struct TransformerEncoderLayer {
    /// Of the sequence to itself.
    pub self_attn: MultiheadAttention,
    /// To `d_feedforward`.
    pub linear1: Linear,
    /// Back to `d_model`.
    pub linear2: Linear,
    /// Of self-attention.
    pub norm1: LayerNorm,
    /// Of the feed-forward block.
    pub norm2: LayerNorm,
    dropout: Dropout,
    #[module(skip)]
    activation: Activation,
    batch_first: bool,
    norm_first: bool,
}

/// What an encoder or a layer of it reads.
#[derive(Clone, Debug)]
pub struct TransformerEncoderInput {
    pub(super) sequence: Tensor<3>,
    pub(super) mask: Option<Mask>,
    pub(super) key_padding_mask: Option<Mask>,
}

impl TransformerEncoderInput {
    /// A sequence `[batch, length, d_model]` without masks.
    pub fn new(sequence: Tensor<3>) -> Self {
        Self {
            sequence,
            mask: None,
            key_padding_mask: None,
        }
    }

    /// Hides positions from positions: `[length, length]`.
    #[must_use]
    pub fn with_mask(mut self, mask: impl Into<Mask>) -> Self {
        self.mask = Some(mask.into());
        self
    }

    /// Hides positions of single sequences: `[batch, length]`.
    #[must_use]
    pub fn with_key_padding_mask(mut self, mask: impl Into<Mask>) -> Self {
        self.key_padding_mask = Some(mask.into());
        self
    }
}

impl TransformerEncoderLayerConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a size is 0, the heads do not divide the width, or a number is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.attention().check()?;
        at_least_one("d_feedforward", self.d_feedforward)?;
        positive("layer_norm_eps", self.layer_norm_eps)
    }

    /// Draws the weights.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> TransformerEncoderLayer {
        expect_valid("TransformerEncoderLayer", self.check());
        let norm = LayerNormConfig::new(self.d_model).with_epsilon(self.layer_norm_eps);
        TransformerEncoderLayer {
            self_attn: self.attention().init(device),
            linear1: LinearConfig::new(self.d_model, self.d_feedforward).init(device),
            linear2: LinearConfig::new(self.d_feedforward, self.d_model).init(device),
            norm1: norm.init(device),
            norm2: norm.init(device),
            dropout: DropoutConfig::new(self.dropout).init(),
            activation: self.activation.clone(),
            batch_first: self.batch_first,
            norm_first: self.norm_first,
        }
    }

    fn attention(&self) -> MultiheadAttentionConfig {
        MultiheadAttentionConfig::new(self.d_model, self.n_heads).with_dropout(self.dropout)
    }
}

impl TransformerEncoderLayer {
    /// Runs the layer.
    ///
    /// # Shapes
    ///
    /// - sequence, output: `[batch, length, d_model]`; batch and length change places without
    ///   `batch_first`
    ///
    /// # Panics
    ///
    /// When a shape does not fit.
    pub fn forward(&self, input: TransformerEncoderInput) -> Tensor<3> {
        let attend = |sequence: Tensor<3>| {
            let read = MultiheadAttentionInput::self_attn(sequence)
                .with_masks(input.mask, input.key_padding_mask);
            self.dropout.forward(self.self_attn.forward(read))
        };
        let feed_forward = FeedForward {
            linear1: &self.linear1,
            linear2: &self.linear2,
            dropout: &self.dropout,
            activation: &self.activation,
        };
        let sequence = turn(input.sequence, self.batch_first); // [batch, length, d_model]
        let sequence = residual(sequence, &self.norm1, self.norm_first, attend);
        let sequence = residual(sequence, &self.norm2, self.norm_first, |sequence| {
            feed_forward.forward(sequence)
        });
        turn(sequence, self.batch_first)
    }
}
