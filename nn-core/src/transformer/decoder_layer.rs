//! [`TransformerDecoderLayer`]: self-attention, attention to a memory, feed-forward block.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::decoder_state::LayerState;
use super::feed_forward::{FeedForward, residual};
use crate::activation::Activation;
use crate::attention::{
    Mask, MultiheadAttention, MultiheadAttentionConfig, MultiheadAttentionInput, turn,
};
use crate::config::{ConfigError, at_least_one, expect_valid, positive};

/// Configuration of [`TransformerDecoderLayer`].
#[derive(Config, Debug)]
pub struct TransformerDecoderLayerConfig {
    /// Width of sequence and memory: a multiple of `n_heads`.
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

/// A layer of a decoder: PyTorch's `nn.TransformerDecoderLayer`.
#[derive(Module, Debug)]
pub struct TransformerDecoderLayer {
    /// Of the sequence to itself.
    pub self_attn: MultiheadAttention,
    /// Of the sequence to the memory.
    pub multihead_attn: MultiheadAttention,
    /// To `d_feedforward`.
    pub linear1: Linear,
    /// Back to `d_model`.
    pub linear2: Linear,
    /// Of self-attention.
    pub norm1: LayerNorm,
    /// Of attention to the memory.
    pub norm2: LayerNorm,
    /// Of the feed-forward block.
    pub norm3: LayerNorm,
    dropout: Dropout,
    #[module(skip)]
    activation: Activation,
    batch_first: bool,
    norm_first: bool,
}

/// What a decoder or a layer of it reads.
#[derive(Clone, Debug)]
pub struct TransformerDecoderInput {
    pub(super) target: Tensor<3>,
    pub(super) memory: Tensor<3>,
    pub(super) target_mask: Option<Mask>,
    pub(super) memory_mask: Option<Mask>,
    pub(super) target_key_padding_mask: Option<Mask>,
    pub(super) memory_key_padding_mask: Option<Mask>,
}

impl TransformerDecoderInput {
    /// A sequence `[batch, length, d_model]` and a memory `[batch, regions, d_model]`, without
    /// masks.
    pub fn new(target: Tensor<3>, memory: Tensor<3>) -> Self {
        Self {
            target,
            memory,
            target_mask: None,
            memory_mask: None,
            target_key_padding_mask: None,
            memory_key_padding_mask: None,
        }
    }

    /// Hides positions from positions: `[length, length]`.
    #[must_use]
    pub fn with_target_mask(mut self, mask: impl Into<Mask>) -> Self {
        self.target_mask = Some(mask.into());
        self
    }

    /// Hides regions of the memory from positions: `[length, regions]`.
    #[must_use]
    pub fn with_memory_mask(mut self, mask: impl Into<Mask>) -> Self {
        self.memory_mask = Some(mask.into());
        self
    }

    /// Hides positions of single sequences: `[batch, length]`.
    #[must_use]
    pub fn with_target_key_padding_mask(mut self, mask: impl Into<Mask>) -> Self {
        self.target_key_padding_mask = Some(mask.into());
        self
    }

    /// Hides regions of single memories: `[batch, regions]`.
    #[must_use]
    pub fn with_memory_key_padding_mask(mut self, mask: impl Into<Mask>) -> Self {
        self.memory_key_padding_mask = Some(mask.into());
        self
    }

    /// Both padding masks, which may be missing.
    pub(crate) fn with_padding(mut self, target: Option<Mask>, memory: Option<Mask>) -> Self {
        self.target_key_padding_mask = target;
        self.memory_key_padding_mask = memory;
        self
    }
}

impl TransformerDecoderLayerConfig {
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
    pub fn init(&self, device: &Device) -> TransformerDecoderLayer {
        expect_valid("TransformerDecoderLayer", self.check());
        let norm = LayerNormConfig::new(self.d_model).with_epsilon(self.layer_norm_eps);
        TransformerDecoderLayer {
            self_attn: self.attention().init(device),
            multihead_attn: self.attention().init(device),
            linear1: LinearConfig::new(self.d_model, self.d_feedforward).init(device),
            linear2: LinearConfig::new(self.d_feedforward, self.d_model).init(device),
            norm1: norm.init(device),
            norm2: norm.init(device),
            norm3: norm.init(device),
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

impl TransformerDecoderLayer {
    /// Runs the layer.
    ///
    /// # Shapes
    ///
    /// - target, output: `[batch, length, d_model]`; batch and length change places without
    ///   `batch_first`
    /// - memory: `[batch, regions, d_model]`, likewise
    ///
    /// # Panics
    ///
    /// When a shape does not fit.
    pub fn forward(&self, input: TransformerDecoderInput) -> Tensor<3> {
        let memory = turn(input.memory, self.batch_first); // [batch, regions, d_model]
        let attend = |target: Tensor<3>| {
            let read = MultiheadAttentionInput::self_attn(target)
                .with_masks(input.target_mask, input.target_key_padding_mask);
            self.self_attn.forward(read)
        };
        let look = |target: Tensor<3>| {
            let read = MultiheadAttentionInput::cross_attn(target, memory)
                .with_masks(input.memory_mask, input.memory_key_padding_mask);
            self.multihead_attn.forward(read)
        };
        self.run(input.target, attend, look)
    }

    /// Whether sequences are `[batch, length, ..]`.
    pub(super) fn batch_first(&self) -> bool {
        self.batch_first
    }

    /// What [`step`](Self::step) needs of the memory, and no past.
    pub(super) fn start(&self, memory: &Tensor<3>) -> LayerState {
        let memory = turn(memory.clone(), self.batch_first); // [batch, regions, d_model]
        LayerState {
            past: None,
            memory: self.multihead_attn.project_keys_values(memory),
            weights: None,
        }
    }

    /// Runs the layer for one position, `[batch, 1, d_model]`, that follows those of the state.
    pub(super) fn step(
        &self,
        target: Tensor<3>,
        state: LayerState,
        padding: Option<Mask>,
        memory_padding: Option<Mask>,
    ) -> (Tensor<3>, LayerState) {
        let LayerState {
            mut past,
            memory,
            mut weights,
        } = state;
        let attend = |target: Tensor<3>| {
            let (output, seen) = self.self_attn.attend_to_past(target, past.take(), padding);
            past = Some(seen);
            output
        };
        let look = |target: Tensor<3>| {
            let attention = &self.multihead_attn;
            let (output, seen) = attention.attend_with_weights(target, &memory, memory_padding);
            weights = Some(seen);
            output
        };
        let output = self.run(target, attend, look);
        let state = LayerState {
            past,
            memory,
            weights,
        };
        (output, state)
    }

    /// The layer around its two attentions.
    fn run(
        &self,
        target: Tensor<3>,
        attend: impl FnOnce(Tensor<3>) -> Tensor<3>,
        look: impl FnOnce(Tensor<3>) -> Tensor<3>,
    ) -> Tensor<3> {
        let feed_forward = FeedForward {
            linear1: &self.linear1,
            linear2: &self.linear2,
            dropout: &self.dropout,
            activation: &self.activation,
        };
        let target = turn(target, self.batch_first); // [batch, length, d_model]
        let target = residual(target, &self.norm1, self.norm_first, |target| {
            self.dropout.forward(attend(target))
        });
        let target = residual(target, &self.norm2, self.norm_first, |target| {
            self.dropout.forward(look(target))
        });
        let target = residual(target, &self.norm3, self.norm_first, |target| {
            feed_forward.forward(target)
        });
        turn(target, self.batch_first)
    }
}
