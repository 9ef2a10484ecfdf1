//! What training costs, in images a second: reading photographs, a step, decoding, and an epoch with a frozen encoder,
//! with and without its features kept on disk.
//!
//! `cargo bench --bench training`
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use burn::tensor::Device;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use image::{Rgb, RgbImage};
use nn_caption::caption_models::data::{
    Augment, Batch, DataSpec, Input, Loader, LoaderConfig, Split,
};
use nn_caption::caption_models::decode::{Beam, DecodeOptions, Method, decode};
use nn_caption::caption_models::features::FeatureCache;
use nn_caption::caption_models::harness::CaptionNet;
use nn_caption::caption_models::optim::Stepper;
use nn_caption::caption_models::system::{Freeze, find};
use nn_caption::caption_models::train::Trainer;
use nn_caption::caption_models::vocab::Vocab;

const BATCH: usize = 16;
/// Pictures of an epoch.
const N_PICTURES: usize = 64;
/// A net's input.
const IMAGE: [usize; 3] = [3, 64, 64];
const SYSTEMS: [&str; 2] = ["resnet-lstm", "resnet-transformer"];

/// Photographs of COCO's commonest size: smooth shades with noise, as hard to decode as real ones.
fn photographs(folder: &Path) -> Loader {
    let mut lines = String::new();
    let mut noise = 1_u32;
    for idx in 0..N_PICTURES {
        let picture = RgbImage::from_fn(640, 480, |x, y| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let shade = |value: u32| u8::try_from(value / 4 + (noise >> 27)).unwrap_or(u8::MAX);
            Rgb([shade(x), shade(2 * y), shade(x + y / 2)])
        });
        let name = format!("{idx}.jpg");
        picture.save(folder.join(&name)).expect("there is room");
        writeln!(
            lines,
            r#"{{"image":"{name}","caption":"a dog","split":"train"}}"#
        )
        .expect("a string takes all");
    }
    let file = folder.join("set.jsonl");
    std::fs::write(&file, lines).expect("there is room");
    loader(&DataSpec::Jsonl { file }, [3, 224, 224])
}

fn loader(spec: &DataSpec, image: [usize; 3]) -> Loader {
    let data = spec.open(Split::Train).expect("the set is there");
    let vocab = Vocab::build(data.items().iter().flat_map(|item| &item.captions), 1);
    Loader::new(data, &vocab, LoaderConfig::new(BATCH, image)).expect("the shape is right")
}

fn scenes() -> Loader {
    loader(
        &DataSpec::Scenes {
            n_train: N_PICTURES,
        },
        IMAGE,
    )
}

fn first_batch(loader: &Loader) -> Batch {
    let batch = loader.epoch(1).next().expect("there are pictures");
    batch.expect("pictures can be read")
}

/// A system for the words of the scenes.
fn system(name: &str, encoder: Option<&str>, freeze: Freeze) -> Box<dyn CaptionNet> {
    let data = DataSpec::Scenes {
        n_train: N_PICTURES,
    }
    .open(Split::Train);
    let data = data.expect("scenes are drawn");
    let vocab = Vocab::build(data.items().iter().flat_map(|item| &item.captions), 1);
    let entry = find(name).expect("the system is listed");
    let mut config = entry
        .config_on(encoder.unwrap_or(entry.encoder), vocab.len())
        .expect("the encoder is listed");
    config.training.freeze = freeze;
    config
        .build(IMAGE, &Device::default(), 0)
        .expect("the system is sound")
}

fn loaders(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("there is room");
    let photographs = photographs(folder.path());
    let augment = Augment {
        flip: true,
        crop: Some(0.5),
        colour: Some(0.2),
    };
    let augmented = photographs.config().clone().with_augment(augment, 0);
    let augmented = Loader::new(
        Arc::clone(photographs.data()),
        &Vocab::build(["a dog"], 1),
        augmented,
    );
    let augmented = augmented.expect("the shape is right");
    let mut group = c.benchmark_group("loader");
    group.throughput(Throughput::Elements(N_PICTURES as u64)); // images
    for (id, loader) in [
        ("photographs", &photographs),
        ("augmented", &augmented),
        ("scenes", &scenes()),
    ] {
        group.bench_function(id, |b| b.iter(|| loader.epoch(1).count()));
    }
    group.finish();
}

fn steps(c: &mut Criterion) {
    let batch = first_batch(&scenes());
    let device = Device::default();
    let mut group = c.benchmark_group("train_step");
    group.throughput(Throughput::Elements(BATCH as u64)); // images
    for name in SYSTEMS {
        group.bench_function(name, |b| {
            let mut net = system(name, None, Freeze::NOTHING);
            let mut stepper = Stepper::new(net.recipe());
            b.iter(|| {
                let backward = net.backward(batch.images(&device), batch.captions(&device));
                stepper.step(net.as_mut(), backward).total // reads from the device
            });
        });
    }
    group.finish();
}

fn decoding(c: &mut Criterion) {
    let batch = first_batch(&scenes());
    let device = Device::default();
    let greedy = DecodeOptions::default();
    let beam = DecodeOptions {
        method: Method::Beam(Beam::default()),
        ..greedy
    };
    let mut group = c.benchmark_group("decode");
    group.throughput(Throughput::Elements(BATCH as u64)); // images
    for name in SYSTEMS {
        let net = system(name, None, Freeze::NOTHING);
        for (by, options) in [("greedy", greedy), ("beam", beam)] {
            group.bench_function(format!("{name}/{by}"), |b| {
                b.iter(|| {
                    decode(
                        net.as_ref(),
                        Input::Images(batch.images(&device)),
                        &options,
                        0,
                    )
                });
            });
        }
    }
    group.finish();
}

/// One epoch on pictures, and one on features that were computed before.
fn epochs(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("there is room");
    let pictures = scenes();
    let mut group = c.benchmark_group("frozen_epoch");
    group.throughput(Throughput::Elements(N_PICTURES as u64)); // images
    for encoder in ["resnet18", "mobilenet_v2"] {
        let mut net = system("resnet-lstm", Some(encoder), Freeze::ALL);
        let cache = FeatureCache::of(net.as_ref(), folder.path(), "cpu");
        let cache = cache.expect("the encoder is frozen");
        let features = cache.fill(net.as_ref(), &pictures, &mut |_| ());
        let features = pictures.with_features(features.expect("there is room"));
        for (id, loader) in [("uncached", &pictures), ("cached", &features)] {
            group.bench_function(format!("{encoder}/{id}"), |b| {
                let mut trainer = Trainer::new(net.as_ref(), 0, None);
                b.iter(|| {
                    trainer
                        .epoch(net.as_mut(), loader, 1, &mut |_| ())
                        .map(|row| row.loss)
                });
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_secs(1));
    targets = loaders, steps, decoding, epochs
}
criterion_main!(benches);
