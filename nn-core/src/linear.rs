//! Linear maps: by a weight in PyTorch's layout, and by Burn's layer.

use burn::module::Param;
use burn::nn::Linear;
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
    map(input, weight.transpose(), bias)
}

/// What Burn's layer makes of an input, `[.., d_input]`; faster than its own `forward` for the few
/// rows of a step of decoding.
pub(crate) fn apply<const D: usize>(layer: &Linear, input: Tensor<D>) -> Tensor<D> {
    let bias = layer.bias.as_ref().map(Param::val);
    map(input, layer.weight.val(), bias)
}

/// By a weight `[d_input, d_output]`.
fn map<const D: usize>(input: Tensor<D>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<D> {
    let mut shape = input.dims();
    let [d_input, d_output] = weight.dims();
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
    module::linear(rows, weight, bias)
}

#[cfg(test)]
mod tests {
    use burn::nn::LinearConfig;
    use burn::tensor::{Device, Distribution, Tolerance};

    use super::*;

    /// Widths about the sizes of tasks and groups, and one row or as many as are still a few.
    #[test]
    fn a_few_rows_give_what_many_give() {
        let device = Device::default();
        for (d_input, d_output) in [
            (1, 1),
            (7, 3),
            (128, 512),
            (129, 513),
            (300, 5),
            (1000, 130),
        ] {
            let layer = LinearConfig::new(d_input, d_output).init(&device);
            let rows = Tensor::random([20, d_input], Distribution::Default, &device);
            let many: Tensor<2> = layer.forward(rows.clone());
            for n_rows in [1, 2, 7, 8, 9] {
                let rows = rows.clone().narrow(0, 3, n_rows);
                let expected = many.clone().narrow(0, 3, n_rows).into_data();
                let tolerance = Tolerance::absolute(1e-4);
                let found = apply(&layer, rows.clone()).into_data();
                found.assert_approx_eq::<f32>(&expected, tolerance);
                let transposed = layer.weight.val().transpose() * 1.0; // PyTorch's layout
                let bias = layer.bias.as_ref().map(Param::val);
                let found = linear(rows, transposed, bias).into_data();
                found.assert_approx_eq::<f32>(&expected, tolerance);
            }
        }
    }
}
