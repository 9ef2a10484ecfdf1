//! Laws of the blocks of mobile and inception networks.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor};
use nn_core::{
    FireConfig, InceptionAConfig, InceptionBConfig, InceptionCConfig, InceptionDConfig,
    InceptionEConfig, InvertedResidualConfig, MbConvConfig,
};

use crate::wave::{assert_close, wave, waved_but_norms};

struct Zeros;

impl ModuleMapper for Zeros {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| tensor.zeros_like())
    }
}

/// A map of 3 images goes to a map of this shape, and each image alone to its part of it.
#[track_caller]
fn check(size: [usize; 2], shape: [usize; 3], forward: impl Fn(Tensor<4>) -> Tensor<4>) {
    let input = wave([3, 4, size[0], size[1]], 0.5, &Device::default());
    let single = input.clone().split(1, 0).into_iter().map(&forward);
    let expected = Tensor::cat(single.collect(), 0);
    assert_eq!(expected.dims(), [3, shape[0], shape[1], shape[2]]);
    assert_close(&forward(input), &expected);
}

#[test]
fn mobile_blocks_keep_images_apart() {
    let device = Device::default();
    let block = waved_but_norms(InvertedResidualConfig::new([4, 4]).init(&device));
    check([5, 4], [4, 5, 4], |input| block.forward(input));
    let block = InvertedResidualConfig::new([4, 6])
        .with_expansion(1)
        .with_stride(2);
    let block = waved_but_norms(block.init(&device));
    check([5, 4], [6, 3, 2], |input| block.forward(input));
    let block = MbConvConfig::new([4, 6], 8)
        .with_kernel_size(5)
        .with_stride(2)
        .with_squeeze(Some(2));
    let block = waved_but_norms(block.init(&device));
    check([5, 4], [6, 3, 2], |input| block.forward(input));
    let fire = waved_but_norms(FireConfig::new(4, 2, 3, 5).init(&device));
    check([5, 4], [8, 5, 4], |input| fire.forward(input));
}

#[test]
fn inception_blocks_keep_images_apart() {
    let device = Device::default();
    let block = InceptionAConfig::new(4, 6).init(&device);
    check([5, 4], [230, 5, 4], |input| block.forward(input));
    let block = InceptionBConfig::new(4).init(&device);
    check([7, 4], [484, 3, 1], |input| block.forward(input));
    let block = InceptionCConfig::new(4, 6).init(&device);
    check([5, 4], [768, 5, 4], |input| block.forward(input));
    let block = InceptionDConfig::new(4).init(&device);
    check([7, 4], [516, 3, 1], |input| block.forward(input));
    let block = InceptionEConfig::new(4).init(&device);
    check([5, 4], [2048, 5, 4], |input| block.forward(input));
}

#[test]
fn a_residual_block_with_zeroed_weights_is_the_identity() {
    let device = Device::default();
    let input = wave([2, 4, 5, 3], 0.5, &device);
    let block = InvertedResidualConfig::new([4, 4]).init(&device);
    assert_close(&block.map(&mut Zeros).forward(input.clone()), &input);
    let block = MbConvConfig::new([4, 4], 8)
        .with_squeeze(Some(2))
        .init(&device);
    assert_close(&block.map(&mut Zeros).forward(input.clone()), &input);
}

#[test]
fn a_block_that_changes_the_shape_adds_no_input() {
    let device = Device::default();
    let input = wave([2, 4, 5, 3], 0.5, &device);
    let block = InvertedResidualConfig::new([4, 6]).init(&device);
    let output = block.map(&mut Zeros).forward(input.clone());
    assert_close(&output, &Tensor::zeros([2, 6, 5, 3], &device));
    let block = MbConvConfig::new([4, 4], 8).with_stride(2).init(&device);
    let output = block.map(&mut Zeros).forward(input);
    assert_close(&output, &Tensor::zeros([2, 4, 3, 2], &device));
}
