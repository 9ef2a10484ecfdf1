//! [`Memory`]: what a decoder sees of an image.

use burn::tensor::{Bool, Int, Tensor, assert_shape};

use crate::attention::select_rows;

/// What a decoder sees of a batch of images: the vectors of their regions, and which of them are
/// only there to fill up the batch.
///
/// ```
/// use burn::tensor::{Bool, Device, Tensor};
/// use nn_core::decoder::Memory;
///
/// let device = Device::default();
/// let tokens = Tensor::<3>::from_floats([[[2.0], [4.0], [9.0]]], &device);
/// let hidden = Tensor::<2, Bool>::from_data([[false, false, true]], &device);
/// let memory = Memory::new(tokens).with_hidden(hidden);
/// assert_eq!(memory.mean().into_scalar::<f32>(), 3.0);
/// ```
#[derive(Clone, Debug)]
pub struct Memory {
    pub(super) tokens: Tensor<3>,
    pub(super) hidden: Option<Tensor<2, Bool>>,
}

impl Memory {
    /// A memory of which every region is seen: `[batch, regions, d_memory]`.
    pub fn new(tokens: Tensor<3>) -> Self {
        Self {
            tokens,
            hidden: None,
        }
    }

    /// Hides the regions where the mask is true: `[batch, regions]`.
    ///
    /// # Panics
    ///
    /// When the mask does not fit.
    #[must_use]
    pub fn with_hidden(mut self, hidden: Tensor<2, Bool>) -> Self {
        let [batch, regions, _] = self.tokens.dims();
        assert_shape!(hidden, [batch, regions]);
        self.hidden = Some(hidden);
        self
    }

    /// The mean over the regions that are seen, `[batch, d_memory]`; zeros where none is.
    pub fn mean(&self) -> Tensor<2> {
        let tokens = self.tokens.clone();
        let Some(hidden) = &self.hidden else {
            return tokens.mean_dim(1).squeeze_dim(1);
        };
        let n_seen = hidden.clone().bool_not().float().sum_dim(1); // [batch, 1]
        let [batch, regions, d_memory] = tokens.dims();
        let hidden = hidden.clone().unsqueeze_dim::<3>(2); // [batch, regions, 1]
        let seen = tokens.mask_fill(hidden.expand([batch, regions, d_memory]), 0.0);
        seen.sum_dim(1).squeeze_dim::<2>(1) / n_seen.clamp_min(1.0)
    }

    /// The `rows` of the batch, in their order.
    #[must_use]
    pub fn select(self, rows: Tensor<1, Int>) -> Self {
        Self {
            tokens: self.tokens.select(0, rows.clone()),
            hidden: self.hidden.map(|hidden| select_rows(hidden, rows)),
        }
    }
}

impl From<Tensor<3>> for Memory {
    fn from(tokens: Tensor<3>) -> Self {
        Self::new(tokens)
    }
}
