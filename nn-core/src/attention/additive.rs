//! [`AdditiveAttention`]: scores from a small perceptron.
//!
//! Bahdanau et al. 2015, <https://arxiv.org/abs/1409.0473>, appendix A.1.2; over the regions of an
//! image, Xu et al. 2015, <https://arxiv.org/abs/1502.03044>, equations 4 to 6. Difference from
//! the papers: none; as the first one's formula, the layers have no biases.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::tanh;
use burn::tensor::{Device, Tensor};

use super::{AttendedMemory, Mask};
use crate::config::{ConfigError, at_least_one, expect_valid};
#[cfg(feature = "flex")]
use crate::fused;
use crate::linear;

/// Configuration of [`AdditiveAttention`].
#[derive(Config, Debug)]
pub struct AdditiveAttentionConfig {
    /// Width of the query. At least 1.
    pub d_query: usize,
    /// Width of the memory. At least 1.
    pub d_memory: usize,
    /// Width of what both are projected to. At least 1.
    pub width: usize,
}

/// Attention of a query to a memory by `score = v . tanh(W_q q + W_k k)`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use nn_core::AdditiveAttentionConfig;
///
/// let device = Device::default();
/// let attention = AdditiveAttentionConfig::new(6, 8, 4).init(&device);
/// let regions = Tensor::<3>::ones([2, 5, 8], &device);
/// let memory = attention.project(regions, None); // once an image
///
/// let query = Tensor::<2>::ones([2, 6], &device);
/// let (context, weights) = attention.forward(query, &memory); // once a word
/// assert_eq!(context.dims(), [2, 8]);
/// assert_eq!(weights.dims(), [2, 5]);
/// ```
#[derive(Module, Debug)]
pub struct AdditiveAttention {
    /// `W_q`
    pub query: Linear,
    /// `W_k`
    pub key: Linear,
    /// `v`
    pub score: Linear,
}

impl AdditiveAttentionConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a size is 0.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("d_query", self.d_query)?;
        at_least_one("d_memory", self.d_memory)?;
        at_least_one("width", self.width)
    }

    /// Draws the weights.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> AdditiveAttention {
        expect_valid("AdditiveAttention", self.check());
        let linear = |d_in: usize, d_out: usize| {
            let config = LinearConfig::new(d_in, d_out);
            config.with_bias(false).init(device)
        };
        AdditiveAttention {
            query: linear(self.d_query, self.width),
            key: linear(self.d_memory, self.width),
            score: linear(self.width, 1),
        }
    }
}

impl AdditiveAttention {
    /// Projects a memory, for any number of [`forward`](Self::forward)s.
    ///
    /// # Shapes
    ///
    /// - memory: `[batch, regions, d_memory]`
    /// - hidden: `[batch, regions]`
    ///
    /// # Panics
    ///
    /// When the mask does not fit.
    pub fn project(&self, memory: Tensor<3>, hidden: Option<Mask>) -> AttendedMemory {
        AttendedMemory::new(self.key.forward(memory.clone()), memory, hidden)
    }

    /// The mean of the memory by the query's weights, and the weights.
    ///
    /// # Shapes
    ///
    /// - query: `[batch, d_query]`
    /// - returns: `[batch, d_memory]` and `[batch, regions]`
    ///
    /// # Panics
    ///
    /// When a shape does not fit.
    pub fn forward(&self, query: Tensor<2>, memory: &AttendedMemory) -> (Tensor<2>, Tensor<2>) {
        let query = linear::apply(&self.query, query); // [batch, width]
        memory.read(self.scores(query, memory.keys()))
    }

    /// How a recurrent layer looks at a memory in one operation.
    #[cfg(feature = "flex")]
    pub(crate) fn look(&self, memory: &AttendedMemory) -> Option<fused::Look> {
        let query = self.query.weight.val().transpose(); // [width, d_query]
        let score = self.score.weight.val().squeeze_dim(1); // [width]
        memory.look(query, score, fused::Scoring::Additive)
    }

    /// `query: [batch, width]`, `keys: [batch, regions, width]`, returns `[batch, regions]`.
    fn scores(&self, query: Tensor<2>, keys: Tensor<3>) -> Tensor<2> {
        #[cfg(feature = "flex")]
        if fused::takes(&keys) {
            let weight = self.score.weight.val().squeeze_dim(1);
            return fused::additive_scores(keys, query, weight);
        }
        let hidden = tanh(query.unsqueeze_dim::<3>(1) + keys); // [batch, regions, width]
        self.score.forward(hidden).squeeze_dim(2)
    }
}
