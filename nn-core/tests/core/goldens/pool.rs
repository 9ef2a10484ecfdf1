//! Pools and resizing: our adaptive max pool, Burn's others.

use burn::nn::PaddingConfig2d;
use burn::nn::interpolate::{Interpolate2dConfig, InterpolateMode};
use burn::nn::pool::{AdaptiveAvgPool2dConfig, AvgPool2dConfig, MaxPool2dConfig};
use nn_core::AdaptiveMaxPool2dConfig;

use super::Case;
use super::golden::Golden;

pub(crate) const CASES: &[Case] = &[
    ("adaptive_avg_5x3", adaptive_average),
    ("adaptive_max_5x3", adaptive_max),
    ("avgpool_count_include_pad", average_over_padding),
    ("avgpool_exclude_pad_ceil", average_of_cut_windows),
    ("interpolate_bicubic", bicubic),
    ("upsample_bilinear", bilinear),
    ("maxpool_3_s2_p1", max_with_padding),
    ("maxpool_ceil", max_of_cut_windows),
];

const PADDING: PaddingConfig2d = PaddingConfig2d::Explicit(1, 1, 1, 1);

fn adaptive_average(golden: &Golden) {
    golden.compare(AdaptiveAvgPool2dConfig::new([5, 3]).init(), |pool| {
        vec![pool.forward(golden.input("x")).into()]
    });
}

fn adaptive_max(golden: &Golden) {
    golden.compare(AdaptiveMaxPool2dConfig::new([5, 3]).init(), |pool| {
        vec![pool.forward(golden.input("x")).into()]
    });
}

fn average_over_padding(golden: &Golden) {
    let config = AvgPool2dConfig::new([3, 3])
        .with_strides([2, 2])
        .with_padding(PADDING);
    golden.compare(config.init(), |pool| {
        vec![pool.forward(golden.input("x")).into()]
    });
}

fn max_with_padding(golden: &Golden) {
    let config = MaxPool2dConfig::new([3, 3])
        .with_strides([2, 2])
        .with_padding(PADDING);
    golden.compare(config.init(), |pool| {
        vec![pool.forward(golden.input("x")).into()]
    });
}

fn max_of_cut_windows(golden: &Golden) {
    let config = MaxPool2dConfig::new([3, 3])
        .with_strides([2, 2])
        .with_ceil_mode(true);
    golden.compare(config.init(), |pool| {
        vec![pool.forward(golden.input("x")).into()]
    });
}

fn average_of_cut_windows(golden: &Golden) {
    let config = AvgPool2dConfig::new([3, 3])
        .with_strides([2, 2])
        .with_padding(PADDING)
        .with_count_include_pad(false)
        .with_ceil_mode(true);
    golden.compare(config.init(), |pool| {
        vec![pool.forward(golden.input("x")).into()]
    });
}

fn bilinear(golden: &Golden) {
    let config = Interpolate2dConfig::new()
        .with_scale_factor(Some([2.0, 2.0]))
        .with_mode(InterpolateMode::Linear)
        .with_align_corners(false);
    golden.compare(config.init(), |upsample| {
        vec![upsample.forward(golden.input("x")).into()]
    });
}

fn bicubic(golden: &Golden) {
    let config = Interpolate2dConfig::new()
        .with_output_size(Some([9, 17]))
        .with_mode(InterpolateMode::Cubic)
        .with_align_corners(false);
    golden.compare(config.init(), |resize| {
        vec![resize.forward(golden.input("x")).into()]
    });
}
