//! A batch of n is n batches of 1.

use burn::tensor::{Device, Int, Tensor};
use nn_core::{
    AdaptiveMaxPool1dConfig, AdaptiveMaxPool2dConfig, AdaptiveMaxPool3dConfig,
    AdditiveAttentionConfig, BatchNormConfig, CbamConfig, ConvNextBlockConfig, ConvNormActConfig,
    DenseLayerConfig, DotAttentionConfig, EcaConfig, EmbeddingConfig, FireConfig, GruCellConfig,
    GruConfig, InceptionAConfig, InceptionBConfig, InceptionCConfig, InceptionDConfig,
    InceptionEConfig, InvertedResidualConfig, LayerNorm2dConfig, LayerScaleConfig, LstmCellConfig,
    LstmConfig, Mask, MbConvConfig, MlpConfig, MultiheadAttentionConfig, MultiheadAttentionInput,
    PatchEmbedConfig, PatchMergingConfig, RnnCellConfig, RnnConfig, SqueezeExciteConfig,
    TransformerDecoderConfig, TransformerDecoderInput, TransformerDecoderLayerConfig,
    TransformerEncoderConfig, TransformerEncoderInput, TransformerEncoderLayerConfig,
    WindowAttentionConfig,
};

use crate::wave::{assert_close, wave, waved};

/// `forward` of the whole batch equals `forward` of each element.
#[track_caller]
fn check<const D: usize, const O: usize>(
    input: &Tensor<D>,
    forward: impl Fn(Tensor<D>) -> Tensor<O>,
) {
    let single = input.clone().split(1, 0).into_iter().map(&forward);
    let expected = Tensor::cat(single.collect(), 0);
    assert_close(&forward(input.clone()), &expected);
}

#[test]
fn recurrent_layers_keep_sequences_apart() {
    let device = Device::default();
    let input = wave([3, 4, 5], 0.5, &device);
    let lstm = waved(LstmConfig::new(5, 6).with_num_layers(2).init(&device));
    check(&input, |input| lstm.forward(input, None).0);
    let gru = waved(GruConfig::new(5, 6).with_bidirectional(true).init(&device));
    check(&input, |input| gru.forward(input, None).0);
    let rnn = waved(RnnConfig::new(5, 6).init(&device));
    check(&input, |input| rnn.forward(input, None).0);
}

#[test]
fn cells_keep_sequences_apart() {
    let device = Device::default();
    let input = wave([3, 5], 0.5, &device);
    let lstm = waved(LstmCellConfig::new(5, 6).init(&device));
    check(&input, |input| lstm.forward(input, None).cell);
    let gru = waved(GruCellConfig::new(5, 6).init(&device));
    check(&input, |input| gru.forward(input, None));
    let rnn = waved(RnnCellConfig::new(5, 6).init(&device));
    check(&input, |input| rnn.forward(input, None));
}

#[test]
fn attention_keeps_images_apart() {
    let device = Device::default();
    let input = wave([3, 4, 8], 0.5, &device);
    let attention = waved(MultiheadAttentionConfig::new(8, 2).init(&device));
    check(&input, |input| {
        attention.forward(MultiheadAttentionInput::self_attn(input))
    });
    let additive = waved(AdditiveAttentionConfig::new(8, 8, 5).init(&device));
    check(&input, |input| {
        let query = input.clone().narrow(1, 0, 1).squeeze_dim(1);
        additive.forward(query, &additive.project(input, None)).0
    });
    let dot = waved(DotAttentionConfig::new(8, 8, 5).init(&device));
    check(&input, |input| {
        let query = input.clone().narrow(1, 0, 1).squeeze_dim(1);
        dot.forward(query, &dot.project(input, None)).0
    });
}

#[test]
fn pools_keep_images_apart() {
    let device = Device::default();
    let pool = AdaptiveMaxPool1dConfig::new([4]).init();
    check(&wave([3, 2, 7], 0.5, &device), |input| pool.forward(input));
    let pool = AdaptiveMaxPool3dConfig::new([2, 4, 3]).init();
    let volumes = wave([3, 2, 4, 7, 5], 0.5, &device);
    check(&volumes, |input| pool.forward(input));
}

