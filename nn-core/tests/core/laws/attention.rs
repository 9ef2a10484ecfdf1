//! Gates and masks.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Bool, Device, Tensor};
use nn_core::{
    Activation, CbamConfig, EcaConfig, Mask, MultiheadAttention, MultiheadAttentionConfig,
    MultiheadAttentionInput, SqueezeExciteConfig, TransformerDecoderInput,
    TransformerDecoderLayerConfig, TransformerEncoderInput, TransformerEncoderLayerConfig,
};

use crate::wave::{assert_close, wave, waved};

struct Zeros;

impl ModuleMapper for Zeros {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| tensor.zeros_like())
    }
}

#[test]
fn squeeze_excite_with_zeroed_weights_halves_the_input() {
    let device = Device::default();
    let layer = SqueezeExciteConfig::new(8).init(&device).map(&mut Zeros);
    let input = wave([2, 8, 3, 5], 0.5, &device);
    assert_close(&layer.forward(input.clone()), &(input * 0.5));
}

#[test]
fn cbam_with_zeroed_weights_quarters_the_input() {
    let device = Device::default();
    let layer = CbamConfig::new(8).init(&device).map(&mut Zeros);
    let input = wave([2, 8, 3, 5], 0.5, &device);
    assert_close(&layer.forward(input.clone()), &(input * 0.25));
}

#[test]
fn squeeze_excite_with_zeroed_weights_gates_by_its_own_function() {
    let device = Device::default();
    let layer = SqueezeExciteConfig::new(8)
        .with_activation(Activation::Silu)
        .with_gate(Activation::Identity)
        .init(&device)
        .map(&mut Zeros);
    let input = wave([2, 8, 3, 5], 0.5, &device);
    assert_close(&layer.forward(input.clone()), &input.zeros_like());
}

#[test]
fn a_hidden_width_takes_the_place_of_a_reduction() {
    let config = SqueezeExciteConfig::new(8)
        .with_reduction(2)
        .with_hidden(Some(3));
    let layer = config.init(&Device::default());
    assert_eq!(layer.reduce.weight.dims(), [3, 8, 1, 1]);
    assert_eq!(layer.expand.weight.dims(), [8, 3, 1, 1]);
}

#[test]
fn efficient_channel_attention_with_zeroed_weights_halves_the_input() {
    let device = Device::default();
    let layer = EcaConfig::new(8).init(&device).map(&mut Zeros);
    let input = wave([2, 8, 3, 5], 0.5, &device);
    assert_close(&layer.forward(input.clone()), &(input * 0.5));
}

fn attention(device: &Device) -> MultiheadAttention {
    waved(MultiheadAttentionConfig::new(8, 2).init(device))
}

#[test]
fn self_attention_is_attention_to_oneself() {
    let device = Device::default();
    let attention = attention(&device);
    let input = wave([2, 5, 8], 0.5, &device);
    let expected = attention.forward(MultiheadAttentionInput::self_attn(input.clone()));
    let cross = MultiheadAttentionInput::cross_attn(input.clone(), input.clone());
    assert_close(&attention.forward(cross), &expected);
    let all = MultiheadAttentionInput::new(input.clone(), input.clone(), input);
    assert_close(&attention.forward(all), &expected);
}

#[test]
fn a_causal_mask_hides_the_future() {
    let device = Device::default();
    let attention = attention(&device);
    let past = wave([2, 3, 8], 0.5, &device);
    let read = |future: f32| {
        let input = Tensor::cat(vec![past.clone(), wave([2, 2, 8], future, &device)], 1);
        let input =
            MultiheadAttentionInput::self_attn(input).with_attn_mask(Mask::causal(5, &device));
        attention.forward(input).narrow(1, 0, 3)
    };
    assert_close(&read(1.0), &read(2.0));
}

#[test]
fn padding_never_changes_the_scores_of_real_tokens() {
    let device = Device::default();
    let attention = attention(&device);
    let query = wave([2, 4, 8], 0.5, &device);
    let real = wave([2, 3, 8], 1.5, &device);
    let expected = attention.forward(MultiheadAttentionInput::cross_attn(
        query.clone(),
        real.clone(),
    ));
    let padded = Tensor::cat(vec![real, wave([2, 2, 8], 2.5, &device)], 1);
    let hidden = [[false, false, false, true, true]; 2];
    let hidden = Tensor::<2, Bool>::from_data(hidden, &device);
    let input = MultiheadAttentionInput::cross_attn(query, padded).with_key_padding_mask(hidden);
    assert_close(&attention.forward(input), &expected);
}

#[test]
fn true_is_minus_infinity() {
    let device = Device::default();
    let attention = attention(&device);
    let input = wave([2, 3, 8], 0.5, &device);
    let hidden = [
        [false, true, false],
        [true, false, false],
        [false, false, true],
    ];
    let hidden = Tensor::<2, Bool>::from_data(hidden, &device);
    let scores = hidden
        .clone()
        .float()
        .mask_fill(hidden.clone(), f32::NEG_INFINITY);
    let read = |mask: Mask| {
        let input = MultiheadAttentionInput::self_attn(input.clone()).with_attn_mask(mask);
        attention.forward(input)
    };
    assert_close(&read(scores.into()), &read(hidden.into()));
}

#[test]
fn where_padding_hides_everything_attention_sees_nothing() {
    let device = Device::default().autodiff();
    let attention = attention(&device);
    let input = wave([1, 3, 8], 0.5, &device).require_grad();
    let hidden = Tensor::<2, Bool>::from_data([[true; 3]], &device);
    let read = MultiheadAttentionInput::self_attn(input.clone()).with_key_padding_mask(hidden);
    let (output, weights) = attention.forward_with_weights(read);
    assert_close(&weights, &Tensor::zeros([1, 3, 3], &device));
    let bias = attention.out_proj.bias.as_ref().unwrap().val();
    assert_close(&output, &bias.unsqueeze::<3>().expand([1, 3, 8]));
    let gradient = input.grad(&output.sum().backward()).unwrap();
    assert_close(&gradient, &gradient.zeros_like());
}

#[test]
fn length_first_is_batch_first_with_dimensions_swapped() {
    let device = Device::default();
    let (target, memory) = (wave([2, 3, 8], 0.5, &device), wave([2, 4, 8], 1.5, &device));
    let turned = |tensor: &Tensor<3>| tensor.clone().swap_dims(0, 1);

    let config = TransformerDecoderLayerConfig::new(8, 2).with_d_feedforward(16);
    let expected = waved(config.init(&device))
        .forward(TransformerDecoderInput::new(target.clone(), memory.clone()));
    let found = waved(config.with_batch_first(false).init(&device)).forward(
        TransformerDecoderInput::new(turned(&target), turned(&memory)),
    );
    assert_close(&turned(&found), &expected);

    let config = TransformerEncoderLayerConfig::new(8, 2).with_d_feedforward(16);
    let expected =
        waved(config.init(&device)).forward(TransformerEncoderInput::new(target.clone()));
    let found = waved(config.with_batch_first(false).init(&device))
        .forward(TransformerEncoderInput::new(turned(&target)));
    assert_close(&turned(&found), &expected);
}
