//! Every encoder: features of one image, and a step of training on two.
use burn::tensor::{Device, Tensor};
use nn_caption::nn_core::CrossEntropyConfig;
use nn_caption::nn_core::encoder::{ENCODERS, Encoder, EncoderEntry};

use super::{Case, Work, case, train};

pub(super) fn cases() -> Vec<Case> {
    let both = |entry: &'static EncoderEntry| {
        [
            case(format!("encoder/{}/forward", entry.name), |device| {
                forward(entry, device)
            }),
            case(format!("encoder/{}/train", entry.name), |device| {
                step(entry, device)
            }),
        ]
    };
    ENCODERS.iter().flat_map(both).collect()
}

fn forward(entry: &EncoderEntry, device: &Device) -> Work {
    let images = train::noise([1, 3, entry.input_size, entry.input_size], device);
    let encoder = (entry.config)().init(device);
    train::run(device, move || encoder.classify(images.clone()))
}

fn step(entry: &EncoderEntry, device: &Device) -> Work {
    let device = device.clone().autodiff();
    let images: Tensor<4> = train::noise([2, 3, entry.input_size, entry.input_size], &device);
    let labels = train::ids([2], 1000, &device);
    let encoder = (entry.config)().init(&device);
    let loss = CrossEntropyConfig::new().init();
    train::step(&device, encoder, move |encoder| {
        loss.forward(encoder.classify(images.clone()), labels.clone())
    })
}
