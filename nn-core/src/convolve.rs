//! Burn's convolutions, with a backward pass of our own where there is one.

use burn::nn::PaddingConfig2d;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;

#[cfg(feature = "flex")]
use crate::fused;

/// What `conv` makes of `maps`.
pub(crate) fn convolve(conv: &Conv2d, maps: Tensor<4>) -> Tensor<4> {
    #[cfg(feature = "flex")]
    if fused::takes(&maps)
        && let Some(layout) = layout(conv)
    {
        let weight = conv.weight.val();
        let bias = match &conv.bias {
            Some(bias) => bias.val(),
            None => Tensor::zeros([weight.dims()[0]], &weight.device()),
        };
        return fused::convolution(maps, weight, bias, layout);
    }
    conv.forward(maps)
}

/// How the kernel moves, where there are as many zeros on both sides.
#[cfg(feature = "flex")]
fn layout(conv: &Conv2d) -> Option<fused::ConvLayout> {
    let padding = match conv.padding {
        PaddingConfig2d::Valid => [0; 2],
        PaddingConfig2d::Explicit(top, left, bottom, right) if top == bottom && left == right => {
            [top, left]
        }
        _ => return None,
    };
    Some(fused::ConvLayout {
        stride: conv.stride,
        padding,
        dilation: conv.dilation,
        groups: conv.groups,
        biased: conv.bias.is_some(),
    })
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use burn::nn::conv::Conv2dConfig;
    use burn::tensor::{Device, Distribution, Gradients, Tolerance};
    use proptest::prelude::*;

    use super::*;

    /// Our convolution has Burn's output and gradients.
    fn same(config: &Conv2dConfig, shape: [usize; 4]) {
        let device = Device::default().autodiff();
        device.seed(7);
        let conv = config.init(&device);
        let noise = |shape: [usize; 4]| {
            Tensor::<4>::random(shape, Distribution::Uniform(-1.0, 1.0), &device)
        };
        let (ours, burns) = (noise(shape).require_grad(), conv.weight.clone());
        let input = Tensor::from_data(ours.to_data(), &device).require_grad();
        let (found, expected) = (convolve(&conv, ours.clone()), conv.forward(input.clone()));
        near(&found, &expected);
        let factor = noise(found.dims());
        let found = (found * factor.clone()).sum().backward();
        let expected = (expected * factor).sum().backward();
        near(&gradient(&ours, &found), &gradient(&input, &expected));
        let weight = burns.val();
        near(&gradient(&weight, &found), &gradient(&weight, &expected));
        if let Some(bias) = &conv.bias {
            let bias = bias.val();
            near(&gradient(&bias, &found), &gradient(&bias, &expected));
        }
    }

    fn gradient<const D: usize>(of: &Tensor<D>, all: &Gradients) -> Tensor<D> {
        of.grad(all).expect("a part of the loss")
    }

    #[track_caller]
    fn near<const D: usize>(found: &Tensor<D>, expected: &Tensor<D>) {
        let tolerance = Tolerance::absolute(1e-4).set_relative(1e-4);
        found
            .to_data()
            .assert_approx_eq::<f32>(&expected.to_data(), tolerance);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(120))]

        /// Groups of one channel among them, and kernels of one place.
        #[test]
        fn it_has_burns_numbers(
            [batch, groups, inputs, outputs] in [1..4_usize, 1..4_usize, 1..4_usize, 1..4_usize],
            kernel in [1..4_usize, 1..4_usize],
            stride in [1..4_usize, 1..4_usize],
            padding in [0..3_usize, 0..3_usize],
            dilation in [1..3_usize, 1..3_usize],
            beyond in [0..6_usize, 0..6_usize],
            bias: bool,
        ) {
            let [top, left] = padding;
            let config = Conv2dConfig::new([groups * inputs, groups * outputs], kernel)
                .with_stride(stride)
                .with_padding(PaddingConfig2d::Explicit(top, left, top, left))
                .with_dilation(dilation)
                .with_groups(groups)
                .with_bias(bias);
            let side = |i: usize| dilation[i] * (kernel[i] - 1) + 1 + beyond[i];
            same(&config, [batch, groups * inputs, side(0), side(1)]);
        }
    }
}
