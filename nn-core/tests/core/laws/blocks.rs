//! Laws of the blocks that encoders are built of.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use nn_core::{
    ConvNextBlockConfig, DenseLayerConfig, DropPathConfig, LayerNorm2dConfig, LayerScaleConfig,
    MlpConfig, PatchEmbedConfig, PatchMergingConfig, WindowAttentionConfig,
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
        assert_eq!(image, [expected; 6]);
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

#[test]
fn an_mlp_maps_every_place_alone() {
    let device = Device::default();
    let mlp = waved(MlpConfig::new(6, 10).init(&device));
    let input = wave([2, 3, 4, 6], 0.5, &device);
    let rows = input.clone().reshape([24, 6]);
    assert_close(
        &mlp.forward(input),
        &mlp.forward(rows).reshape([2, 3, 4, 6]),
    );
}

#[test]
fn merging_fills_odd_maps_with_zeros() {
    let device = Device::default();
    let merging = waved(PatchMergingConfig::new(3).init(&device));
    let input = wave([2, 5, 3, 3], 0.5, &device);
    let row = Tensor::<4>::zeros([2, 1, 3, 3], &device);
    let filled = Tensor::cat(vec![input.clone(), row], 1);
    let column = Tensor::<4>::zeros([2, 6, 1, 3], &device);
    let filled = Tensor::cat(vec![filled, column], 2);
    let merged = merging.forward(input);
    assert_eq!(merged.dims(), [2, 3, 2, 6]);
    assert_close(&merged, &merging.forward(filled));
}

#[test]
fn merging_joins_four_neighbours() {
    let device = Device::default();
    let merging = waved(PatchMergingConfig::new(3).init(&device));
    let input = wave([1, 4, 6, 3], 0.5, &device);
    let square = input.clone().narrow(1, 2, 2).narrow(2, 4, 2);
    let expected = merging.forward(input).narrow(1, 1, 1).narrow(2, 2, 1);
    assert_close(&merging.forward(square), &expected);
}

/// Where the output of attention over a 6 x 6 map in windows of 3 changes when the place in the
/// upper left corner does.
fn seen_from_the_corner(shifted: bool) -> Vec<[usize; 2]> {
    let device = Device::default();
    let config = WindowAttentionConfig::new(4, 2).with_window_size(3);
    let attention = waved(config.with_shifted(shifted).init(&device));
    let input = wave([1, 6, 6, 4], 0.5, &device);
    let corner = Tensor::<4>::ones([1, 1, 1, 4], &device);
    let changed = input.clone().slice_assign([0..1, 0..1, 0..1, 0..4], corner);
    let difference = attention.forward(changed) - attention.forward(input);
    let difference = values(&difference.abs().sum_dim(3));
    let places = (0..6).flat_map(|row| (0..6).map(move |column| [row, column]));
    let changed = places.zip(difference).filter(|(_, size)| *size > 1e-6);
    changed.map(|(place, _)| place).collect()
}

#[test]
fn attention_stays_inside_its_window() {
    let window = (0..3).flat_map(|row| (0..3).map(move |column| [row, column]));
    assert_eq!(seen_from_the_corner(false), window.collect::<Vec<_>>());
}

#[test]
fn shifted_windows_do_not_reach_around_the_map() {
    // The shift is 1: the first row and column are cut off, and lie in windows with the last ones.
    assert_eq!(seen_from_the_corner(true), [[0, 0]]);
}

#[test]
fn a_single_window_is_not_shifted() {
    let device = Device::default();
    let config = WindowAttentionConfig::new(4, 2).with_window_size(3);
    let plain = waved(config.init(&device));
    let shifted = waved(config.with_shifted(true).init(&device));
    let input = wave([2, 3, 2, 4], 0.5, &device);
    assert_close(&shifted.forward(input.clone()), &plain.forward(input));
}

#[test]
fn a_wide_map_is_shifted_across_only() {
    let device = Device::default();
    let config = WindowAttentionConfig::new(4, 2).with_window_size(3);
    let shifted = waved(config.clone().with_shifted(true).init(&device));
    let plain = waved(config.init(&device));
    let input = wave([2, 3, 9, 4], 0.5, &device);
    // Columns 1 to 6 are two whole windows of the shifted cut.
    let inner = plain.forward(input.clone().narrow(2, 1, 6));
    assert_close(&shifted.forward(input).narrow(2, 1, 6), &inner);
}
