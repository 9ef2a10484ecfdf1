//! Laws of the blocks that encoders are built of.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use nn_core::{
    ConvNextBlockConfig, DenseLayerConfig, DropPathConfig, LayerNorm2dConfig, LayerScaleConfig,
    PatchEmbedConfig,
};

use crate::wave::{assert_close, values, wave, waved};

#[test]
fn layer_norm_centres_the_channels_of_every_place() {
    let device = Device::default();
    let norm = LayerNorm2dConfig::new(6).init(&device);
    let input = wave([2, 6, 3, 4], 0.5, &device) * 5.0 + 3.0;
    let output = norm.forward(input);
    let mean = output.clone().mean_dim(1); // [2, 1, 3, 4]
    assert_close(&mean, &mean.zeros_like());
    let variance = output.powi_scalar(2).mean_dim(1);
    assert_close(&variance, &variance.ones_like());
}

#[test]
fn layer_norm_does_not_see_the_scale_of_a_place() {
    let device = Device::default();
    let norm = waved(LayerNorm2dConfig::new(6).init(&device));
    let input = wave([2, 6, 3, 4], 0.5, &device);
    let scaled = input.clone() * 7.0;
    let difference = (norm.forward(input) - norm.forward(scaled)).abs();
    assert!(difference.max().into_scalar::<f32>() < 1e-3);
}

#[test]
fn layer_scale_is_one_factor_a_channel() {
    let device = Device::default();
    let scale = LayerScaleConfig::new(3).with_initial(0.5).init(&device);
    let input = wave([2, 3, 2, 2], 0.5, &device);
    assert_close(&scale.forward(input.clone()), &(input.clone() * 0.5));
    let scale = waved(scale);
    let factors = scale.weight.val().reshape([1, 3, 1, 1]);
    assert_close(&scale.forward(input.clone()), &(input * factors));
}

#[test]
fn a_dropped_path_is_cleared_as_a_whole_and_the_others_grow() {
    let device = Device::default().autodiff();
    let drop_path = DropPathConfig::new(0.75).init();
    let input = Tensor::<3>::ones([400, 2, 3], &device);
    let output = values(&drop_path.forward(input));
    let mut n_kept = 0;
    for image in output.chunks(6) {
        let kept = image[0] > 0.0;
        let expected = if kept { 4.0 } else { 0.0 };
        assert!(image.iter().all(|value| *value == expected), "{image:?}");
        n_kept += usize::from(kept);
    }
    // 100 on average; the limits lie more than six standard deviations out.
    assert!((45..=155).contains(&n_kept), "{n_kept} of 400 are left");
}

#[test]
fn paths_are_dropped_in_training_only() {
    let trained = Device::default().autodiff();
    let input = wave::<2>([64, 3], 0.5, &trained);
    let drop_path = DropPathConfig::new(0.5).init();
    assert_ne!(values(&drop_path.forward(input.clone())), values(&input));
    let never = DropPathConfig::new(0.0).init();
    assert_eq!(values(&never.forward(input.clone())), values(&input));
    let used = input.clone().inner();
    assert_eq!(values(&drop_path.forward(used.clone())), values(&used));
    let frozen = drop_path.freeze();
    assert_eq!(values(&frozen.forward(input.clone())), values(&input));
}

#[test]
fn a_convnext_block_whose_scale_is_small_is_its_shortcut() {
    let device = Device::default();
    let block = ConvNextBlockConfig::new(4).init(&device);
    let input = wave([2, 4, 5, 6], 0.5, &device);
    assert_close(&block.forward(input.clone()), &input);
}

#[test]
fn patches_are_embedded_alone_row_by_row() {
    let device = Device::default();
    let embed = PatchEmbedConfig::new(5).with_patch_size(4).init(&device);
    let embed = waved(embed);
    let images = wave([2, 3, 8, 12], 0.5, &device);
    let tokens = embed.forward(images.clone());
    assert_eq!(tokens.dims(), [2, 6, 5]);
    for (token_idx, [row, column]) in [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]
        .into_iter()
        .enumerate()
    {
        let patch = images
            .clone()
            .narrow(2, 4 * row, 4)
            .narrow(3, 4 * column, 4);
        let expected = tokens.clone().narrow(1, token_idx, 1);
        assert_close(&embed.forward(patch), &expected);
    }
}

#[test]
fn a_dense_layer_adds_its_growth() {
    let device = Device::default();
    let layer = DenseLayerConfig::new(6, 4).init(&device);
    let features = wave([2, 6, 5, 3], 0.5, &device);
    assert_eq!(layer.forward(features).dims(), [2, 4, 5, 3]);
}
