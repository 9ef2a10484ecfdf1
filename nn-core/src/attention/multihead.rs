//! [`MultiheadAttention`]: scaled dot-product attention with several heads.
//!
//! Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>, section 3.2, in PyTorch's layout:
//! the projections of query, key and value are packed into one matrix.
//!
//! Difference from PyTorch: a query that boolean padding leaves no key attends to nothing and
//! gets zeros (PyTorch: zeros without `need_weights`, NaN with it).

use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor, assert_shape};

use super::softmax::masked_softmax;
use super::{KeysValues, Mask, MultiheadAttentionInput, turn};
use crate::config::{ConfigError, at_least_one, divides, dropout, expect_valid};
use crate::linear;

/// Configuration of [`MultiheadAttention`].
#[derive(Config, Debug)]
pub struct MultiheadAttentionConfig {
    /// Width of queries, keys, values and outputs: a multiple of `n_heads`.
    pub d_model: usize,
    /// Heads. At least 1.
    pub n_heads: usize,
    /// Dropout of the attention weights, in [0, 1). Default: 0
    #[config(default = 0.0)]
    pub dropout: f64,
    /// Whether the projections have biases. Default: true
    #[config(default = true)]
    pub bias: bool,
    /// Whether sequences are `[batch, length, ..]` rather than `[length, batch, ..]`. Default: true
    /// (PyTorch: false)
    #[config(default = true)]
    pub batch_first: bool,
}

/// Attention with several heads: PyTorch's `nn.MultiheadAttention`.
#[derive(Module, Debug)]
pub struct MultiheadAttention {
    /// Query, key and value: `[3 * d_model, d_model]`, starts Xavier uniform.
    pub in_proj_weight: Param<Tensor<2>>,
    /// Query, key and value: `[3 * d_model]`, starts at 0.
    pub in_proj_bias: Option<Param<Tensor<1>>>,
    /// From the heads to the output. Its bias starts at 0.
    pub out_proj: Linear,
    dropout: Dropout,
    n_heads: usize,
    batch_first: bool,
}

impl MultiheadAttentionConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a size is 0, the heads do not divide the width, or `dropout` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("d_model", self.d_model)?;
        at_least_one("n_heads", self.n_heads)?;
        divides("n_heads", self.n_heads, "d_model", self.d_model)?;
        dropout("dropout", self.dropout)
    }

    /// Draws the weights.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> MultiheadAttention {
        expect_valid("MultiheadAttention", self.check());
        let (width, packed) = (self.d_model, 3 * self.d_model);
        let xavier = Initializer::XavierUniform { gain: 1.0 };
        let zeros = |size: usize| self.bias.then(|| Initializer::Zeros.init([size], device));
        let mut out_proj = LinearConfig::new(width, width)
            .with_bias(false)
            .init(device);
        out_proj.bias = zeros(width);
        MultiheadAttention {
            in_proj_weight: xavier.init_with([packed, width], Some(width), Some(packed), device),
            in_proj_bias: zeros(packed),
            out_proj,
            dropout: DropoutConfig::new(self.dropout).init(),
            n_heads: self.n_heads,
            batch_first: self.batch_first,
        }
    }
}

impl MultiheadAttention {
    /// Its heads.
    pub fn n_heads(&self) -> usize {
        self.n_heads
    }

    /// Attends.
    ///
    /// # Shapes
    ///
    /// - query, output: `[batch, length, d_model]`; batch and length change places without
    ///   `batch_first`
    /// - key, value: `[batch, regions, d_model]`, likewise
    ///
    /// # Panics
    ///
    /// When a shape does not fit.
    pub fn forward(&self, input: MultiheadAttentionInput) -> Tensor<3> {
        self.run(input).0
    }

    /// Attends, and returns the weights too, averaged over the heads: `[batch, length, regions]`.
    ///
    /// # Panics
    ///
    /// As [`forward`](Self::forward).
    pub fn forward_with_weights(&self, input: MultiheadAttentionInput) -> (Tensor<3>, Tensor<3>) {
        let (output, weights) = self.run(input);
        (output, weights.mean_dim(1).squeeze_dim(1))
    }

    /// Projects a memory, for any number of [`attend`](Self::attend)s to it.
    ///
    /// # Shapes
    ///
    /// - memory: `[batch, regions, d_model]`; batch and regions change places without
    ///   `batch_first`
    ///
    /// # Panics
    ///
    /// When the width is another one.
    pub fn project_keys_values(&self, memory: Tensor<3>) -> KeysValues {
        let [key, value] = self.packed(memory, 1);
        self.keys_values(key, value)
    }

    /// Attends to a memory that was projected before: [`forward`](Self::forward) with the
    /// memory as key and value.
    ///
    /// # Shapes
    ///
    /// - query, output: `[batch, length, d_model]`; batch and length change places without
    ///   `batch_first`
    /// - padding: `[batch, regions]`
    ///
    /// # Panics
    ///
    /// When a shape does not fit.
    pub fn attend(
        &self,
        query: Tensor<3>,
        memory: &KeysValues,
        padding: Option<Mask>,
    ) -> Tensor<3> {
        self.attend_with_weights(query, memory, padding).0
    }

