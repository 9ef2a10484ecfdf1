//! Schedules and gathered gradients, over a ready system on drawn scenes.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

use std::sync::{Arc, Mutex};

use burn::tensor::Device;
use caption_models::data::{DataSet, DataSpec, Loader, LoaderConfig, Split};
use caption_models::harness::CaptionNet;
use caption_models::system::find;
use caption_models::train::{EpochRow, Pace, Trainer};
use caption_models::vocab::Vocab;

const N_EPOCHS: usize = 2;
const IMAGE: [usize; 3] = [3, 32, 32];

/// The device's generator is one for all threads: nets are made, and dropout draws, one at a time.
static GENERATOR: Mutex<()> = Mutex::new(());

fn data() -> Arc<dyn DataSet> {
    let spec: DataSpec = "scenes:12".parse().unwrap();
    spec.open(Split::Train).unwrap()
}

fn vocab(data: &Arc<dyn DataSet>) -> Vocab {
    Vocab::build(data.items().iter().flat_map(|item| &item.captions), 1)
}

fn net(vocab: &Vocab) -> Box<dyn CaptionNet> {
    let config = find("resnet-lstm").unwrap().config(vocab.len());
    config.build(IMAGE, &Device::default(), 1).unwrap()
}

/// The rows of two epochs of three batches, and the weights at the end.
fn train(pace: Pace) -> (Vec<EpochRow>, Vec<f32>) {
    let _alone = GENERATOR.lock().unwrap();
    let data = data();
    let vocab = vocab(&data);
    let mut net = net(&vocab);
    let loader = Loader::new(data, &vocab, LoaderConfig::new(4, IMAGE)).unwrap();
    let mut trainer = Trainer::new(net.as_ref(), 1, None).with_pace(pace, &loader, N_EPOCHS);
    let (mut rows, mut scores) = (Vec::new(), Vec::new());
    for epoch in 1..=N_EPOCHS {
        assert!(trainer.goes_on(&scores));
        rows.push(
            trainer
                .epoch(net.as_mut(), &loader, epoch, &mut |_| {})
                .unwrap(),
        );
        scores.push(0.0);
    }
    (rows, weights(net.as_ref()))
}

fn weights(net: &dyn CaptionNet) -> Vec<f32> {
    let mut found = Vec::new();
    net.for_each_param(&mut |param| {
        if param.entry.kind.is_trainable() {
            found.extend(param.to_torch());
        }
    });
    found
}

#[test]
fn gathered_batches_are_one_step() {
    let gathering = Pace {
        accumulate: 2,
        ..Pace::default()
    };
    let (rows, weights) = train(gathering);
    // Three batches: two make a step, and the last one an own.
    assert_eq!(rows[0].steps, 2);
    assert!(
        rows.iter()
            .all(|row| row.loss.is_finite() && row.grad_norm > 0.0)
    );
    let (rows, others) = train(Pace::default());
    assert_eq!(rows[0].steps, 3);
    assert_ne!(weights, others);
}

#[test]
fn rates_follow_the_schedule() {
    let pace = |schedule: &str, warmup| Pace {
        schedule: schedule.parse().unwrap(),
        warmup,
        ..Pace::default()
    };
    let rates = |pace| train(pace).0.iter().map(|row| row.rate).collect::<Vec<_>>();
    assert_eq!(rates(pace("step:1:0.5", 0)), [1.0, 0.5]);
    assert_eq!(rates(pace("constant", 6)), [0.5, 1.0]);
    let cosine = rates(pace("cosine", 0));
    // Batch 2 and batch 5 of 6.
    assert!((cosine[0] - 0.75).abs() < 1e-9, "{cosine:?}");
    assert!(cosine[1] < 0.1, "{cosine:?}");
}

#[test]
fn a_rate_of_almost_nothing_changes_nothing() {
    let (rows, still) = train(Pace {
        warmup: usize::MAX / 2,
        ..Pace::default()
    });
    assert!(rows[1].rate < 1e-15);
    let _alone = GENERATOR.lock().unwrap();
    let first = weights(net(&vocab(&data())).as_ref());
    let moved = still
        .iter()
        .zip(&first)
        .map(|(now, then)| (now - then).abs());
    assert!(moved.fold(0.0, f32::max) < 1e-12);
}
