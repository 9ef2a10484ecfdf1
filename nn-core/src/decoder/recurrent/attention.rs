//! [`MemoryAttention`]: where a recurrent decoder looks before each word.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::super::Memory;
use crate::attention::{
    AdditiveAttention, AdditiveAttentionConfig, AttendedMemory, DotAttention, DotAttentionConfig,
};
use crate::config::ConfigError;
#[cfg(feature = "flex")]
use crate::fused;

/// How regions are scored, and the width they are scored in.
#[derive(Config, Debug, PartialEq, Eq)]
pub enum RegionAttention {
    /// By a perceptron: [`AdditiveAttention`].
    Additive(usize),
    /// By a dot product: [`DotAttention`].
    Dot(usize),
}

/// Attention of either kind.
#[derive(Module, Debug)]
pub enum MemoryAttention {
    /// By a perceptron.
    Additive(AdditiveAttention),
    /// By a dot product.
    Dot(DotAttention),
}

impl RegionAttention {
    pub(super) fn check(&self, d_query: usize, d_memory: usize) -> Result<(), ConfigError> {
        match *self {
            Self::Additive(width) => additive(d_query, d_memory, width).check(),
            Self::Dot(width) => dot(d_query, d_memory, width).check(),
        }
    }

    pub(super) fn init(&self, d_query: usize, d_memory: usize, device: &Device) -> MemoryAttention {
        match *self {
            Self::Additive(width) => {
                MemoryAttention::Additive(additive(d_query, d_memory, width).init(device))
            }
            Self::Dot(width) => MemoryAttention::Dot(dot(d_query, d_memory, width).init(device)),
        }
    }
}

fn additive(d_query: usize, d_memory: usize, width: usize) -> AdditiveAttentionConfig {
    AdditiveAttentionConfig::new(d_query, d_memory, width)
}

fn dot(d_query: usize, d_memory: usize, width: usize) -> DotAttentionConfig {
    DotAttentionConfig::new(d_query, d_memory, width)
}

impl MemoryAttention {
    /// Projects a memory, once an image.
    pub fn project(&self, memory: Memory) -> AttendedMemory {
        let hidden = memory.hidden.map(Into::into);
        match self {
            Self::Additive(attention) => attention.project(memory.tokens, hidden),
            Self::Dot(attention) => attention.project(memory.tokens, hidden),
        }
    }

    /// What a query, `[batch, d_query]`, sees, `[batch, d_memory]`, and its weights,
    /// `[batch, regions]`.
    pub fn forward(&self, query: Tensor<2>, memory: &AttendedMemory) -> (Tensor<2>, Tensor<2>) {
        match self {
            Self::Additive(attention) => attention.forward(query, memory),
            Self::Dot(attention) => attention.forward(query, memory),
        }
    }

    /// How a recurrent layer looks at a memory in one operation.
    #[cfg(feature = "flex")]
    pub(super) fn look(&self, memory: &AttendedMemory) -> Option<fused::Look> {
        match self {
            Self::Additive(attention) => attention.look(memory),
            Self::Dot(attention) => attention.look(memory),
        }
    }
}
