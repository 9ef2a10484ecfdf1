//! The layers of `torch.nn` that hold numbers of their own: parameters, buffers or a configuration worth a field.
use serde::{Deserialize, Serialize};

use super::{Attention, TransformerLayer, TransformerStack};

/// A configured layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// `nn.Conv2d`, zero padding.
    Conv2d {
        /// Input channels.
        channels_in: usize,
        /// Output channels.
        channels_out: usize,
        /// Height and width of the kernel.
        kernel: [usize; 2],
        /// Stride by axis.
        stride: [usize; 2],
        /// Padding on both sides of each axis.
        padding: [usize; 2],
        /// Dilation by axis.
        dilation: [usize; 2],
        /// Groups of channels.
        groups: usize,
        /// Whether a bias is added.
        bias: bool,
    },
    /// `nn.Linear`.
    Linear {
        /// Input width.
        d_input: usize,
        /// Output width.
        d_output: usize,
        /// Whether a bias is added.
        bias: bool,
    },
    /// `nn.BatchNorm1d` and `nn.BatchNorm2d`.
    BatchNorm {
        /// Channels.
        n_features: usize,
        /// Added to the variance.
        epsilon: f64,
        /// Weight of the new batch in the running statistics.
        momentum: f64,
        /// Whether weight and bias are learnt.
        affine: bool,
    },
    /// `nn.LayerNorm` over the last axis.
    LayerNorm {
        /// Width of the last axis.
        d_model: usize,
        /// Added to the variance.
        epsilon: f64,
        /// Whether a bias is learnt beside the weight.
        bias: bool,
    },
    /// `nn.Embedding`.
    Embedding {
        /// Rows.
        n_embedding: usize,
        /// Width of a row.
        d_model: usize,
        /// The row that stays as it is.
        padding_idx: Option<usize>,
    },
    /// `nn.LSTM`.
    Lstm(Recurrent),
    /// `nn.GRU`.
    Gru(Recurrent),
    /// `nn.LSTMCell`.
    LstmCell(Cell),
    /// `nn.GRUCell`.
    GruCell(Cell),
    /// `nn.MultiheadAttention`. Operands: query, key, value, then masks of positions and of keys, each of which may be
    /// absent ([`Tree::empty`](super::Tree::empty)).
    MultiheadAttention(Attention),
    /// `nn.TransformerEncoderLayer`. Operands: sequence, then masks of positions and of keys.
    TransformerEncoderLayer(TransformerLayer),
    /// `nn.TransformerDecoderLayer`. Operands: target, memory, then the masks of target and memory positions and of
    /// target and memory keys.
    TransformerDecoderLayer(TransformerLayer),
    /// `nn.TransformerEncoder`, with the operands of its layers.
    TransformerEncoder(TransformerStack),
    /// `nn.TransformerDecoder`, with the operands of its layers.
    TransformerDecoder(TransformerStack),
    /// `nn.MaxPool2d`.
    MaxPool2d {
        /// Height and width of a window.
        kernel: [usize; 2],
        /// Stride by axis.
        stride: [usize; 2],
        /// Padding on both sides of each axis.
        padding: [usize; 2],
        /// Dilation by axis.
        dilation: [usize; 2],
        /// Whether a last window may reach over the edge.
        ceil_mode: bool,
    },
    /// `nn.AvgPool2d`.
    AvgPool2d {
        /// Height and width of a window.
        kernel: [usize; 2],
        /// Stride by axis.
        stride: [usize; 2],
        /// Padding on both sides of each axis.
        padding: [usize; 2],
        /// Whether a last window may reach over the edge.
        ceil_mode: bool,
        /// Whether padding counts in the mean.
        count_include_pad: bool,
    },
    /// `nn.AdaptiveAvgPool2d`.
    AdaptiveAvgPool2d {
        /// Height and width of the output.
        output: [usize; 2],
    },
    /// `nn.AdaptiveMaxPool2d`.
    AdaptiveMaxPool2d {
        /// Height and width of the output.
        output: [usize; 2],
    },
    /// `nn.Dropout`: acts in training only.
    Dropout {
        /// Probability of a zero.
        prob: f64,
    },
}

