//! Rules of configurations.

use burn::tensor::Device;
use nn_core::encoder::{
    ENCODERS, alexnet, convnext_tiny, densenet121, efficientnet_b0, inception_v3, mobilenet_v2,
    mobilenet_v3_small, squeezenet1_1, swin_t, vgg16, vit_b_16,
};
use nn_core::{
    AdaptiveMaxPool1dConfig, AdaptiveMaxPool2dConfig, AdaptiveMaxPool3dConfig, BatchNormConfig,
    CbamConfig, ConfigError, ConvNextBlockConfig, ConvNormActConfig, CrossEntropyConfig,
    DenseLayerConfig, DropPathConfig, EcaConfig, EmbeddingConfig, FireConfig, GruCellConfig,
    GruConfig, InceptionAConfig, InceptionBConfig, InceptionCConfig, InceptionDConfig,
    InceptionEConfig, InvertedResidualConfig, LayerNorm2dConfig, LayerScaleConfig, LstmCellConfig,
    LstmConfig, MbConvConfig, MlpConfig, MultiheadAttentionConfig, PatchEmbedConfig,
    PatchMergingConfig, RnnCellConfig, RnnConfig, SqueezeExciteConfig, TransformerDecoderConfig,
    TransformerDecoderLayerConfig, TransformerEncoderConfig, TransformerEncoderLayerConfig,
    WindowAttentionConfig,
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
    refused(RnnCellConfig::new(0, 4).check(), &needs("input_size"));
    refused(GruCellConfig::new(4, 0).check(), &needs("hidden_size"));
    let pool = AdaptiveMaxPool1dConfig::new([0]);
    refused(pool.check(), &needs("output_size[0]"));
    let pool = AdaptiveMaxPool2dConfig::new([4, 0]);
    refused(pool.check(), &needs("output_size[1]"));
    let pool = AdaptiveMaxPool3dConfig::new([4, 4, 0]);
    refused(pool.check(), &needs("output_size[2]"));
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
fn rejects_zero_sizes_of_blocks_and_encoders() {
    let needs = |field: &str| format!("`{field}` is 0, but at least 1 is required");
    refused(LayerNorm2dConfig::new(0).check(), &needs("channels"));
    refused(LayerScaleConfig::new(0).check(), &needs("channels"));
    refused(ConvNextBlockConfig::new(0).check(), &needs("channels"));
    refused(PatchEmbedConfig::new(0).check(), &needs("d_model"));
    let embed = PatchEmbedConfig::new(4).with_patch_size(0);
    refused(embed.check(), &needs("patch_size"));
    refused(DenseLayerConfig::new(4, 0).check(), &needs("growth"));
    refused(MlpConfig::new(4, 0).check(), &needs("d_hidden"));
    refused(PatchMergingConfig::new(0).check(), &needs("channels"));
    let attention = WindowAttentionConfig::new(4, 2).with_window_size(0);
    refused(attention.check(), &needs("window_size"));
    let mut convnext = convnext_tiny();
    convnext.depths[2] = 0;
    refused(convnext.check(), &needs("depths[2]"));
    let mut convnext = convnext_tiny();
    convnext.widths[3] = 0;
    refused(convnext.check(), &needs("widths[3]"));
    let mut vit = vit_b_16();
    vit.n_layers = 0;
    refused(vit.check(), &needs("n_layers"));
    let vit = vit_b_16().with_image_size(0);
    refused(vit.check(), &needs("image_size"));
    let swin = swin_t().with_window_size(0);
    refused(swin.check(), &needs("window_size"));
    let densenet = densenet121().with_growth(0);
    refused(densenet.check(), &needs("growth"));
    let mut vgg = vgg16();
    vgg.depths[4] = 0;
    refused(vgg.check(), &needs("depths[4]"));
    let alexnet = alexnet().with_d_hidden(0);
    refused(alexnet.check(), &needs("d_hidden"));
}

#[test]
fn every_encoder_needs_a_class() {
    let text = "`n_classes` is 0, but at least 1 is required";
    for entry in ENCODERS {
        let config = (entry.config)();
        assert_eq!(config.check(), Ok(()), "{}", entry.name);
        refused(config.with_n_classes(0).check(), text);
    }
}

#[test]
fn rejects_numbers_of_blocks_and_encoders_out_of_range() {
    let text = "`prob` is 1, but a number in [0, 1) is required";
    refused(DropPathConfig::new(1.0).check(), text);
    let convnext = convnext_tiny().with_drop_path(1.0);
    let text = "`drop_path` is 1, but a number in [0, 1) is required";
    refused(convnext.check(), text);
    let text = "`initial` is 0, but a finite number above 0 is required";
    refused(LayerScaleConfig::new(4).with_initial(0.0).check(), text);
    let block = ConvNextBlockConfig::new(4).with_layer_scale(0.0);
    let swin = swin_t().with_drop_path(1.0);
    refused(
        swin.check(),
        "`drop_path` is 1, but a number in [0, 1) is required",
    );
    let text = "`layer_scale` is 0, but a finite number above 0 is required";
    refused(block.check(), text);
    let norm = LayerNorm2dConfig::new(4).with_epsilon(f64::INFINITY);
    let text = "`epsilon` is inf, but a finite number above 0 is required";
    refused(norm.check(), text);
    let text = "`dropout` is 1, but a number in [0, 1) is required";
    refused(DenseLayerConfig::new(4, 4).with_dropout(1.0).check(), text);
    refused(vit_b_16().with_dropout(1.0).check(), text);
    refused(vgg16().with_dropout(1.0).check(), text);
    refused(alexnet().with_dropout(1.0).check(), text);
    let text = "`attention_dropout` is 1, but a number in [0, 1) is required";
    refused(vit_b_16().with_attention_dropout(1.0).check(), text);
}

#[test]
fn rejects_zero_sizes_of_blocks() {
    let needs = |field: &str| format!("`{field}` is 0, but at least 1 is required");
    let excite = SqueezeExciteConfig::new(8).with_hidden(Some(0));
    refused(excite.check(), &needs("hidden"));
    refused(EcaConfig::new(0).check(), &needs("channels"));
    let block = ConvNormActConfig::square([4, 0], 3);
    refused(block.check(), &needs("channels[1]"));
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
    let loss = CrossEntropyConfig::new().with_weight(Some(vec![1.0, -0.5]));
    let text = "`weight` is -0.5, but a finite number of at least 0 is required";
    refused(loss.check(), text);
    let loss = CrossEntropyConfig::new().with_weight(Some(vec![f32::INFINITY]));
    let text = "`weight` is inf, but a finite number of at least 0 is required";
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
    let mut swin = swin_t();
    swin.n_heads[1] = 5;
    refused(
        swin.check(),
        "`d_model` 192 is not divisible by `n_heads` 5",
    );
    let vit = vit_b_16().with_image_size(100);
    let text = "`image_size` 100 is not divisible by `patch_size` 16";
    refused(vit.check(), text);
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