#[test]
fn blocks_keep_images_apart() {
    let device = Device::default();
    let input = wave([3, 8, 7, 5], 0.5, &device);
    let eca = waved(EcaConfig::new(8).init(&device));
    check(&input, |input| eca.forward(input));
    let block = ConvNormActConfig::square([8, 6], 3).init(&device);
    check(&input, |input| block.forward(input));
    let block = waved(FireConfig::new(8, 2, 3, 5).init(&device));
    check(&input, |input| block.forward(input));
    let block = InvertedResidualConfig::new([8, 8]).init(&device);
    check(&input, |input| block.forward(input));
    let block = MbConvConfig::new([8, 8], 16).with_squeeze(Some(2));
    let block = block.init(&device);
    check(&input, |input| block.forward(input));
    let block = InceptionAConfig::new(8, 5).init(&device);
    check(&input, |input| block.forward(input));
    let block = InceptionBConfig::new(8).init(&device);
    check(&input, |input| block.forward(input));
    let block = InceptionCConfig::new(8, 6).init(&device);
    check(&input, |input| block.forward(input));
    let block = InceptionDConfig::new(8).init(&device);
    check(&input, |input| block.forward(input));
    let block = InceptionEConfig::new(8).init(&device);
    check(&input, |input| block.forward(input));
    let places = wave([3, 7, 5, 8], 0.5, &device);
    let mlp = waved(MlpConfig::new(8, 6).init(&device));
    check(&places, |input| mlp.forward(input));
}

#[test]
fn layers_of_maps_keep_images_apart() {
    let device = Device::default();
    let input = wave([3, 8, 7, 5], 0.5, &device);
    let pool = AdaptiveMaxPool2dConfig::new([4, 3]).init();
    check(&input, |input| pool.forward(input));
    let excite = waved(SqueezeExciteConfig::new(8).with_reduction(2).init(&device));
    check(&input, |input| excite.forward(input));
    let cbam = waved(CbamConfig::new(8).with_reduction(2).init(&device));
    check(&input, |input| cbam.forward(input));
    let norm = BatchNormConfig::new(8).init(&device);
    check(&input, |input| norm.forward(input));
    let norm = waved(LayerNorm2dConfig::new(8).init(&device));
    check(&input, |input| norm.forward(input));
    let scale = waved(LayerScaleConfig::new(8).init(&device));
    check(&input, |input| scale.forward(input));
    let block = waved(ConvNextBlockConfig::new(8).init(&device));
    check(&input, |input| block.forward(input));
    let layer = DenseLayerConfig::new(8, 4).init(&device);
    check(&input, |input| layer.forward(input));
    let embed = PatchEmbedConfig::new(6).with_channels(8).with_patch_size(2);
    let embed = waved(embed.init(&device));
    check(&input, |input| embed.forward(input));
    let merging = waved(PatchMergingConfig::new(5).init(&device));
    check(&input, |input| merging.forward(input));
    let attention = WindowAttentionConfig::new(5, 5).with_window_size(3);
    let attention = waved(attention.with_shifted(true).init(&device));
    check(&input, |input| attention.forward(input));
}

#[test]
fn transformers_keep_sequences_apart() {
    let device = Device::default();
    let input = wave([3, 4, 8], 0.5, &device);
    let layer = TransformerEncoderLayerConfig::new(8, 2).with_d_feedforward(16);
    let encoder = waved(TransformerEncoderConfig::new(layer, 2).init(&device));
    check(&input, |input| {
        encoder.forward(TransformerEncoderInput::new(input))
    });
    let layer = TransformerDecoderLayerConfig::new(8, 2).with_d_feedforward(16);
    let decoder = waved(TransformerDecoderConfig::new(layer, 2).init(&device));
    check(&input, |input| {
        let read = TransformerDecoderInput::new(input.clone(), input)
            .with_target_mask(Mask::causal(4, &device));
        decoder.forward(read)
    });
}

#[test]
fn one_token_of_each_sequence_is_looked_up_as_in_the_sequence() {
    let device = Device::default();
    let embedding = waved(EmbeddingConfig::new(9, 4).init(&device));
    let tokens = Tensor::<2, Int>::from_ints([[1, 2, 8], [0, 5, 5]], &device);
    let whole = embedding.forward(tokens.clone());
    for t in 0..3 {
        let token = tokens.clone().narrow(1, t, 1).squeeze_dim(1);
        let expected = whole.clone().narrow(1, t, 1).squeeze_dim(1);
        assert_close(&embedding.forward_token(token), &expected);
    }
}
