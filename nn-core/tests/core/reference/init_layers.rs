//! Initial values of every layer: PyTorch's distributions.

use burn::module::Module;
use burn::tensor::Device;
use nn_core::decoder::{
    ImageInput, PositionKind, RecurrentCaptionDecoderConfig, RecurrentKind, RegionAttention,
    TransformerCaptionDecoderConfig,
};
use nn_core::{
    Activation, AdditiveAttentionConfig, BatchNormConfig, CbamConfig, ConvNextBlockConfig,
    ConvNormActConfig, DenseLayerConfig, DotAttentionConfig, EcaConfig, EmbeddingConfig,
    FireConfig, GruCellConfig, GruConfig, InceptionAConfig, InceptionBConfig, InceptionCConfig,
    InceptionDConfig, InceptionEConfig, InvertedResidualConfig, LayerNorm2dConfig,
    LayerScaleConfig, LearnedPositionConfig, LstmCellConfig, LstmConfig, MbConvConfig, MlpConfig,
    MultiheadAttentionConfig, PatchEmbedConfig, PatchMergingConfig, RnnCellConfig, RnnConfig,
    SqueezeExciteConfig, TransformerDecoderConfig, TransformerDecoderLayerConfig,
    TransformerEncoderConfig, TransformerEncoderLayerConfig, WindowAttentionConfig,
};

use super::spread::{self, Place, Rule, Spread, fan_in, fan_out, parameter};

/// Of PyTorch's layers, by their `reset_parameters`, and of torchvision's, by their `__init__`.
/// What a layer does to those in it comes before what they do themselves.
pub(super) const LAYERS: &[Rule] = &[
    ("MultiheadAttention", "in_proj_weight", xavier_uniform),
    ("MultiheadAttention", "in_proj_bias", zeros),
    ("MultiheadAttention", "out_proj.bias", zeros),
    ("ConvNextBlock", "depthwise.weight", normal_0_02),
    ("ConvNextBlock", "depthwise.bias", zeros),
    ("ConvNextBlock", "expand.weight", normal_0_02),
    ("ConvNextBlock", "expand.bias", zeros),
    ("ConvNextBlock", "project.weight", normal_0_02),
    ("ConvNextBlock", "project.bias", zeros),
    ("LayerScale", "weight", |_| Spread::Constant(1e-6)),
    ("DenseLayer", "conv1.weight", kaiming_normal),
    ("DenseLayer", "conv2.weight", kaiming_normal),
    ("Mlp", "linear1.weight", xavier_uniform),
    ("Mlp", "linear1.bias", |_| Spread::Normal(1e-6)),
    ("Mlp", "linear2.weight", xavier_uniform),
    ("Mlp", "linear2.bias", |_| Spread::Normal(1e-6)),
    ("PatchEmbed", "proj.weight", |place| {
        Spread::Normal(fan_in(place.shape()).sqrt().recip())
    }),
    ("PatchEmbed", "proj.bias", zeros),
    (
        "WindowAttention",
        "relative_position_bias_table",
        normal_0_02,
    ),
    ("Linear", "weight", by_inputs),
    ("Linear", "bias", by_inputs),
    ("Conv1d", "weight", by_inputs),
    ("Conv1d", "bias", by_inputs),
    ("Conv2d", "weight", by_inputs),
    ("Conv2d", "bias", by_inputs),
    ("LstmCell", "weight_ih", by_hidden_size),
    ("LstmCell", "weight_hh", by_hidden_size),
    ("LstmCell", "bias_ih", by_hidden_size),
    ("LstmCell", "bias_hh", by_hidden_size),
    ("GruCell", "weight_ih", by_hidden_size),
    ("GruCell", "weight_hh", by_hidden_size),
    ("GruCell", "bias_ih", by_hidden_size),
    ("GruCell", "bias_hh", by_hidden_size),
    ("RnnCell", "weight_ih", by_hidden_size),
    ("RnnCell", "weight_hh", by_hidden_size),
    ("RnnCell", "bias_ih", by_hidden_size),
    ("RnnCell", "bias_hh", by_hidden_size),
    ("Embedding", "weight", |_| Spread::Normal(1.0)),
    ("LearnedPosition", "weight", |_| Spread::Normal(1.0)),
    ("LayerNorm", "gamma", ones),
    ("LayerNorm", "beta", zeros),
    ("BatchNorm", "weight", ones),
    ("BatchNorm", "bias", zeros),
    ("BatchNorm", "running_mean", zeros),
    ("BatchNorm", "running_var", ones),
];

pub(super) fn zeros(_: &Place<'_>) -> Spread {
    Spread::Constant(0.0)
}

fn ones(_: &Place<'_>) -> Spread {
    Spread::Constant(1.0)
}

pub(super) fn normal_0_02(_: &Place<'_>) -> Spread {
    Spread::Normal(0.02)
}

/// `kaiming_uniform_(a=sqrt(5))` of the weight, and the bias like it.
fn by_inputs(place: &Place<'_>) -> Spread {
    Spread::Uniform(fan_in(place.shape_of("weight")).sqrt().recip())
}

fn by_hidden_size(place: &Place<'_>) -> Spread {
    Spread::Uniform((place.shape_of("weight_hh")[1] as f64).sqrt().recip())
}

/// `xavier_uniform_()`
fn xavier_uniform(place: &Place<'_>) -> Spread {
    let fans = fan_in(place.shape()) + fan_out(place.shape());
    Spread::Uniform((6.0 / fans).sqrt())
}

/// `kaiming_normal_()`
pub(super) fn kaiming_normal(place: &Place<'_>) -> Spread {
    Spread::Normal((2.0 / fan_in(place.shape())).sqrt())
}

