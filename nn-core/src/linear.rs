//! The linear map by a weight in PyTorch's layout.

use burn::tensor::module;
use burn::tensor::{Shape, Tensor};

#[cfg(feature = "flex")]
use crate::fused;

/// `input` times the transposed `weight`, plus `bias`: PyTorch's `F.linear`.
///
/// - input: `[.., d_input]`, weight: `[d_output, d_input]`, bias: `[d_output]`
/// - output: `[.., d_output]`
pub(crate) fn linear<const D: usize>(
    input: Tensor<D>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
) -> Tensor<D> {
    let mut shape = input.dims();
    let [d_output, d_input] = weight.dims();
    let rows = input.reshape([Shape::new(shape).num_elements() / d_input, d_input]);
    shape[D - 1] = d_output;
    product(rows, weight, bias).reshape(shape)
}

/// The same of rows, `[n_rows, d_input]` to `[n_rows, d_output]`.
fn product(rows: Tensor<2>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<2> {
    #[cfg(feature = "flex")]
    if fused::takes_few_rows(&rows) {
        let product = fused::few_rows(rows, weight);
        return match bias {
            Some(bias) => product + bias.unsqueeze(),
            None => product,
        };
    }
    module::linear(rows, weight.transpose(), bias)
}
