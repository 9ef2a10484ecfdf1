//! Schedules and gathered gradients, over a ready system on drawn scenes.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

use burn::tensor::Device;
use caption_models::data::{DataSpec, Loader, LoaderConfig, Split};
use caption_models::harness::CaptionNet;
use caption_models::system::find;
use caption_models::train::{EpochRow, Pace, Trainer};
use caption_models::vocab::Vocab;

const N_EPOCHS: usize = 2;

/// The rows of two epochs of three batches, and a weight at the end.
fn train(pace: Pace) -> (Vec<EpochRow>, Vec<f32>) {
    let data = "scenes:12"
        .parse::<DataSpec>()
        .unwrap()
        .open(Split::Train)
        .unwrap();
    let captions = data.items().iter().flat_map(|item| &item.captions);
    let vocab = Vocab::build(captions, 1);
    let config = find("resnet-lstm").unwrap().config(vocab.len());
    let image = [3, 32, 32];
    let mut net = config.build(image, &Device::default(), 1).unwrap();
    let loader = Loader::new(data, &vocab, LoaderConfig::new(4, image)).unwrap();
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
        if param.entry.name == "decoder.words.embedding.weight" || found.is_empty() {
            found = param.to_torch();
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
fn a_rate_of_nothing_changes_nothing() {
    let still = train(Pace {
        schedule: "step:1:1e-30".parse().unwrap(),
        warmup: usize::MAX / 2,
        ..Pace::default()
    });
    let (_, moved) = train(Pace::default());
    assert_ne!(still.1, moved);
    assert!(still.0[1].rate < 1e-15);
}
