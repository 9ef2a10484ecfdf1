//! [`DotAttention`]: scores from a scaled dot product.
//!
//! Luong et al. 2015, <https://arxiv.org/abs/1508.04025>, section 3.1, with query and key projected
//! and the product scaled as in Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>, equation
//! 1. Difference from the latter: values are not projected.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::{AttendedMemory, Mask};
use crate::config::{ConfigError, at_least_one, expect_valid};
#[cfg(feature = "flex")]
use crate::fused;
use crate::linear;

/// Configuration of [`DotAttention`].
#[derive(Config, Debug)]
pub struct DotAttentionConfig {
    /// Width of the query. At least 1.
    pub d_query: usize,
    /// Width of the memory. At least 1.
    pub d_memory: usize,
    /// Width of what both are projected to. At least 1.
    pub width: usize,
}

/// Attention of a query to a memory by `score = (W_q q) . (W_k k) / sqrt(width)`.
#[derive(Module, Debug)]
pub struct DotAttention {
    /// `W_q`
    pub query: Linear,
    /// `W_k`
    pub key: Linear,
}

impl DotAttentionConfig {
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
    pub fn init(&self, device: &Device) -> DotAttention {
        expect_valid("DotAttention", self.check());
        let linear = |d_in: usize| {
            let config = LinearConfig::new(d_in, self.width);
            config.with_bias(false).init(device)
        };
        DotAttention {
            query: linear(self.d_query),
            key: linear(self.d_memory),
        }
    }
}

impl DotAttention {
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
        let [_, width] = query.dims();
        let query = (query / (width as f64).sqrt()).unsqueeze_dim::<3>(2);
        let scores = memory.keys().matmul(query); // [batch, regions, 1]
        memory.read(scores.squeeze_dim(2))
    }

    /// How a recurrent layer looks at a memory in one operation.
    #[cfg(feature = "flex")]
    pub(crate) fn look(&self, memory: &AttendedMemory) -> Option<fused::Look> {
        let query = self.query.weight.val().transpose(); // [width, d_query]
        let [width, _] = query.dims();
        let score = Tensor::full([width], (width as f64).sqrt().recip(), &query.device());
        memory.look(query, score, fused::Scoring::Dot)
    }
}
