//! Softmax over what masks leave.

use burn::tensor::activation::softmax;
use burn::tensor::{Tensor, assert_shape};

use super::Mask;

/// Weights over the last dimension that leave hidden positions nothing.
///
/// - scores, weights: `[batch, heads, length, regions]`
/// - `attn_mask`: `[length, regions]`, `key_padding_mask`: `[batch, regions]`
pub(super) fn masked_softmax(
    scores: Tensor<4>,
    attn_mask: Option<Mask>,
    key_padding_mask: Option<Mask>,
) -> Tensor<4> {
    let [batch, _, length, regions] = scores.dims();
    let padding = match &key_padding_mask {
        Some(Mask::Bool(hidden)) => Some(hidden.clone().unsqueeze_dims::<4>(&[1, 2])),
        _ => None,
    };
    let of_all = match &attn_mask {
        Some(Mask::Bool(hidden)) => Some(hidden.clone().unsqueeze::<4>()),
        _ => None,
    };
    let attn_mask = attn_mask.map(Mask::into_scores).map(|mask| {
        assert_shape!(mask, [length, regions]);
        mask.unsqueeze::<4>() // [1, 1, length, regions]
    });
    let key_padding_mask = key_padding_mask.map(Mask::into_scores).map(|mask| {
        assert_shape!(mask, [batch, regions]);
        mask.unsqueeze_dims::<4>(&[1, 2]) // [batch, 1, 1, regions]
    });
    let mask = match (attn_mask, key_padding_mask) {
        (Some(attn), Some(padding)) => Some(attn + padding), // [batch, 1, length, regions]
        (one, None) | (None, one) => one,
    };
    let weights = match mask {
        Some(mask) => softmax(scores + mask, 3),
        None => softmax(scores, 3),
    };
    // Where padding hides all that the other mask leaves, softmax is even over what either hides;
    // take that away too.
    match (padding, of_all) {
        (Some(padding), Some(of_all)) => weights.mask_fill(padding, 0.0).mask_fill(of_all, 0.0),
        (Some(padding), None) => weights.mask_fill(padding, 0.0),
        (None, _) => weights,
    }
}
