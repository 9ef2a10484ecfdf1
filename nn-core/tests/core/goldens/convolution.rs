//! Burn's convolutions and `Linear`, which generated code uses directly.

use burn::nn::conv::{Conv1dConfig, Conv2dConfig, ConvTranspose2dConfig};
use burn::nn::{LinearConfig, PaddingConfig1d, PaddingConfig2d};

use super::Case;
use super::golden::Golden;

pub(crate) const CASES: &[Case] = &[
    ("conv1d", conv1d),
    ("conv2d_3x3_s2_p1", strided),
    ("conv2d_asym_1x7", not_square),
    ("conv2d_groups_dilation", grouped),
    ("conv2d_same_5x5", same),
    ("conv_transpose2d", transposed),
    ("linear_3d", linear),
];

fn conv1d(golden: &Golden) {
    let config = Conv1dConfig::new(8, 4, 3).with_padding(PaddingConfig1d::Explicit(1, 1));
    golden.compare(config.init(golden.device()), |conv| {
        vec![conv.forward(golden.input("x")).into()]
    });
}

fn strided(golden: &Golden) {
    let config = Conv2dConfig::new([8, 12], [3, 3])
        .with_stride([2, 2])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1));
    repeat(golden, &config);
}

fn not_square(golden: &Golden) {
    let padding = PaddingConfig2d::Explicit(0, 3, 0, 3);
    let config = Conv2dConfig::new([8, 4], [1, 7]).with_padding(padding);
    repeat(golden, &config);
}

fn grouped(golden: &Golden) {
    let config = Conv2dConfig::new([8, 16], [3, 3])
        .with_padding(PaddingConfig2d::Explicit(2, 2, 2, 2))
        .with_dilation([2, 2])
        .with_groups(4)
        .with_bias(false);
    repeat(golden, &config);
}

fn same(golden: &Golden) {
    let config = Conv2dConfig::new([8, 4], [5, 5]).with_padding(PaddingConfig2d::Same);
    repeat(golden, &config);
}

fn repeat(golden: &Golden, config: &Conv2dConfig) {
    golden.compare(config.init(golden.device()), |conv| {
        vec![conv.forward(golden.input("x")).into()]
    });
}

fn transposed(golden: &Golden) {
    let config = ConvTranspose2dConfig::new([8, 4], [3, 3])
        .with_stride([2, 2])
        .with_padding([1, 1])
        .with_padding_out([1, 1]);
    golden.compare(config.init(golden.device()), |conv| {
        vec![conv.forward(golden.input("x")).into()]
    });
}

fn linear(golden: &Golden) {
    golden.compare(LinearConfig::new(16, 10).init(golden.device()), |linear| {
        vec![linear.forward(golden.input::<3>("x")).into()]
    });
}
