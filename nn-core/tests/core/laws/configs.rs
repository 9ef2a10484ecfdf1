//! Rules of configurations.

use burn::tensor::Device;
use nn_core::encoder::{
    efficientnet_b0, inception_v3, mobilenet_v2, mobilenet_v3_small, squeezenet1_1,
};
use nn_core::{
    AdaptiveMaxPool2dConfig, BatchNormConfig, CbamConfig, ConfigError, CrossEntropyConfig,
    DropPathConfig, EcaConfig, EmbeddingConfig, FireConfig, GruConfig, InceptionAConfig,
    InceptionBConfig, InceptionCConfig, InceptionDConfig, InceptionEConfig, InvertedResidualConfig,
    LstmCellConfig, LstmConfig, MbConvConfig, MultiheadAttentionConfig, RnnConfig,
    SqueezeExciteConfig, TransformerDecoderConfig, TransformerDecoderLayerConfig,
    TransformerEncoderConfig, TransformerEncoderLayerConfig,
};

#[track_caller]
fn refused(checked: Result<(), ConfigError>, text: &str) {
    assert_eq!(checked.unwrap_err().to_string(), text);
}

#[test]
fn rejects_zero_sizes() {
    let needs = |field: &str| format!("`{field}` is 0, but at least 1 is required");
    refused(EmbeddingConfig::new(0, 4).check(), &needs("n_embedding"));
    refused(EmbeddingConfig::new(4, 0).check(), &needs("d_model"));
    refused(BatchNormConfig::new(0).check(), &needs("n_features"));
    refused(LstmCellConfig::new(0, 4).check(), &needs("input_size"));
    refused(LstmConfig::new(4, 0).check(), &needs("hidden_size"));
    let gru = GruConfig::new(4, 4).with_num_layers(0);
    refused(gru.check(), &needs("num_layers"));
    refused(RnnConfig::new(4, 0).check(), &needs("hidden_size"));
    let pool = AdaptiveMaxPool2dConfig::new([4, 0]);
    refused(pool.check(), &needs("output_size[1]"));
    refused(SqueezeExciteConfig::new(0).check(), &needs("channels"));
    let cbam = CbamConfig::new(4).with_reduction(0);
    refused(cbam.check(), &needs("reduction"));
    let attention = MultiheadAttentionConfig::new(4, 0);
    refused(attention.check(), &needs("n_heads"));
    let layer = TransformerEncoderLayerConfig::new(4, 2).with_d_feedforward(0);
    refused(layer.check(), &needs("d_feedforward"));
    let layer = TransformerDecoderLayerConfig::new(4, 2);
    let decoder = TransformerDecoderConfig::new(layer, 0);
    refused(decoder.check(), &needs("num_layers"));
}

#[test]
fn rejects_zero_sizes_of_blocks() {
    let needs = |field: &str| format!("`{field}` is 0, but at least 1 is required");
    let excite = SqueezeExciteConfig::new(8).with_hidden(Some(0));
    refused(excite.check(), &needs("hidden"));
    refused(EcaConfig::new(0).check(), &needs("channels"));
    let block = InvertedResidualConfig::new([4, 0]);
    refused(block.check(), &needs("channels[1]"));
    let block = InvertedResidualConfig::new([4, 4]).with_expansion(0);
    refused(block.check(), &needs("expansion"));
    refused(MbConvConfig::new([4, 4], 0).check(), &needs("hidden"));
    let block = MbConvConfig::new([4, 4], 8).with_squeeze(Some(0));
    refused(block.check(), &needs("squeeze"));
    refused(FireConfig::new(4, 2, 2, 0).check(), &needs("expand3x3"));
    refused(InceptionAConfig::new(4, 0).check(), &needs("pool_channels"));
    refused(InceptionBConfig::new(0).check(), &needs("in_channels"));
    refused(InceptionCConfig::new(4, 0).check(), &needs("width"));
    refused(InceptionDConfig::new(0).check(), &needs("in_channels"));
    refused(InceptionEConfig::new(0).check(), &needs("in_channels"));
}

#[test]
fn rejects_encoders_without_classes() {
    let text = "`n_classes` is 0, but at least 1 is required";
    refused(mobilenet_v2().with_n_classes(0).check(), text);
    refused(mobilenet_v3_small().with_n_classes(0).check(), text);
    refused(efficientnet_b0().with_n_classes(0).check(), text);
    refused(squeezenet1_1().with_n_classes(0).check(), text);
    refused(inception_v3().with_n_classes(0).check(), text);
}

#[test]
fn rejects_encoders_that_drop_everything() {
    let text = "`dropout` is 1, but a number in [0, 1) is required";
    refused(mobilenet_v2().with_dropout(1.0).check(), text);
    refused(mobilenet_v3_small().with_dropout(1.0).check(), text);
    refused(efficientnet_b0().with_dropout(1.0).check(), text);
    refused(squeezenet1_1().with_dropout(1.0).check(), text);
    refused(inception_v3().with_dropout(1.0).check(), text);
    let text = "`drop_path` is 1, but a number in [0, 1) is required";
    refused(efficientnet_b0().with_drop_path(1.0).check(), text);
    refused(
        MbConvConfig::new([4, 4], 8).with_drop_path(1.0).check(),
        text,
    );
    let text = "`probability` is -0.5, but a number in [0, 1) is required";
    refused(DropPathConfig::new(-0.5).check(), text);
}

#[test]
fn rejects_numbers_out_of_range() {
    let norm = BatchNormConfig::new(4).with_epsilon(0.0);
    let text = "`epsilon` is 0, but a finite number above 0 is required";
    refused(norm.check(), text);
    let norm = BatchNormConfig::new(4).with_momentum(f64::NAN);
    let text = "`momentum` is NaN, but a number in [0, 1] is required";
    refused(norm.check(), text);
    let lstm = LstmConfig::new(4, 4).with_dropout(1.0);
    let text = "`dropout` is 1, but a number in [0, 1) is required";
    refused(lstm.check(), text);
    let loss = CrossEntropyConfig::new().with_label_smoothing(-0.1);
    let text = "`label_smoothing` is -0.1, but a number in [0, 1] is required";
    refused(loss.check(), text);
}

#[test]
fn rejects_numbers_that_do_not_fit_together() {
    let embedding = EmbeddingConfig::new(4, 2).with_padding_idx(Some(4));
    let text = "`padding_idx` is 4, but less than `n_embedding` 4 is required";
    refused(embedding.check(), text);
    let text = "`d_model` 6 is not divisible by `n_heads` 4";
    refused(MultiheadAttentionConfig::new(6, 4).check(), text);
    let layer = TransformerEncoderLayerConfig::new(6, 4);
    refused(TransformerEncoderConfig::new(layer, 2).check(), text);
    let cbam = CbamConfig::new(4).with_kernel_size(4);
    let text = "`kernel_size` is 4, but an odd number is required";
    refused(cbam.check(), text);
    let eca = EcaConfig::new(4).with_kernel_size(Some(4));
    refused(eca.check(), text);
    refused(
        MbConvConfig::new([4, 4], 8).with_kernel_size(4).check(),
        text,
    );
}

#[test]
#[should_panic(expected = "Lstm: `hidden_size` is 0, but at least 1 is required")]
fn init_panics_with_the_rule() {
    let _ = LstmConfig::new(4, 0).init(&Device::default());
}
