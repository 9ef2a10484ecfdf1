//! Every parameter gets a gradient.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Int, Tensor};
use nn_core::{
    Activation, AdditiveAttentionConfig, BatchNormConfig, CbamConfig, ConvNextBlockConfig,
    ConvNormActConfig, DenseLayerConfig, DotAttentionConfig, EcaConfig, EmbeddingConfig,
    FireConfig, GruCellConfig, GruConfig, InceptionAConfig, InceptionBConfig, InceptionCConfig,
    InceptionDConfig, InceptionEConfig, InvertedResidualConfig, LayerNorm2dConfig,
    LayerScaleConfig, LearnedPositionConfig, LstmCellConfig, LstmConfig, MbConvConfig, MlpConfig,
    MultiheadAttentionConfig, MultiheadAttentionInput, PatchEmbedConfig, PatchMergingConfig,
    RnnCellConfig, RnnConfig, SqueezeExciteConfig, TransformerDecoderConfig,
    TransformerDecoderInput, TransformerDecoderLayerConfig, TransformerEncoderConfig,
    TransformerEncoderInput, TransformerEncoderLayerConfig, WindowAttentionConfig,
};

use crate::wave::{assert_close, wave, waved};

struct Count<'a> {
    gradients: &'a Gradients,
    n_trainable: usize,
}

impl ModuleVisitor for Count<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !param.is_require_grad() {
            return;
        }
        self.n_trainable += 1;
        let gradient = param.val().grad(self.gradients);
        let gradient = gradient.expect("every parameter has a gradient");
        let size: f32 = gradient.abs().sum().into_scalar();
        assert!(size > 0.0, "a gradient of shape {:?} is 0", param.dims());
    }
}

/// Sums the squares of `forward`'s output; counts the parameters with a gradient.
pub(super) fn n_trained<M: Module, const D: usize>(
    module: M,
    forward: impl FnOnce(&M) -> Tensor<D>,
) -> usize {
    n_trained_as_drawn(&waved(module), forward)
}

/// The same with initial values, for modules of more parameters than a wave has.
fn n_trained_as_drawn<M: Module, const D: usize>(
    module: &M,
    forward: impl FnOnce(&M) -> Tensor<D>,
) -> usize {
    let gradients = forward(module).powi_scalar(2).sum().backward();
    let mut count = Count {
        gradients: &gradients,
        n_trainable: 0,
    };
    module.visit(&mut count);
    count.n_trainable
}

#[test]
fn of_recurrent_layers() {
    let device = Device::default().autodiff();
    let input = || wave([2, 3, 5], 0.5, &device);
    let lstm = LstmConfig::new(5, 4)
        .with_num_layers(2)
        .with_bidirectional(true);
    let gru = GruConfig::new(5, 4).with_num_layers(2).with_bias(false);
    assert_eq!(
        n_trained(lstm.init(&device), |lstm| lstm.forward(input(), None).0),
        16
    );
    assert_eq!(
        n_trained(gru.init(&device), |gru| gru.forward(input(), None).0),
        4
    );
    let rnn = RnnConfig::new(5, 4).init(&device);
    assert_eq!(n_trained(rnn, |rnn| rnn.forward(input(), None).0), 4);
    let state = Some(wave([2, 4], 1.5, &device));
    let input = wave([2, 5], 0.5, &device);
    let cell = GruCellConfig::new(5, 4).init(&device);
    assert_eq!(
        n_trained(cell, |cell| cell.forward(input.clone(), state)),
        4
    );
    let cell = RnnCellConfig::new(5, 4).init(&device);
    let state = Some(wave([2, 4], 1.5, &device));
    assert_eq!(
        n_trained(cell, |cell| cell.forward(input.clone(), state)),
        4
    );
    let cell = LstmCellConfig::new(5, 4).with_bias(false).init(&device);
    let first = |cell: &nn_core::LstmCell| cell.forward(input.clone(), None);
    assert_eq!(
        n_trained(cell, |cell| cell
            .forward(input.clone(), Some(first(cell)))
            .cell),
        2
    );
}

#[test]
fn of_attention() {
    let device = Device::default().autodiff();
    let input = || wave([2, 4, 8], 0.5, &device);
    let attention = MultiheadAttentionConfig::new(8, 2).init(&device);
    let read = MultiheadAttentionInput::self_attn(input());
    assert_eq!(n_trained(attention, |layer| layer.forward(read)), 4);
    let query = || wave([2, 6], 1.5, &device);
    let additive = AdditiveAttentionConfig::new(6, 8, 5).init(&device);
    let look = |layer: &nn_core::AdditiveAttention| {
        layer.forward(query(), &layer.project(input(), None)).0
    };
    assert_eq!(n_trained(additive, look), 3);
    let dot = DotAttentionConfig::new(6, 8, 5).init(&device);
    let look =
        |layer: &nn_core::DotAttention| layer.forward(query(), &layer.project(input(), None)).0;
    assert_eq!(n_trained(dot, look), 2);
    let position = LearnedPositionConfig::new(4, 8).init(&device);
    assert_eq!(n_trained(position, |layer| layer.forward(input(), 0)), 1);
}

