//! [`Mask`]: what attention must not see.

use burn::tensor::{Bool, Device, Int, Tensor};

/// What attention must not see, as PyTorch's masks say it.
#[derive(Clone, Debug)]
pub enum Mask {
    /// True hides a position.
    Bool(Tensor<2, Bool>),
    /// Added to the scores: 0 shows a position, minus infinity hides it.
    Additive(Tensor<2>),
}

/// Added to the scores of hidden positions. It leaves them no weight next to any visible one,
/// and unlike minus infinity it has no NaN where every position is hidden.
const HIDDEN: f32 = -1e30;

impl Mask {
    /// Hides the future: position `t` sees positions up to `t`. Shape: `[length, length]`
    pub fn causal(length: usize, device: &Device) -> Self {
        // `tril_mask` is true outside the lower triangle.
        Self::Bool(Tensor::tril_mask([length, length], 0, device))
    }

    /// The `rows` of the first dimension, in their order.
    #[must_use]
    pub fn select(self, rows: Tensor<1, Int>) -> Self {
        match self {
            Self::Bool(hidden) => Self::Bool(select_rows(hidden, rows)),
            Self::Additive(scores) => Self::Additive(scores.select(0, rows)),
        }
    }

    /// What to add to the scores.
    pub(super) fn into_scores(self) -> Tensor<2> {
        match self {
            Self::Bool(hidden) => hidden.float() * HIDDEN,
            Self::Additive(scores) => scores,
        }
    }
}

/// The `rows` of the first dimension. By way of numbers: `select` of Burn's flex 0.22.1 returns
/// booleans of a type that `cat` refuses.
pub(crate) fn select_rows(hidden: Tensor<2, Bool>, rows: Tensor<1, Int>) -> Tensor<2, Bool> {
    hidden.int().select(0, rows).bool()
}

impl From<Tensor<2, Bool>> for Mask {
    fn from(hidden: Tensor<2, Bool>) -> Self {
        Self::Bool(hidden)
    }
}

impl From<Tensor<2>> for Mask {
    fn from(scores: Tensor<2>) -> Self {
        Self::Additive(scores)
    }
}