    /// The same, and the weights of every head: `[batch, heads, length, regions]`.
    pub(crate) fn attend_with_weights(
        &self,
        query: Tensor<3>,
        memory: &KeysValues,
        padding: Option<Mask>,
    ) -> (Tensor<3>, Tensor<4>) {
        let [query] = self.packed(query, 0);
        self.attend_heads(self.heads(query), memory, None, padding)
    }

    /// Attends from positions that follow a past to the past and themselves, and returns the past
    /// of the positions after them: [`forward`](Self::forward) with the whole sequence as key and
    /// value, at the cost of projecting what is new.
    ///
    /// Nothing hides the new positions from each other, so a causal decoder hands in one at a
    /// time.
    ///
    /// # Shapes
    ///
    /// - sequence, output: `[batch, length, d_model]`; batch and length change places without
    ///   `batch_first`
    /// - padding: `[batch, past + length]`
    ///
    /// # Panics
    ///
    /// When a shape does not fit.
    pub fn attend_to_past(
        &self,
        sequence: Tensor<3>,
        past: Option<KeysValues>,
        padding: Option<Mask>,
    ) -> (Tensor<3>, KeysValues) {
        let [query, key, value] = self.packed(sequence, 0);
        let new = self.keys_values(key, value);
        let seen = match past {
            Some(past) => past.append(new),
            None => new,
        };
        let (output, _) = self.attend_heads(self.heads(query), &seen, None, padding);
        (output, seen)
    }

    /// The output, and the weights of every head: `[batch, heads, length, regions]`.
    fn run(&self, input: MultiheadAttentionInput) -> (Tensor<3>, Tensor<4>) {
        let MultiheadAttentionInput {
            query,
            key,
            value,
            attn_mask,
            key_padding_mask,
        } = input;
        let (query, memory) = self.project(query, key, value);
        self.attend_heads(self.heads(query), &memory, attn_mask, key_padding_mask)
    }

    /// The same of projected heads. `query: [batch, heads, length, d_head]`.
    fn attend_heads(
        &self,
        query: Tensor<4>,
        memory: &KeysValues,
        attn_mask: Option<Mask>,
        key_padding_mask: Option<Mask>,
    ) -> (Tensor<3>, Tensor<4>) {
        let [_, _, _, d_head] = query.dims();
        let query = query / (d_head as f64).sqrt();
        let scores = query.matmul(memory.keys.clone().transpose()); // [batch, heads, length, regions]
        let weights = masked_softmax(scores, attn_mask, key_padding_mask);
        let weights = self.dropout.forward(weights);
        let context = weights.clone().matmul(memory.values.clone()); // [batch, heads, length, d_head]
        let context = context.swap_dims(1, 2).flatten::<3>(2, 3); // [batch, length, d_model]
        let output = linear::apply(&self.out_proj, context);
        (turn(output, self.batch_first), weights)
    }

    /// The projected query, `[batch, length, d_model]`, and what it attends to. Projections of
    /// one sequence are one product.
    fn project(
        &self,
        query: Tensor<3>,
        key: Option<Tensor<3>>,
        value: Option<Tensor<3>>,
    ) -> (Tensor<3>, KeysValues) {
        let [query, key, value] = match (key, value) {
            (None, None) => self.packed(query, 0),
            (Some(key), None) => {
                let [query] = self.packed(query, 0);
                let [key, value] = self.packed(key, 1);
                [query, key, value]
            }
            (key, Some(value)) => {
                let key = key.unwrap_or_else(|| query.clone());
                let [query] = self.packed(query, 0);
                let [key] = self.packed(key, 1);
                let [value] = self.packed(value, 2);
                [query, key, value]
            }
        };
        (query, self.keys_values(key, value))
    }

    /// Of projections, each `[batch, regions, d_model]`.
    fn keys_values(&self, key: Tensor<3>, value: Tensor<3>) -> KeysValues {
        KeysValues {
            keys: self.heads(key),
            values: self.heads(value),
        }
    }

    /// `N` projections of one sequence in one product, from the `first` one on.
    fn packed<const N: usize>(&self, sequence: Tensor<3>, first: usize) -> [Tensor<3>; N] {
        let sequence = turn(sequence, self.batch_first);
        let [_, width] = self.in_proj_weight.dims();
        assert_shape!(sequence, [_, _, width]);
        let (start, length) = (first * width, N * width);
        let weight = self.in_proj_weight.val().narrow(0, start, length);
        let bias = self.in_proj_bias.as_ref();
        let bias = bias.map(|bias| bias.val().narrow(0, start, length));
        let projected = linear::linear(sequence, weight, bias); // [batch, length, N * d_model]
        projected
            .chunk(N, 2)
            .try_into()
            .expect("N projections of one width lie side by side")
    }

    /// `[batch, length, d_model]` to `[batch, heads, length, d_head]`
    fn heads(&self, projected: Tensor<3>) -> Tensor<4> {
        let [batch, length, width] = projected.dims();
        let d_head = width / self.n_heads;
        projected
            .reshape([batch, length, self.n_heads, d_head])
            .swap_dims(1, 2)
    }
}