#[test]
fn of_layers_of_maps() {
    let device = Device::default().autodiff();
    let input = || wave([2, 8, 3, 5], 0.5, &device);
    let excite = SqueezeExciteConfig::new(8).with_reduction(2).init(&device);
    assert_eq!(n_trained(excite, |layer| layer.forward(input())), 4);
    let eca = EcaConfig::new(8).init(&device);
    assert_eq!(n_trained(eca, |layer| layer.forward(input())), 1);
    let cbam = CbamConfig::new(8).with_reduction(2).init(&device);
    assert_eq!(n_trained(cbam, |layer| layer.forward(input())), 3);
    let norm = BatchNormConfig::new(8).init(&device);
    assert_eq!(n_trained(norm, |layer| layer.forward(input())), 2);
    let norm = LayerNorm2dConfig::new(8).init(&device);
    assert_eq!(n_trained(norm, |layer| layer.forward(input())), 2);
    let scale = LayerScaleConfig::new(8).init(&device);
    assert_eq!(n_trained(scale, |layer| layer.forward(input())), 1);
    let block = ConvNextBlockConfig::new(8).init(&device);
    assert_eq!(n_trained(block, |layer| layer.forward(input())), 9);
    let layer = DenseLayerConfig::new(8, 4).init(&device);
    assert_eq!(n_trained(layer, |layer| layer.forward(input())), 6);
    let embed = PatchEmbedConfig::new(6).with_channels(8).with_patch_size(2);
    assert_eq!(
        n_trained(embed.init(&device), |layer| layer.forward(input())),
        2
    );
}

#[test]
fn of_layers_of_maps_whose_channels_lie_last() {
    let device = Device::default().autodiff();
    let input = || wave([2, 3, 5, 8], 0.5, &device);
    let mlp = MlpConfig::new(8, 6).init(&device);
    assert_eq!(n_trained(mlp, |layer| layer.forward(input())), 4);
    let merging = PatchMergingConfig::new(8).init(&device);
    assert_eq!(n_trained(merging, |layer| layer.forward(input())), 3);
    let attention = WindowAttentionConfig::new(8, 2).with_window_size(3);
    let attention = attention.with_shifted(true).init(&device);
    assert_eq!(n_trained(attention, |layer| layer.forward(input())), 5);
}

#[test]
fn of_mobile_blocks() {
    let device = Device::default().autodiff();
    let input = || wave([2, 4, 5, 3], 0.5, &device);
    let block = InvertedResidualConfig::new([4, 4]).init(&device);
    assert_eq!(n_trained(block, |block| block.forward(input())), 9);
    let block = InvertedResidualConfig::new([4, 6])
        .with_expansion(1)
        .with_stride(2)
        .init(&device);
    assert_eq!(n_trained(block, |block| block.forward(input())), 6);
    let block = MbConvConfig::new([4, 4], 8)
        .with_squeeze(Some(3))
        .init(&device);
    assert_eq!(n_trained(block, |block| block.forward(input())), 13);
    let block = ConvNormActConfig::square([4, 6], 3).init(&device);
    assert_eq!(n_trained(block, |block| block.forward(input())), 3);
    let fire = FireConfig::new(4, 2, 3, 5).init(&device);
    assert_eq!(n_trained(fire, |fire| fire.forward(input())), 6);
}

#[test]
fn of_inception_blocks() {
    let device = Device::default().autodiff();
    let input = || wave([2, 4, 5, 3], 0.5, &device);
    let block = InceptionAConfig::new(4, 5).init(&device);
    assert_eq!(
        n_trained_as_drawn(&block, |block| block.forward(input())),
        21
    );
    let block = InceptionBConfig::new(4).init(&device);
    assert_eq!(
        n_trained_as_drawn(&block, |block| block.forward(input())),
        12
    );
    let block = InceptionCConfig::new(4, 6).init(&device);
    assert_eq!(
        n_trained_as_drawn(&block, |block| block.forward(input())),
        30
    );
    let block = InceptionDConfig::new(4).init(&device);
    assert_eq!(
        n_trained_as_drawn(&block, |block| block.forward(input())),
        18
    );
    let block = InceptionEConfig::new(4).init(&device);
    assert_eq!(
        n_trained_as_drawn(&block, |block| block.forward(input())),
        27
    );
}

#[test]
fn relu6_has_none_at_its_corners() {
    let device = Device::default().autodiff();
    let input = Tensor::<1>::from_data([-1.0, 0.0, 3.0, 6.0, 7.0], &device).require_grad();
    let output = Activation::Relu6.forward(input.clone());
    assert_close(
        &output,
        &Tensor::from_data([0.0, 0.0, 3.0, 6.0, 6.0], &device),
    );
    let gradient = input.grad(&output.sum().backward()).unwrap();
    let expected = Tensor::from_data([0.0, 0.0, 1.0, 0.0, 0.0], &gradient.device());
    assert_close(&gradient, &expected);
}

#[test]
fn of_embeddings() {
    let device = Device::default().autodiff();
    let tokens = Tensor::<2, Int>::from_ints([[1, 0]], &device);
    let embedding = EmbeddingConfig::new(4, 2).init(&device);
    assert_eq!(n_trained(embedding, |layer| layer.forward(tokens)), 1);
}

#[test]
fn of_transformers() {
    let device = Device::default().autodiff();
    let input = || wave([2, 3, 8], 0.5, &device);
    let layer = TransformerEncoderLayerConfig::new(8, 2)
        .with_d_feedforward(16)
        .with_dropout(0.0);
    let encoder = TransformerEncoderConfig::new(layer, 2).init(&device);
    let read = TransformerEncoderInput::new(input());
    assert_eq!(n_trained(encoder, |encoder| encoder.forward(read)), 24);
    let layer = TransformerDecoderLayerConfig::new(8, 2)
        .with_d_feedforward(16)
        .with_dropout(0.0)
        .with_norm_first(true);
    let decoder = TransformerDecoderConfig::new(layer, 2)
        .with_norm(true)
        .init(&device);
    let read = TransformerDecoderInput::new(input(), wave([2, 4, 8], 1.5, &device));
    assert_eq!(n_trained(decoder, |decoder| decoder.forward(read)), 38);
}
