//! A captioning net as data: what a language model can be made to write by constrained decoding.
//!
//! A spec is one way to say a net, not a second way to translate one: it is printed as a PyTorch file of the Net API,
//! and that file takes the path of every reply.
mod blocks;
mod check;
mod decoder;
mod encoder;
mod find;
mod print;
mod schema;

use serde::{Deserialize, Serialize};

pub use check::SpecError;
pub(crate) use find::{Found, attempt, find};
pub use schema::schema;

/// A captioning net.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetSpec {
    /// From pictures to feature maps.
    pub encoder: EncoderSpec,
    /// From feature maps to what the decoder reads.
    pub memory: MemorySpec,
    /// From words so far to the next word.
    pub decoder: DecoderSpec,
    /// How it trains.
    pub recipe: RecipeSpec,
}

/// A convolutional encoder: a stem, then stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderSpec {
    /// What a block of a stage is.
    pub family: Family,
    /// The activation of every block.
    pub activation: Activation,
    /// The first convolution.
    pub stem: StemSpec,
    /// The stages, from large maps to small ones.
    pub stages: Vec<StageSpec>,
}

/// Families of encoders by their block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Convolution, normalisation, activation.
    Plain,
    /// Two convolutions and a shortcut.
    Residual,
    /// Convolutions of size 1, 3 and 1, narrow in the middle, and a shortcut.
    Bottleneck,
    /// A depthwise convolution of size 7, then two linear layers, and a shortcut.
    Convnext,
    /// Wide in the middle, depthwise there, and a shortcut.
    Mbconv,
}

/// Activations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is PyTorch's function of that name")]
pub enum Activation {
    Relu,
    Gelu,
    Silu,
}

/// The first convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StemSpec {
    /// Output channels.
    pub channels: usize,
    /// Side of the kernel, odd.
    pub kernel: usize,
    /// Its stride.
    pub stride: usize,
    /// Whether a maximum over windows of 3 with stride 2 follows.
    pub pool: bool,
}

/// Blocks of one width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageSpec {
    /// Output channels.
    pub channels: usize,
    /// Blocks; the first has the stride.
    pub depth: usize,
    /// Its stride.
    pub stride: usize,
    /// What weighs the channels of each block.
    pub gate: Gate,
}

/// Attention of a block to its own maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// None.
    None,
    /// Squeeze and excitation: of channels.
    Se,
    /// CBAM: of channels, then of places.
    Cbam,
}

/// What the decoder reads of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemorySpec {
    /// Regions on each side of the picture; 1 for one vector.
    pub side: usize,
    /// Width of a region, divisible by 8.
    pub d_model: usize,
}

/// Decoders.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum DecoderSpec {
    /// `nn.LSTM`.
    Lstm(RecurrentSpec),
    /// `nn.GRU`.
    Gru(RecurrentSpec),
    /// `nn.TransformerDecoder`, as wide as the memory.
    Transformer(TransformerSpec),
}

/// A recurrent decoder.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecurrentSpec {
    /// Width of words and state.
    pub hidden: usize,
    /// Layers.
    pub layers: usize,
    /// Whether each step attends to the regions; else they are the first state only.
    pub attention: bool,
    /// Whether the scores use the matrix of the words.
    pub tied: bool,
    /// Dropout of words and outputs.
    pub dropout: f64,
}

/// A Transformer decoder.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransformerSpec {
    /// Layers.
    pub layers: usize,
    /// Heads: 1, 2, 4 or 8.
    pub heads: usize,
    /// Width between the two linear layers.
    pub feedforward: usize,
    /// Whether the scores use the matrix of the words.
    pub tied: bool,
    /// Dropout of every block.
    pub dropout: f64,
}

/// How a net trains. The learning rate and the momentum are hyper-parameters, and not of the spec.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecipeSpec {
    /// The optimizer; its momentum is the first beta of Adam.
    pub optimizer: OptimizerSpec,
    /// Decay of the weights.
    pub weight_decay: f64,
    /// Weight of the uniform distribution in the loss.
    pub label_smoothing: f64,
    /// Limit of the global gradient norm.
    pub clip_norm: f64,
}

/// Optimizers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is PyTorch's class of that name")]
pub enum OptimizerSpec {
    Sgd,
    Adam,
    Adamw,
}

impl NetSpec {
    /// A small net with a bit of everything.
    pub fn example() -> Self {
        let stage = |channels, gate| StageSpec {
            channels,
            depth: 2,
            stride: 2,
            gate,
        };
        Self {
            encoder: EncoderSpec {
                family: Family::Residual,
                activation: Activation::Relu,
                stem: StemSpec {
                    channels: 32,
                    kernel: 3,
                    stride: 2,
                    pool: false,
                },
                stages: vec![stage(64, Gate::Se), stage(128, Gate::Cbam)],
            },
            memory: MemorySpec {
                side: 4,
                d_model: 128,
            },
            decoder: DecoderSpec::Lstm(RecurrentSpec {
                hidden: 256,
                layers: 1,
                attention: true,
                tied: true,
                dropout: 0.1,
            }),
            recipe: RecipeSpec {
                optimizer: OptimizerSpec::Adamw,
                weight_decay: 0.01,
                label_smoothing: 0.1,
                clip_norm: 3.0,
            },
        }
    }
}