#[track_caller]
fn check<M: Module>(layer: &M) {
    spread::check(layer, &[LAYERS]);
}

#[test]
fn recurrent_layers_start_as_in_pytorch() {
    let device = &Device::default();
    check(&LstmCellConfig::new(20, 50).init(device));
    check(&GruCellConfig::new(20, 50).init(device));
    check(&RnnCellConfig::new(20, 50).init(device));
    let lstm = LstmConfig::new(20, 50).with_num_layers(2);
    check(&lstm.with_bidirectional(true).init(device));
    let gru = GruConfig::new(20, 50).with_num_layers(2);
    check(&gru.with_bidirectional(true).init(device));
    let rnn = RnnConfig::new(20, 50).with_num_layers(2);
    check(&rnn.with_bidirectional(true).init(device));
}

#[test]
fn attention_starts_as_in_pytorch() {
    let device = &Device::default();
    check(&MultiheadAttentionConfig::new(24, 2).init(device));
    check(&AdditiveAttentionConfig::new(20, 30, 40).init(device));
    check(&DotAttentionConfig::new(20, 30, 40).init(device));
    check(&WindowAttentionConfig::new(24, 2).init(device));
    check(&SqueezeExciteConfig::new(64).with_reduction(4).init(device));
    check(&CbamConfig::new(64).with_reduction(4).init(device));
    check(&EcaConfig::new(64).init(device));
}

#[test]
fn transformers_start_as_in_pytorch() {
    let device = &Device::default();
    let encoder = TransformerEncoderLayerConfig::new(24, 2).with_d_feedforward(60);
    check(&encoder.init(device));
    let encoder = TransformerEncoderConfig::new(encoder, 2).with_norm(true);
    check(&encoder.init(device));
    let decoder = TransformerDecoderLayerConfig::new(24, 2).with_d_feedforward(60);
    check(&decoder.init(device));
    let decoder = TransformerDecoderConfig::new(decoder, 2).with_norm(true);
    check(&decoder.init(device));
}

#[test]
fn tables_start_as_in_pytorch() {
    let device = &Device::default();
    check(&EmbeddingConfig::new(100, 20).init(device));
    check(&LearnedPositionConfig::new(100, 20).init(device));
    let embedding = EmbeddingConfig::new(100, 20).with_padding_idx(Some(3));
    let table = parameter(&embedding.init(device), "weight");
    let (padding, others) = (&table[3 * 20..4 * 20], &table[4 * 20..]);
    assert_eq!(Spread::Constant(0.0).differs(padding), None);
    assert_eq!(Spread::Normal(1.0).differs(others), None);
}

#[test]
fn norms_and_scales_start_as_in_pytorch() {
    let device = &Device::default();
    check(&BatchNormConfig::new(8).init(device));
    check(&LayerNorm2dConfig::new(8).init(device));
    check(&LayerScaleConfig::new(8).init(device));
}

#[test]
fn convolutional_blocks_start_as_in_pytorch() {
    let device = &Device::default();
    check(&ConvNormActConfig::square([8, 16], 3).init(device));
    check(&ConvNextBlockConfig::new(16).init(device));
    check(&DenseLayerConfig::new(16, 8).init(device));
    check(&FireConfig::new(16, 8, 12, 20).init(device));
    check(&InvertedResidualConfig::new([16, 24]).init(device));
    let block = MbConvConfig::new([16, 24], 48).with_squeeze(Some(8));
    check(&block.init(device));
    check(&PatchEmbedConfig::new(24).with_patch_size(4).init(device));
    check(&PatchMergingConfig::new(16).init(device));
    check(&MlpConfig::new(24, 96).init(device));
}

#[test]
fn inception_blocks_start_as_in_pytorch() {
    let device = &Device::default();
    check(&InceptionAConfig::new(32, 16).init(device));
    check(&InceptionBConfig::new(32).init(device));
    check(&InceptionCConfig::new(32, 16).init(device));
    check(&InceptionDConfig::new(32).init(device));
    check(&InceptionEConfig::new(32).init(device));
}

#[test]
fn caption_decoders_start_as_in_pytorch() {
    let device = &Device::default();
    let recurrent = RecurrentCaptionDecoderConfig::new(30, 50, 24, 24);
    let gates = ImageInput::InitialState(Activation::Tanh);
    for kind in [RecurrentKind::Lstm, RecurrentKind::Gru] {
        let recurrent = recurrent.clone().with_kind(kind).with_num_layers(2);
        check(&recurrent.clone().with_image(gates.clone()).init(device));
        let additive = Some(RegionAttention::Additive(20));
        let image = recurrent.clone().with_image(ImageInput::FirstToken);
        check(&image.with_attention(additive).init(device));
        let dot = Some(RegionAttention::Dot(20));
        let image = recurrent.with_image(ImageInput::EveryStep);
        check(&image.with_attention(dot).init(device));
    }
    let layer = TransformerDecoderLayerConfig::new(24, 2).with_d_feedforward(60);
    let layers = TransformerDecoderConfig::new(layer, 1);
    let transformer = TransformerCaptionDecoderConfig::new(30, 50, layers)
        .with_position(PositionKind::Learned(40));
    check(&transformer.init(device));
}

/// Scores of tied words are products with the embedding: of unit size only when it is smaller.
#[test]
fn tied_words_start_smaller() {
    let tied = RecurrentCaptionDecoderConfig::new(30, 50, 25, 25).with_tied(true);
    let tied = tied.init(&Device::default());
    let table = parameter(&tied, "words.embedding.weight");
    assert_eq!(Spread::Normal(0.2).differs(&table), None);
}
