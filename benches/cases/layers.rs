//! Layers: attention over channels, recurrent layers over a sequence, the loss.
use burn::tensor::Device;
use nn_caption::nn_core::{
    CbamConfig, CrossEntropyConfig, GruConfig, LstmConfig, SqueezeExciteConfig,
};

use super::{BATCH, Case, LENGTH, VOCAB, WIDTH, Work, case, train};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("layer/lstm/pass", lstm),
        case("layer/gru/pass", gru),
        case("layer/cross_entropy/pass", cross_entropy),
        case("layer/squeeze_excite/pass", squeeze_excite),
        case("layer/cbam/pass", cbam),
    ]
}

fn lstm(device: &Device) -> Work {
    let device = device.clone().autodiff();
    let input = train::noise([BATCH, LENGTH, WIDTH], &device).require_grad();
    let lstm = LstmConfig::new(WIDTH, WIDTH).init(&device);
    train::pass(&device, lstm, move |lstm| {
        lstm.forward(input.clone(), None).0.sum()
    })
}

fn gru(device: &Device) -> Work {
    let device = device.clone().autodiff();
    let input = train::noise([BATCH, LENGTH, WIDTH], &device).require_grad();
    let gru = GruConfig::new(WIDTH, WIDTH).init(&device);
    train::pass(&device, gru, move |gru| {
        gru.forward(input.clone(), None).0.sum()
    })
}

fn cross_entropy(device: &Device) -> Work {
    let device = device.clone().autodiff();
    let logits = train::noise([BATCH * LENGTH, VOCAB], &device).require_grad();
    let targets = train::ids([BATCH * LENGTH], VOCAB, &device);
    let loss = CrossEntropyConfig::new().with_ignore_index(Some(0)).init();
    train::pass(&device, loss, move |loss| {
        loss.forward(logits.clone(), targets.clone())
    })
}

fn squeeze_excite(device: &Device) -> Work {
    let device = device.clone().autodiff();
    let maps = train::noise([8, 256, 28, 28], &device).require_grad();
    let layer = SqueezeExciteConfig::new(256).init(&device);
    train::pass(&device, layer, move |layer| {
        layer.forward(maps.clone()).sum()
    })
}

fn cbam(device: &Device) -> Work {
    let device = device.clone().autodiff();
    let maps = train::noise([8, 256, 28, 28], &device).require_grad();
    let layer = CbamConfig::new(256).init(&device);
    train::pass(&device, layer, move |layer| {
        layer.forward(maps.clone()).sum()
    })
}
