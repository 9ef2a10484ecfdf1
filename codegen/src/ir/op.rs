//! The tensor operations of a Program: each is pure, named after `torch`'s, and takes its tensors as operands.
use serde::{Deserialize, Serialize};

use super::{DType, Dim, Layer};

/// A number beside a tensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scalar {
    /// A float.
    Float(f64),
    /// An integer, known or symbolic.
    Int(Dim),
}

/// An operation of one tensor that keeps its shape.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is torch's function of that name")]
pub enum Unary {
    Relu,
    Relu6,
    Sigmoid,
    Tanh,
    Gelu,
    GeluTanh,
    Silu,
    Mish,
    Softplus,
    Hardsigmoid,
    Hardswish,
    Exp,
    Log,
    Log1p,
    Sqrt,
    /// The square root of a sum of squares: without a gradient at 0.
    RootOfSquares,
    Rsqrt,
    Square,
    Abs,
    Neg,
    Sin,
    Cos,
    Sign,
    Round,
    Floor,
    Ceil,
    Erf,
    Sinh,
    Cosh,
    Tan,
    Atan,
    Reciprocal,
    /// Logical not of a bool tensor.
    Not,
}

/// An operation of two operands that broadcast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is torch's function of that name")]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Maximum,
    Minimum,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    /// Logical and of two bool tensors.
    And,
    /// Logical or of two bool tensors.
    Or,
}

impl Binary {
    /// Whether the result is a bool tensor.
    pub fn is_comparison(self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::NotEqual
                | Self::Less
                | Self::LessEqual
                | Self::Greater
                | Self::GreaterEqual
        )
    }
}

/// A reduction over axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is torch's function of that name")]
pub enum Reduction {
    Mean,
    Sum,
    /// The first largest element along one axis: of equal ones it alone has a gradient.
    Max,
    /// The first smallest element along one axis.
    Min,
    /// The largest element over axes: equal ones share the gradient.
    Amax,
    /// The smallest element over axes.
    Amin,
}

/// How a resized picture is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resampling {
    /// The neighbour to the upper left.
    Nearest,
    /// The four neighbours by their distance.
    Bilinear,
}

/// One axis of a slice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SliceRange {
    /// First index, not negative.
    pub start: Dim,
    /// One past the last index; nothing for the whole rest.
    pub end: Option<Dim>,
    /// Step, at least 1.
    pub step: usize,
}

impl SliceRange {
    /// The whole axis.
    pub fn full() -> Self {
        Self {
            start: Dim::constant(0),
            end: None,
            step: 1,
        }
    }
}

/// An operation. Axes are counted from the front; operands are named in order after the dash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Elementwise - input.
    Unary(Unary),
    /// Elementwise with broadcasting, ranks may differ as in torch - left, right. Both have the same dtype; the result
    /// of a comparison is bool.
    Binary(Binary),
    /// Elementwise with a number on the right - left.
    BinaryScalar(Binary, Scalar),
    /// Elementwise with a number on the left (`1 - x`, `2 / x`) - right.
    ScalarBinary(Scalar, Binary),
    /// Matrix product, batched and broadcast as `torch.matmul` - left, right.
    MatMul,
    /// New shape, same order - input. The shape is the result's type.
    Reshape,
    /// Axes in a new order - input.
    Permute(Vec<usize>),
    /// A new axis of size 1 - input.
    Unsqueeze(usize),
    /// An axis of size 1 removed - input.
    Squeeze(usize),
    /// Axes of size 1 repeated to the result's shape - input.
    Expand,
    /// Axes tiled, one count an axis of the result - input.
    Repeat(Vec<Dim>),
    /// One range an axis - input.
    Slice(Vec<SliceRange>),
    /// A copy of the first operand with a slice replaced - input, values.
    SliceAssign(Vec<SliceRange>),
    /// One index of an axis; the axis is removed - input.
    Select {
        /// The axis.
        axis: usize,
        /// The index, not negative.
        index: Dim,
    },
    /// Rows by index - input, indices of rank 1.
    IndexSelect(usize),
    /// `torch.gather` - input, indices.
    Gather(usize),
    /// Joined along an axis - all operands; or one list.
    Cat(usize),
    /// Joined along a new axis - all operands; or one list.
    Stack(usize),
    /// Softmax along an axis - input.
    Softmax(usize),
    /// Logarithm of the softmax along an axis - input.
    LogSoftmax(usize),
    /// Reduction over axes (sorted) - input.
    Reduce {
        /// Which.
        reduction: Reduction,
        /// The axes; all axes give a tensor of shape `[1]`.
        axes: Vec<usize>,
        /// Whether they stay with size 1.
        keepdim: bool,
    },
    /// Index of the largest element along an axis - input.
    Argmax {
        /// The axis.
        axis: usize,
        /// Whether it stays with size 1.
        keepdim: bool,
    },
    /// Whether all elements are true, shape `[1]` - input.
    All,
    /// Whether any element is true, shape `[1]` - input.
    Any,
    /// A constant tensor of the result's type - no operand.
    Full(Scalar),
    /// Random numbers of the result's type: of the normal distribution with mean 0 and variance 1, else uniform between
    /// 0 and 1 - no operand.
    Random {
        /// Whether of the normal distribution.
        normal: bool,
    },
    /// `start, start + step, ...`, as long as the result says - no operand.
    Arange {
        /// First value.
        start: Scalar,
        /// Distance.
        step: Scalar,
    },
    /// The upper (else lower) triangle of the last two axes, zero elsewhere - input.
    Triangle {
        /// Whether the upper one.
        upper: bool,
        /// Offset of the diagonal.
        diagonal: i64,
    },
    /// A number where the mask is true - input, mask.
    MaskedFill(Scalar),
    /// `torch.where` - condition, input, other.
    Where,
    /// Another dtype - input.
    Cast(DType),
    /// Zeroes at random in training, scaled - input.
    Dropout(f64),
    /// `nn.CrossEntropyLoss`, mean, of logits `[rows, classes]` and targets `[rows]`; shape `[1]`.
    CrossEntropy {
        /// Targets without a loss.
        ignore_index: Option<i64>,
        /// Weight of the uniform distribution.
        label_smoothing: f64,
    },
    /// `F.interpolate` of a batch of pictures, to the sides of the result's type - input.
    Resize {
        /// Which neighbours count.
        resampling: Resampling,
        /// Whether the corners of both pictures lie on each other.
        align_corners: bool,
    },
    /// `F.conv2d` - input, weight, and a bias if there is one.
    Conv2d {
        /// Stride by axis.
        stride: [usize; 2],
        /// Padding on both sides of each axis.
        padding: [usize; 2],
        /// Dilation by axis.
        dilation: [usize; 2],
        /// Groups of channels.
        groups: usize,
    },
    /// `F.conv_transpose2d` - input, weight, and a bias if there is one.
    ConvTranspose2d {
        /// Stride by axis.
        stride: [usize; 2],
        /// Padding that is taken away on both sides of each axis.
        padding: [usize; 2],
        /// Rows and columns that are added at the end.
        output_padding: [usize; 2],
        /// Dilation by axis.
        dilation: [usize; 2],
        /// Groups of channels.
        groups: usize,
    },
    /// A pool without a field of its own - input.
    Pool(Box<Layer>),
    /// The tensor without its gradient history - input.
    Detach,
}
