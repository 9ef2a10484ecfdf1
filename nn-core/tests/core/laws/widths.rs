//! A layer of maps or tokens refuses what has another width than it was built for, rather than
//! spreading or cutting it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::tensor::{Device, Int, Tensor};
use nn_core::{
    AdditiveAttentionConfig, BatchNormConfig, CbamConfig, ConvNextBlockConfig, ConvNormActConfig,
    DenseLayerConfig, DotAttentionConfig, FireConfig, InceptionAConfig, InceptionBConfig,
    InceptionCConfig, InceptionDConfig, InceptionEConfig, InvertedResidualConfig,
    LayerNorm2dConfig, LayerScaleConfig, MbConvConfig, MlpConfig, PatchEmbedConfig,
    PatchMergingConfig, SqueezeExciteConfig, WindowAttentionConfig,
};

const WIDTH: usize = 8;

/// The layer takes the shape with `WIDTH`, and panics at one more, at one less, and at a single
/// one, which would spread over the others. It is asked in use and in training.
#[track_caller]
fn takes_its_width_only<const D: usize, const E: usize>(
    shape: impl Fn(usize) -> [usize; D],
    layer: impl Fn(&Device) -> Box<dyn Fn(Tensor<D>) -> Tensor<E>>,
) {
    for device in [Device::default(), Device::default().autodiff()] {
        let forward = layer(&device);
        let _ = forward(Tensor::ones(shape(WIDTH), &device));
        for width in [1, WIDTH - 1, WIDTH + 1] {
            let input = Tensor::ones(shape(width), &device);
            let ran = catch_unwind(AssertUnwindSafe(|| forward(input)));
            assert!(ran.is_err(), "width {width} went through");
        }
    }
}

/// Cases for [`takes_its_width_only`]: configurations, all with `forward` of one tensor.
macro_rules! of {
    ($shape:expr; $($config:expr),* $(,)?) => {
        $(takes_its_width_only($shape, |device| {
            let layer = $config.init(device);
            Box::new(move |input| layer.forward(input))
        });)*
    };
}

#[test]
fn of_maps() {
    let maps = |width| [2, width, 9, 9];
    of!(maps;
        BatchNormConfig::new(WIDTH),
        CbamConfig::new(WIDTH).with_reduction(2),
        ConvNextBlockConfig::new(WIDTH),
        ConvNormActConfig::square([WIDTH, 4], 3),
        ConvNormActConfig::square([WIDTH, 4], 1),
        ConvNormActConfig::square([WIDTH, WIDTH], 3).with_groups(WIDTH),
        ConvNormActConfig::square([WIDTH, 4], 3).with_groups(2),
        DenseLayerConfig::new(WIDTH, 4),
        FireConfig::new(WIDTH, 2, 3, 4),
        InvertedResidualConfig::new([WIDTH, WIDTH]),
        InvertedResidualConfig::new([WIDTH, WIDTH]).with_expansion(1),
        LayerNorm2dConfig::new(WIDTH),
        LayerScaleConfig::new(WIDTH),
        MbConvConfig::new([WIDTH, WIDTH], 16).with_squeeze(Some(2)),
        MbConvConfig::new([WIDTH, WIDTH], WIDTH),
        PatchEmbedConfig::new(4).with_channels(WIDTH).with_patch_size(3),
        SqueezeExciteConfig::new(WIDTH).with_reduction(2),
    );
}

#[test]
fn of_inception_blocks() {
    let maps = |width| [2, width, 9, 9];
    of!(maps;
        InceptionAConfig::new(WIDTH, 4),
        InceptionBConfig::new(WIDTH),
        InceptionCConfig::new(WIDTH, 4),
        InceptionDConfig::new(WIDTH),
        InceptionEConfig::new(WIDTH),
    );
}

#[test]
fn of_vectors_that_lie_last() {
    of!(|width| [2, 3, width]; MlpConfig::new(WIDTH, 4));
    of!(|width| [2, 4, 4, width];
        PatchMergingConfig::new(WIDTH),
        WindowAttentionConfig::new(WIDTH, 2).with_window_size(2),
    );
}

#[test]
fn of_queries_and_memories() {
    takes_its_width_only(
        |width| [2, width],
        |device| {
            let layer = AdditiveAttentionConfig::new(WIDTH, 6, 4).init(device);
            let memory = layer.project(Tensor::ones([2, 5, 6], device), None);
            Box::new(move |query| layer.forward(query, &memory).0)
        },
    );
    takes_its_width_only(
        |width| [2, width],
        |device| {
            let layer = DotAttentionConfig::new(WIDTH, 6, 4).init(device);
            let memory = layer.project(Tensor::ones([2, 5, 6], device), None);
            Box::new(move |query| layer.forward(query, &memory).0)
        },
    );
}

/// A token outside the table is no row of it.
#[test]
fn of_tables() {
    use nn_core::EmbeddingConfig;
    for device in [Device::default(), Device::default().autodiff()] {
        let table = EmbeddingConfig::new(4, 3).init(&device);
        let token = Tensor::<1, Int>::from_ints([4], &device);
        let found = catch_unwind(AssertUnwindSafe(|| table.forward_token(token)));
        assert!(found.is_err());
    }
}
