//! [`KeysValues`]: what attention reads, projected.

use burn::tensor::{Int, Tensor};

/// Keys and values that a [`MultiheadAttention`](super::MultiheadAttention) projected: computed
/// once, attended to many times.
#[derive(Clone, Debug)]
pub struct KeysValues {
    /// `[batch, heads, regions, d_head]`
    pub(super) keys: Tensor<4>,
    /// `[batch, heads, regions, d_head]`
    pub(super) values: Tensor<4>,
}

impl KeysValues {
    /// Positions that can be attended to.
    pub fn length(&self) -> usize {
        let [_, _, length, _] = self.keys.dims();
        length
    }

    /// These positions, then those of `next`.
    #[must_use]
    pub fn append(self, next: Self) -> Self {
        Self {
            keys: Tensor::cat(vec![self.keys, next.keys], 2),
            values: Tensor::cat(vec![self.values, next.values], 2),
        }
    }

    /// The `rows` of the batch, in their order.
    #[must_use]
    pub fn select(self, rows: Tensor<1, Int>) -> Self {
        Self {
            keys: self.keys.select(0, rows.clone()),
            values: self.values.select(0, rows),
        }
    }
}
