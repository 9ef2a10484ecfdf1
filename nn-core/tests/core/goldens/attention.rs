//! Attention and transformer layers.

use burn::tensor::{Bool, Tensor};
use nn_core::{
    Activation, Mask, MultiheadAttentionConfig, MultiheadAttentionInput, TransformerDecoderConfig,
    TransformerDecoderInput, TransformerDecoderLayerConfig, TransformerEncoderInput,
    TransformerEncoderLayerConfig,
};

use super::Case;
use super::golden::Golden;

pub(crate) const CASES: &[Case] = &[
    ("mha_cross_padding", cross_attention),
    ("mha_self_causal", causal_attention),
    ("encoder_layer_gelu_post", |golden| {
        encoder_layer(golden, Activation::Gelu, false);
    }),
    ("encoder_layer_gelu_pre", |golden| {
        encoder_layer(golden, Activation::Gelu, true);
    }),
    ("encoder_layer_relu_post", |golden| {
        encoder_layer(golden, Activation::Relu, false);
    }),
    ("encoder_layer_relu_pre", |golden| {
        encoder_layer(golden, Activation::Relu, true);
    }),
    ("decoder_layer_gelu_post", |golden| {
        decoder_layer(golden, Activation::Gelu, false);
    }),
    ("decoder_layer_gelu_pre", |golden| {
        decoder_layer(golden, Activation::Gelu, true);
    }),
    ("decoder_layer_relu_post", |golden| {
        decoder_layer(golden, Activation::Relu, false);
    }),
    ("decoder_layer_relu_pre", |golden| {
        decoder_layer(golden, Activation::Relu, true);
    }),
    ("decoder_3_norm", decoder),
];

const N_HEADS: usize = 4;
const LENGTH: usize = 7;

fn cross_attention(golden: &Golden) {
    let attention = MultiheadAttentionConfig::new(16, N_HEADS).init(golden.device());
    let padding = [
        [false, false, false, false, false],
        [false, false, false, true, true],
    ];
    let padding = Tensor::<2, Bool>::from_data(padding, golden.device());
    golden.compare(attention, |attention| {
        let read = MultiheadAttentionInput::cross_attn(golden.input("x"), golden.input("memory"))
            .with_key_padding_mask(padding);
        let (output, weights) = attention.forward_with_weights(read);
        vec![output.into(), weights.into()]
    });
}

fn causal_attention(golden: &Golden) {
    let attention = MultiheadAttentionConfig::new(16, N_HEADS).init(golden.device());
    golden.compare(attention, |attention| {
        let read = MultiheadAttentionInput::self_attn(golden.input("x"))
            .with_attn_mask(Mask::causal(LENGTH, golden.device()));
        let (output, weights) = attention.forward_with_weights(read);
        vec![output.into(), weights.into()]
    });
}

fn encoder_layer(golden: &Golden, activation: Activation, norm_first: bool) {
    let config = TransformerEncoderLayerConfig::new(16, N_HEADS)
        .with_d_feedforward(32)
        .with_dropout(0.0)
        .with_activation(activation)
        .with_norm_first(norm_first);
    golden.compare(config.init(golden.device()), |layer| {
        let input = TransformerEncoderInput::new(golden.input("x"));
        vec![layer.forward(input).into()]
    });
}

fn decoder_config() -> TransformerDecoderLayerConfig {
    TransformerDecoderLayerConfig::new(16, N_HEADS)
        .with_d_feedforward(32)
        .with_dropout(0.0)
}

fn decoder_input(golden: &Golden) -> TransformerDecoderInput {
    TransformerDecoderInput::new(golden.input("x"), golden.input("memory"))
        .with_target_mask(Mask::causal(LENGTH, golden.device()))
}

fn decoder_layer(golden: &Golden, activation: Activation, norm_first: bool) {
    let config = decoder_config()
        .with_activation(activation)
        .with_norm_first(norm_first);
    golden.compare(config.init(golden.device()), |layer| {
        vec![layer.forward(decoder_input(golden)).into()]
    });
}

fn decoder(golden: &Golden) {
    let config = TransformerDecoderConfig::new(decoder_config(), 3).with_norm(true);
    golden.compare(config.init(golden.device()), |decoder| {
        vec![decoder.forward(decoder_input(golden)).into()]
    });
}
