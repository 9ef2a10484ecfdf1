//! Burn's activations, which generated code uses directly.

use burn::nn::PReluConfig;
use burn::tensor::Tensor;
use burn::tensor::activation as act;

use super::Case;
use super::golden::Golden;

pub(crate) const CASES: &[Case] = &[
    ("act_celu", |golden| repeat(golden, |x| act::celu(x, 1.3))),
    ("act_elu", |golden| repeat(golden, |x| act::elu(x, 0.7))),
    ("act_gelu", |golden| repeat(golden, act::gelu)),
    ("act_gelu_tanh", |golden| {
        repeat(golden, act::gelu_approximate);
    }),
    ("act_glu", |golden| repeat(golden, |x| act::glu(x, 1))),
    ("act_hardsigmoid", |golden| {
        repeat(golden, |x| act::hard_sigmoid(x, 1.0 / 6.0, 0.5));
    }),
    ("act_hardswish", |golden| repeat(golden, act::hard_swish)),
    ("act_hardtanh", |golden| {
        repeat(golden, |x| act::hardtanh(x, -0.5, 0.6));
    }),
    ("act_leaky_relu", |golden| {
        repeat(golden, |x| act::leaky_relu(x, 0.1));
    }),
    ("act_log_softmax", |golden| {
        repeat(golden, |x| act::log_softmax(x, 1));
    }),
    ("act_mish", |golden| repeat(golden, act::mish)),
    ("act_prelu", prelu),
    ("act_relu6", |golden| repeat(golden, act::relu6)),
    ("act_selu", |golden| repeat(golden, act::selu)),
    ("act_silu", |golden| repeat(golden, act::silu)),
    ("act_softplus", |golden| {
        repeat(golden, |x| act::softplus_with_threshold(x, 2.0, 20.0));
    }),
    ("act_softsign", |golden| repeat(golden, act::softsign)),
    ("act_tanhshrink", |golden| repeat(golden, act::tanhshrink)),
];

fn repeat(golden: &Golden, activation: fn(Tensor<4>) -> Tensor<4>) {
    // A number stands for a layer without parameters.
    golden.compare(0_usize, |_| vec![activation(golden.input("x")).into()]);
}

fn prelu(golden: &Golden) {
    let config = PReluConfig::new().with_num_parameters(8);
    golden.compare(config.init(golden.device()), |prelu| {
        vec![prelu.forward(golden.input::<4>("x")).into()]
    });
}
