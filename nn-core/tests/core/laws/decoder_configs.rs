//! Rules of the configurations of decoders and their layers.

use burn::tensor::Device;
use nn_core::decoder::{
    PositionKind, RecurrentCaptionDecoderConfig, RecurrentKind, RegionAttention,
    TransformerCaptionDecoderConfig,
};
use nn_core::{
    AdditiveAttentionConfig, ConfigError, DotAttentionConfig, LearnedPositionConfig,
    SinusoidalPosition2dConfig, SinusoidalPositionConfig, TransformerDecoderConfig,
    TransformerDecoderLayerConfig,
};

#[track_caller]
fn refused(checked: Result<(), ConfigError>, text: &str) {
    assert_eq!(checked.unwrap_err().to_string(), text);
}

fn recurrent() -> RecurrentCaptionDecoderConfig {
    RecurrentCaptionDecoderConfig::new(5, 11, 8, 6)
}

fn transformer(d_model: usize, n_heads: usize) -> TransformerCaptionDecoderConfig {
    let layer = TransformerDecoderLayerConfig::new(d_model, n_heads);
    TransformerCaptionDecoderConfig::new(5, 11, TransformerDecoderConfig::new(layer, 2))
}

#[test]
fn rejects_zero_sizes() {
    let needs = |field: &str| format!("`{field}` is 0, but at least 1 is required");
    let decoder = |sizes: [usize; 4]| {
        RecurrentCaptionDecoderConfig::new(sizes[0], sizes[1], sizes[2], sizes[3])
    };
    refused(decoder([0, 1, 1, 1]).check(), &needs("d_memory"));
    refused(decoder([1, 0, 1, 1]).check(), &needs("vocab"));
    refused(decoder([1, 1, 0, 1]).check(), &needs("d_embed"));
    refused(decoder([1, 1, 1, 0]).check(), &needs("hidden_size"));
    let gru = recurrent().with_kind(RecurrentKind::Gru);
    refused(gru.with_num_layers(0).check(), &needs("num_layers"));
    for attention in [RegionAttention::Additive(0), RegionAttention::Dot(0)] {
        let decoder = recurrent().with_attention(Some(attention));
        refused(decoder.check(), &needs("width"));
    }
    let decoder = transformer(8, 2).with_position(PositionKind::Learned(0));
    refused(decoder.check(), &needs("max_length"));
    let attention = AdditiveAttentionConfig::new(0, 1, 1);
    refused(attention.check(), &needs("d_query"));
    refused(DotAttentionConfig::new(1, 0, 1).check(), &needs("d_memory"));
    refused(LearnedPositionConfig::new(1, 0).check(), &needs("d_model"));
    refused(SinusoidalPositionConfig::new(0).check(), &needs("d_model"));
    refused(
        SinusoidalPosition2dConfig::new(0).check(),
        &needs("channels"),
    );
}

#[test]
fn rejects_numbers_that_do_not_fit() {
    let text = "`hidden_size` is 6, but `d_embed` 8 is required";
    refused(recurrent().with_tied(true).check(), text);
    let text = "`padding_idx` is 11, but less than `n_embedding` 11 is required";
    refused(recurrent().with_padding_idx(Some(11)).check(), text);
    refused(transformer(8, 2).with_padding_idx(Some(11)).check(), text);
    let text = "`dropout` is 1, but a number in [0, 1) is required";
    refused(recurrent().with_dropout(1.0).check(), text);
    let text = "`d_model` 8 is not divisible by `n_heads` 3";
    refused(transformer(8, 3).check(), text);
    let text = "`channels` is 3, but an even number is required";
    refused(SinusoidalPosition2dConfig::new(3).check(), text);
}

#[test]
#[should_panic(expected = "RecurrentCaptionDecoder: `hidden_size` is 6, but `d_embed` 8")]
fn init_panics_with_the_rule() {
    let _ = recurrent().with_tied(true).init(&Device::default());
}
