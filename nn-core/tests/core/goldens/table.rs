//! Embedding.

use burn::tensor::Tensor;
use nn_core::EmbeddingConfig;

use super::Case;
use super::golden::Golden;

pub(crate) const CASES: &[Case] = &[("embedding_pad", padded)];

/// The tokens the golden was made with.
const TOKENS: [i64; 8] = [1, 5, 0, 7, 3, 0, 0, 2];

fn padded(golden: &Golden) {
    let config = EmbeddingConfig::new(20, 16).with_padding_idx(Some(0));
    golden.compare(config.init(golden.device()), |embedding| {
        let tokens: Tensor<2, _> = golden.ids(&TOKENS).reshape([2, 4]);
        vec![embedding.forward(tokens).into()]
    });
}
