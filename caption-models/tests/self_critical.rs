//! Self-critical training raises the reward it is given.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

use std::sync::{Mutex, MutexGuard, PoisonError};

use burn::tensor::Device;
use caption_models::data::{DataSpec, Input, Loader, LoaderConfig, Split};
use caption_models::decode::{DecodeOptions, Method, Sample, decode};
use caption_models::harness::CaptionNet;
use caption_models::optim::Stepper;
use caption_models::system::{Freeze, find};
use caption_models::train::{Rewards, backward};
use caption_models::vocab::{EOS, Vocab};

const IMAGE: [usize; 3] = [3, 32, 32];

/// Weights and dropout are drawn from the one generator of the device: tests that draw take turns.
fn alone() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

fn loader() -> (Loader, Vocab) {
    let data = "scenes:8"
        .parse::<DataSpec>()
        .unwrap()
        .open(Split::Train)
        .unwrap();
    let vocab = Vocab::build(data.items().iter().flat_map(|item| &item.captions), 1);
    let loader = Loader::new(data, &vocab, LoaderConfig::new(8, IMAGE)).unwrap();
    (loader, vocab)
}

fn net(vocab: &Vocab) -> Box<dyn CaptionNet> {
    let entry = find("show-and-tell").unwrap();
    let mut config = entry.config_on("squeezenet1_1", vocab.len()).unwrap();
    config.training.freeze = Freeze::ALL;
    config.training.lr = 2e-3;
    config.build(IMAGE, &Device::default(), 3).unwrap()
}

/// The reward of each caption, from the pictures' numbers and the captions' ids.
type Reward<'a> = &'a dyn Fn(&[usize], &[Vec<i64>]) -> Vec<f64>;

/// The mean reward of many drawn captions.
fn expected_reward(net: &dyn CaptionNet, loader: &Loader, reward: Reward<'_>) -> f64 {
    let batch = loader.epoch(1).next().unwrap().unwrap();
    let features = net.features(batch.images(net.device()));
    let mut all = Vec::new();
    for seed in 1000..1012 {
        let method = Method::Sample(Sample {
            seed,
            ..Sample::default()
        });
        let options = DecodeOptions {
            method,
            ..DecodeOptions::default()
        };
        let captions = decode(net, Input::Features(features.clone()), &options, 0).unwrap();
        let captions: Vec<Vec<i64>> = captions.into_iter().map(|caption| caption.ids).collect();
        all.extend(reward(&batch.indices, &captions));
    }
    all.iter().sum::<f64>() / all.len() as f64
}

/// A reward that nobody's captions have to do with: how often one word is said.
#[test]
fn any_reward_is_raised() {
    let _alone = alone();
    let (loader, vocab) = loader();
    let mut net = net(&vocab);
    let said = |_: &[usize], captions: &[Vec<i64>]| -> Vec<f64> {
        let count = |caption: &Vec<i64>| caption.iter().filter(|id| **id == 7).count() as f64;
        captions.iter().map(count).collect()
    };
    let before = expected_reward(net.as_ref(), &loader, &said);
    let mut stepper = Stepper::new(net.recipe());
    for step in 0..25 {
        let batch = loader.epoch(1).next().unwrap().unwrap();
        let (gradients, _) = backward(net.as_mut(), &batch, &said, step);
        stepper.step(net.as_mut(), gradients);
    }
    let after = expected_reward(net.as_ref(), &loader, &said);
    assert!(before < 1.0 && after > 5.0, "from {before} to {after}");
}

#[test]
fn a_caption_that_does_not_end_is_worth_less() {
    let _alone = alone();
    let (loader, _) = loader();
    let rewards = Rewards::of(&loader).unwrap();
    let ended = loader.captions()[0][0][1..].to_vec();
    assert_eq!(ended.last(), Some(&EOS));
    let open = ended[..ended.len() - 1].to_vec();
    let [ended, open] = [ended, open].map(|caption| rewards.of_captions(&[0], &[caption])[0]);
    assert!(ended > open && open > 0.0, "{ended} {open}");
}