/// The configuration of `nn.LSTM` and `nn.GRU`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recurrent {
    /// Input width.
    pub d_input: usize,
    /// Width of the state.
    pub d_hidden: usize,
    /// Layers stacked.
    pub n_layers: usize,
    /// Whether biases are added.
    pub bias: bool,
    /// Whether the input is `[batch, length, width]`.
    pub batch_first: bool,
    /// Dropout between layers.
    pub dropout: f64,
    /// Whether a second pass runs backwards.
    pub bidirectional: bool,
}

/// The configuration of `nn.LSTMCell` and `nn.GRUCell`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Input width.
    pub d_input: usize,
    /// Width of the state.
    pub d_hidden: usize,
    /// Whether biases are added.
    pub bias: bool,
}

/// What a tensor of a layer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A trainable parameter.
    Weight,
    /// A trainable parameter of a normalisation layer.
    Norm,
    /// A tensor that is stored and not trained.
    Buffer,
    /// A tensor that is neither trained nor in the `state_dict`.
    Scratch,
    /// `num_batches_tracked`: known by name only.
    Counter,
}

/// A tensor of a layer: how PyTorch calls and shapes it, and the path of the Rust field that holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerTensor {
    /// Name in the layer, as in the `state_dict`.
    pub name: String,
    /// Path in the Rust layer; for a counter empty.
    pub field: String,
    /// PyTorch's shape.
    pub shape: Vec<usize>,
    /// What it is for.
    pub role: Role,
    /// Whether Rust holds the transposed matrix.
    pub transposed: bool,
}

impl LayerTensor {
    pub(super) fn new(name: &str, field: &str, shape: &[usize], role: Role) -> Self {
        Self {
            name: name.into(),
            field: field.into(),
            shape: shape.to_vec(),
            role,
            transposed: false,
        }
    }

    pub(super) fn transposed(mut self) -> Self {
        self.transposed = true;
        self
    }

    /// The tensor of a part of the layer.
    pub(super) fn below(mut self, prefix: &str) -> Self {
        self.name.insert_str(0, prefix);
        self.field.insert_str(0, prefix);
        self
    }
}

impl Layer {
    /// Whether it is called with sequences and masks.
    pub fn takes_masks(&self) -> bool {
        matches!(
            self,
            Self::MultiheadAttention(_)
                | Self::TransformerEncoderLayer(_)
                | Self::TransformerDecoderLayer(_)
                | Self::TransformerEncoder(_)
                | Self::TransformerDecoder(_)
        )
    }

