//! [`AttendedMemory`]: a memory whose keys are projected.

use burn::tensor::{Int, Tensor, assert_shape};

use super::Mask;
use super::softmax::masked_softmax;
#[cfg(feature = "flex")]
use crate::fused;

/// A memory as [`AdditiveAttention`](super::AdditiveAttention) and
/// [`DotAttention`](super::DotAttention) read it: keys are projected once, however many queries
/// follow.
#[derive(Clone, Debug)]
pub struct AttendedMemory {
    /// `[batch, regions, width]`
    keys: Tensor<3>,
    /// `[batch, regions, d_memory]`
    values: Tensor<3>,
    /// `[batch, regions]`
    hidden: Option<Mask>,
}

impl AttendedMemory {
    pub(super) fn new(keys: Tensor<3>, values: Tensor<3>, hidden: Option<Mask>) -> Self {
        let [batch, regions, _] = values.dims();
        match &hidden {
            Some(Mask::Bool(hidden)) => assert_shape!(hidden, [batch, regions]),
            Some(Mask::Additive(scores)) => assert_shape!(scores, [batch, regions]),
            None => {}
        }
        Self {
            keys,
            values,
            hidden,
        }
    }

    /// The `rows` of the batch, in their order.
    #[must_use]
    pub fn select(self, rows: Tensor<1, Int>) -> Self {
        Self {
            keys: self.keys.select(0, rows.clone()),
            values: self.values.select(0, rows.clone()),
            hidden: self.hidden.map(|hidden| hidden.select(rows)),
        }
    }

    /// `[batch, regions, width]`
    pub(super) fn keys(&self) -> Tensor<3> {
        self.keys.clone()
    }

    /// What `scores`, `[batch, regions]`, let through, `[batch, d_memory]`, and the weights.
    pub(super) fn read(&self, scores: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let scores = scores.unsqueeze_dims::<4>(&[1, 1]); // [batch, 1, 1, regions]
        let weights = masked_softmax(scores, None, self.hidden.clone()).squeeze_dim::<3>(1);
        let context = weights.clone().matmul(self.values.clone()); // [batch, 1, d_memory]
        (context.squeeze_dim(1), weights.squeeze_dim(1))
    }

    /// How a recurrent layer looks at this memory in one operation, where its mask hides whole
    /// regions.
    ///
    /// - query: `[width, d_query]`, score: `[width]`
    #[cfg(feature = "flex")]
    pub(super) fn look(
        &self,
        query: Tensor<2>,
        score: Tensor<1>,
        scoring: fused::Scoring,
    ) -> Option<fused::Look> {
        let [batch, regions, _] = self.keys.dims();
        let hidden_regions = match &self.hidden {
            Some(Mask::Bool(hidden)) => hidden.clone(),
            Some(Mask::Additive(_)) => return None,
            None => Tensor::zeros([batch, regions], &self.keys.device()),
        };
        Some(fused::Look {
            query,
            score,
            scoring,
            keys: self.keys.clone(),
            values: self.values.clone(),
            hidden_regions,
        })
    }
}
