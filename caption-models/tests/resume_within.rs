//! A training that goes on within an epoch computes what it would have computed, to the last bit.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

use std::path::Path;

use burn::tensor::Device;
use caption_models::data::{DataSpec, Loader, LoaderConfig, Order, Split};
use caption_models::harness::CaptionNet;
use caption_models::system::{Freeze, find};
use caption_models::train::{EpochRow, Pace, Progress, ResumeFile, TrainProgress, Trainer};
use caption_models::vocab::Vocab;

const IMAGE: [usize; 3] = [3, 32, 32];
const SELF_CRITICAL: usize = 2;

fn loader() -> (Loader, Vocab) {
    let data = "scenes:9"
        .parse::<DataSpec>()
        .unwrap()
        .open(Split::Train)
        .unwrap();
    let vocab = Vocab::build(data.items().iter().flat_map(|item| &item.captions), 1);
    let config = LoaderConfig::new(2, IMAGE).with_order(Order::Shuffled { seed: 4 });
    (Loader::new(data, &vocab, config).unwrap(), vocab)
}

/// A system with dropout, whose encoder is frozen.
fn net(vocab: &Vocab) -> Box<dyn CaptionNet> {
    let entry = find("resnet-lstm").unwrap();
    let mut config = entry.config_on("squeezenet1_1", vocab.len()).unwrap();
    config.training.freeze = Freeze::ALL;
    config.build(IMAGE, &Device::default(), 9).unwrap()
}

fn trainer(net: &dyn CaptionNet, loader: &Loader) -> Trainer {
    let pace = Pace {
        accumulate: 2,
        warmup: 3,
        ..Pace::default()
    };
    Trainer::new(net, 9, None).with_pace(pace, loader, 2)
}

fn train(
    (net, trainer): (&mut dyn CaptionNet, &mut Trainer),
    loader: &Loader,
    epoch: usize,
    tell: &mut dyn FnMut(Progress),
) -> EpochRow {
    let row = if epoch == SELF_CRITICAL {
        trainer.self_critical_epoch(net, loader, epoch, 0.1, tell)
    } else {
        trainer.epoch(net, loader, epoch, tell)
    };
    let row = row.unwrap();
    EpochRow {
        seconds: 0.0,
        images_per_second: 0.0,
        ..row
    }
}

fn weights(net: &dyn CaptionNet) -> Vec<u32> {
    let mut all = Vec::new();
    net.for_each_param(&mut |param| {
        let values: Vec<f32> = param.value.into_data().iter().collect();
        all.extend(values.into_iter().map(f32::to_bits));
    });
    all
}

/// Goes on in epoch `epoch` after a state that was saved after its step `at`; returns its row and the weights.
fn broken(folder: &Path, epoch: usize, at: usize) -> (EpochRow, Vec<u32>) {
    let (loader, vocab) = loader();
    let file = ResumeFile::at(folder);
    let mut first = net(&vocab);
    let mut before = trainer(first.as_ref(), &loader);
    for whole in 1..epoch {
        train((first.as_mut(), &mut before), &loader, whole, &mut |_| ());
    }
    let done = TrainProgress {
        epoch: epoch - 1,
        ..TrainProgress::default()
    };
    train(
        (first.as_mut(), &mut before),
        &loader,
        epoch,
        &mut |progress| {
            if let Progress::Step {
                step,
                moment: Some(moment),
                ..
            } = progress
                && step == at
            {
                file.save_moment(moment, &done).unwrap();
            }
        },
    );

    let mut second = net(&vocab);
    let mut after = trainer(second.as_ref(), &loader);
    let found = file.load(second.as_mut(), &mut after).unwrap().unwrap();
    assert_eq!(found.epoch, epoch - 1);
    assert_eq!(found.so_far.unwrap().n_batches, at);
    let mut steps = Vec::new();
    let row = train(
        (second.as_mut(), &mut after),
        &loader,
        epoch,
        &mut |progress| {
            if let Progress::Step { step, .. } = progress {
                steps.push(step);
            }
        },
    );
    assert_eq!(steps, (at + 1..=loader.n_batches()).collect::<Vec<_>>());
    (row, weights(second.as_ref()))
}

#[test]
fn an_epoch_goes_on_after_any_step() {
    let (loader, vocab) = loader();
    let mut whole = net(&vocab);
    let mut unbroken = trainer(whole.as_ref(), &loader);
    for epoch in 1..=SELF_CRITICAL {
        let row = train((whole.as_mut(), &mut unbroken), &loader, epoch, &mut |_| ());
        let expected = weights(whole.as_ref());
        // Every second batch ends a step of the optimizer.
        for at in [2, 4] {
            let folder = tempfile::tempdir().unwrap();
            let (found, weights) = broken(folder.path(), epoch, at);
            assert_eq!(found, row, "epoch {epoch}, step {at}");
            assert!(weights == expected, "epoch {epoch}, step {at}");
        }
    }
}
