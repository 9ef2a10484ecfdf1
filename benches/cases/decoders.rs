//! Every decoder: a step of training on 16 captions of 20 words, and 20 words for one image.
use burn::tensor::{Device, Int, Tensor};
use nn_caption::nn_core::decoder::{
    CaptionDecoder, RecurrentCaptionDecoderConfig, RecurrentKind, TransformerCaptionDecoderConfig,
    show_and_tell, show_attend_and_tell,
};
use nn_caption::nn_core::{
    CrossEntropyConfig, TransformerDecoderConfig, TransformerDecoderLayerConfig,
};

use super::{BATCH, LENGTH, VOCAB, WIDTH};
use super::{Case, Work, case, train};

/// Regions of a 224 x 224 image after a `ResNet`.
const REGIONS: usize = 49;

pub(super) fn cases() -> Vec<Case> {
    let recurrent = [
        ("lstm", show_and_tell as fn(usize, usize) -> _),
        ("gru", |memory, vocab| {
            show_and_tell(memory, vocab).with_kind(RecurrentKind::Gru)
        }),
        ("lstm_attend", show_attend_and_tell),
    ];
    let mut cases = Vec::new();
    for (name, config) in recurrent {
        let config: RecurrentCaptionDecoderConfig = config(WIDTH, VOCAB);
        let other = config.clone();
        let train = move |device: &Device| step(device, config.init(&device.clone().autodiff()));
        cases.push(case(format!("decoder/{name}/train"), train));
        let greedy = move |device: &Device| greedy(device, other.init(device));
        cases.push(case(format!("decoder/{name}/greedy"), greedy));
    }
    cases.push(case("decoder/transformer/train", |device| {
        step(device, transformer().init(&device.clone().autodiff()))
    }));
    cases.push(case("decoder/transformer/greedy", |device| {
        greedy(device, transformer().init(device))
    }));
    cases
}

fn transformer() -> TransformerCaptionDecoderConfig {
    let layer = TransformerDecoderLayerConfig::new(WIDTH, 8).with_d_feedforward(2048);
    TransformerCaptionDecoderConfig::new(WIDTH, VOCAB, TransformerDecoderConfig::new(layer, 4))
}

fn step<D: CaptionDecoder + 'static>(device: &Device, decoder: D) -> Work {
    let device = device.clone().autodiff();
    let memory: Tensor<3> = train::noise([BATCH, REGIONS, WIDTH], &device);
    let tokens = train::ids([BATCH, LENGTH], VOCAB, &device);
    let targets = train::ids([BATCH * LENGTH], VOCAB, &device);
    let loss = CrossEntropyConfig::new().with_ignore_index(Some(0)).init();
    train::step(&device, decoder, move |decoder| {
        let scores = decoder.forward(memory.clone().into(), tokens.clone());
        loss.forward(scores.flatten(0, 1), targets.clone())
    })
}

/// The best word again and again, whatever it is.
fn greedy<D: CaptionDecoder + 'static>(device: &Device, decoder: D) -> Work {
    let memory: Tensor<3> = train::noise([1, REGIONS, WIDTH], device);
    let first = Tensor::<1, Int>::from_ints([1], device);
    train::run(device, move || {
        let mut state = decoder.start(memory.clone().into());
        let mut token = first.clone();
        for _ in 0..LENGTH {
            let (scores, next) = decoder.step(token, state);
            state = next;
            token = scores.argmax(1).squeeze_dim(1);
        }
        token
    })
}