    /// The class in `torch.nn`.
    pub fn class_name(&self) -> &'static str {
        match self {
            Self::Conv2d { .. } => "Conv2d",
            Self::Linear { .. } => "Linear",
            Self::BatchNorm { .. } => "BatchNorm",
            Self::LayerNorm { .. } => "LayerNorm",
            Self::Embedding { .. } => "Embedding",
            Self::Lstm(_) => "LSTM",
            Self::Gru(_) => "GRU",
            Self::LstmCell(_) => "LSTMCell",
            Self::GruCell(_) => "GRUCell",
            Self::MultiheadAttention(_) => "MultiheadAttention",
            Self::TransformerEncoderLayer(_) => "TransformerEncoderLayer",
            Self::TransformerDecoderLayer(_) => "TransformerDecoderLayer",
            Self::TransformerEncoder(_) => "TransformerEncoder",
            Self::TransformerDecoder(_) => "TransformerDecoder",
            Self::MaxPool2d { .. } => "MaxPool2d",
            Self::AvgPool2d { .. } => "AvgPool2d",
            Self::AdaptiveAvgPool2d { .. } => "AdaptiveAvgPool2d",
            Self::AdaptiveMaxPool2d { .. } => "AdaptiveMaxPool2d",
            Self::Dropout { .. } => "Dropout",
        }
    }

    /// The tensors of the layer in `state_dict` order.
    #[expect(clippy::too_many_lines, reason = "one arm a layer of torch")]
    pub fn tensors(&self) -> Vec<LayerTensor> {
        use Role::{Buffer, Counter, Norm, Weight};
        let plain = |name: &str, shape: &[usize]| LayerTensor::new(name, name, shape, Weight);
        match self {
            Self::Conv2d {
                channels_in,
                channels_out,
                kernel: [height, width],
                groups,
                bias,
                ..
            } => {
                let weight = plain(
                    "weight",
                    &[
                        *channels_out,
                        channels_in / (*groups).max(1),
                        *height,
                        *width,
                    ],
                );
                with_bias(weight, *bias, plain("bias", &[*channels_out]))
            }
            Self::Linear {
                d_input,
                d_output,
                bias,
            } => {
                let weight = plain("weight", &[*d_output, *d_input]).transposed();
                with_bias(weight, *bias, plain("bias", &[*d_output]))
            }
            Self::BatchNorm {
                n_features, affine, ..
            } => {
                let of = |name: &str, role| LayerTensor::new(name, name, &[*n_features], role);
                let learnt = [of("weight", Norm), of("bias", Norm)];
                let running = [of("running_mean", Buffer), of("running_var", Buffer)];
                let counter = LayerTensor::new("num_batches_tracked", "", &[], Counter);
                learnt
                    .into_iter()
                    .filter(|_| *affine)
                    .chain(running)
                    .chain([counter])
                    .collect()
            }
            Self::LayerNorm { d_model, bias, .. } => {
                let weight = LayerTensor::new("weight", "gamma", &[*d_model], Norm);
                with_bias(
                    weight,
                    *bias,
                    LayerTensor::new("bias", "beta", &[*d_model], Norm),
                )
            }
            Self::Embedding {
                n_embedding,
                d_model,
                ..
            } => vec![plain("weight", &[*n_embedding, *d_model])],
            Self::Lstm(recurrent) => recurrent.tensors(4),
            Self::Gru(recurrent) => recurrent.tensors(3),
            Self::LstmCell(cell) => cell.tensors(4),
            Self::GruCell(cell) => cell.tensors(3),
            Self::MultiheadAttention(attention) => attention.tensors(),
            Self::TransformerEncoderLayer(layer) => layer.tensors(false),
            Self::TransformerDecoderLayer(layer) => layer.tensors(true),
            Self::TransformerEncoder(stack) => stack.tensors(false),
            Self::TransformerDecoder(stack) => stack.tensors(true),
            Self::MaxPool2d { .. }
            | Self::AvgPool2d { .. }
            | Self::AdaptiveAvgPool2d { .. }
            | Self::AdaptiveMaxPool2d { .. }
            | Self::Dropout { .. } => Vec::new(),
        }
    }
}

fn with_bias(weight: LayerTensor, has_bias: bool, bias: LayerTensor) -> Vec<LayerTensor> {
    if has_bias {
        vec![weight, bias]
    } else {
        vec![weight]
    }
}

impl Recurrent {
    /// How many directions are run.
    pub fn n_directions(&self) -> usize {
        if self.bidirectional { 2 } else { 1 }
    }

    /// The packed tensors; the Rust layers of the backward direction are a list of their own.
    fn tensors(&self, n_gates: usize) -> Vec<LayerTensor> {
        let mut all = Vec::new();
        for layer in 0..self.n_layers {
            for direction in 0..self.n_directions() {
                let (suffix, prefix) = if direction == 0 {
                    (format!("l{layer}"), format!("layers.{layer}."))
                } else {
                    (
                        format!("l{layer}_reverse"),
                        format!("reverse_layers.{layer}."),
                    )
                };
                let d_input = if layer == 0 {
                    self.d_input
                } else {
                    self.d_hidden * self.n_directions()
                };
                let cell = Cell {
                    d_input,
                    d_hidden: self.d_hidden,
                    bias: self.bias,
                };
                all.extend(cell.tensors(n_gates).into_iter().map(|tensor| LayerTensor {
                    name: format!("{}_{suffix}", tensor.name),
                    field: format!("{prefix}{}", tensor.field),
                    ..tensor
                }));
            }
        }
        all
    }
}

impl Cell {
    fn tensors(&self, n_gates: usize) -> Vec<LayerTensor> {
        let rows = n_gates * self.d_hidden;
        let of = |name: &str, shape: &[usize]| LayerTensor::new(name, name, shape, Role::Weight);
        let weights = [
            of("weight_ih", &[rows, self.d_input]),
            of("weight_hh", &[rows, self.d_hidden]),
        ];
        let biases = [of("bias_ih", &[rows]), of("bias_hh", &[rows])];
        weights
            .into_iter()
            .chain(biases.into_iter().filter(|_| self.bias))
            .collect()
    }
}

impl Role {
    /// Whether an optimizer may change it.
    pub fn is_learnt(self) -> bool {
        matches!(self, Self::Weight | Self::Norm)
    }
}
