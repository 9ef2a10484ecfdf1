//! A captioning network by hand: an encoder, a decoder, a step of training, a caption word by word.
//!
//! `cargo run --release --example encoder_decoder`
use std::error::Error;
use std::io::{self, Write};

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Device, Distribution, Int, Tensor};
use nn_caption::nn_core::decoder::{
    CaptionDecoder, TransformerCaptionDecoder, TransformerCaptionDecoderConfig,
};
use nn_caption::nn_core::encoder::{Encoder, MobileNetV3, mobilenet_v3_small};
use nn_caption::nn_core::{
    CrossEntropyConfig, TransformerDecoderConfig, TransformerDecoderLayerConfig,
};

const VOCAB: usize = 100;
const START: i64 = 1;

#[derive(Module, Debug)]
struct Captioner {
    encoder: MobileNetV3,
    decoder: TransformerCaptionDecoder,
}

fn captioner(device: &Device) -> Captioner {
    let encoder = mobilenet_v3_small().init(device).freeze_stages(3);
    let layer = TransformerDecoderLayerConfig::new(128, 4).with_d_feedforward(256);
    let layers = TransformerDecoderConfig::new(layer, 2);
    let decoder = TransformerCaptionDecoderConfig::new(encoder.n_channels(), VOCAB, layers);
    let decoder = decoder.init(device);
    Captioner { encoder, decoder }
}

fn main() -> Result<(), Box<dyn Error>> {
    let device = Device::default().autodiff();
    let mut captioner = captioner(&device);
    let mut optimizer = AdamWConfig::new().init();
    let images = Tensor::<4>::random([4, 3, 96, 96], Distribution::Default, &device);
    let captions = Tensor::<2, Int>::from_ints([[START, 5, 6, 7, 2]], &device).repeat_dim(0, 4);
    let (inputs, targets) = (captions.clone().narrow(1, 0, 4), captions.narrow(1, 1, 4));
    let loss = CrossEntropyConfig::new().with_ignore_index(Some(0)).init();

    let mut out = io::stdout();
    for step in 0..30 {
        let memory = captioner.encoder.tokens(images.clone());
        let scores = captioner.decoder.forward(memory.into(), inputs.clone());
        let loss = loss.forward(scores.flatten(0, 1), targets.clone().flatten(0, 1));
        let gradients = GradientsParams::from_grads(loss.backward(), &captioner);
        captioner = optimizer.step(1e-3, captioner, gradients);
        if step % 10 == 9 {
            writeln!(
                out,
                "step {:2}: loss {:.3}",
                step + 1,
                loss.into_scalar::<f32>()
            )?;
        }
    }

    let captioner = captioner.valid();
    let memory = captioner.encoder.tokens(images.narrow(0, 0, 1).inner());
    let mut state = captioner.decoder.start(memory.into());
    let mut word = Tensor::<1, Int>::from_ints([START], &device.inner());
    for _ in 0..4 {
        let scores;
        (scores, state) = captioner.decoder.step(word, state);
        word = scores.argmax(1).squeeze_dim(1);
        write!(out, "{} ", word.clone().into_scalar::<i64>())?;
    }
    writeln!(out)?;
    Ok(())
}
