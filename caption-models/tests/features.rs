//! Features of frozen encoders: kept, shared, found damaged, and the same to the last bit.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use burn::tensor::{Device, Tensor};
use caption_models::data::{
    DataError, DataSet, DataSpec, Input, Loader, LoaderConfig, Order, Split,
};
use caption_models::features::{CachedFeatures, FeatureCache, Filling};
use caption_models::harness::CaptionNet;
use caption_models::system::{Freeze, find};
use caption_models::train::Trainer;
use caption_models::vocab::Vocab;

const IMAGE: [usize; 3] = [3, 32, 32];
const N_PICTURES: usize = 7;

/// Weights and dropout are drawn from the one generator of the device: tests that draw take turns.
fn alone() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

fn data() -> Arc<dyn DataSet> {
    let spec: DataSpec = format!("scenes:{N_PICTURES}").parse().unwrap();
    spec.open(Split::Train).unwrap()
}

fn vocab() -> Vocab {
    Vocab::build(data().items().iter().flat_map(|item| &item.captions), 1)
}

fn loader() -> Loader {
    let config = LoaderConfig::new(3, IMAGE).with_order(Order::Shuffled { seed: 5 });
    Loader::new(data(), &vocab(), config).unwrap()
}

/// A system on a small encoder that keeps its weights.
fn frozen(system: &str, seed: u64) -> Box<dyn CaptionNet> {
    let entry = find(system).unwrap();
    let mut config = entry.config_on("squeezenet1_1", vocab().len()).unwrap();
    config.training.freeze = Freeze::ALL;
    config.build(IMAGE, &Device::default(), seed).unwrap()
}

fn cache(net: &dyn CaptionNet, folder: &Path) -> FeatureCache {
    FeatureCache::of(net, folder, "cpu").unwrap()
}

/// Fills the cache; also returns what was told first.
fn fill(net: &dyn CaptionNet, folder: &Path) -> (Arc<CachedFeatures>, Filling) {
    let mut told = Vec::new();
    let features = cache(net, folder).fill(net, &loader(), &mut |filling| told.push(filling));
    let last = told.last().unwrap();
    assert_eq!(last.done, last.all);
    (features.unwrap(), told[0])
}

/// The files of a cache.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(entries(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// All weights by name, as bits.
fn weights(net: &dyn CaptionNet) -> Vec<(&'static str, Vec<u32>)> {
    let mut all = Vec::new();
    net.for_each_param(&mut |param| {
        let values: Vec<f32> = param.value.into_data().iter().collect();
        let bits = values.into_iter().map(f32::to_bits).collect();
        all.push((param.entry.name, bits));
    });
    all
}

#[test]
fn training_on_cached_features_is_the_same_to_the_last_bit() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    for system in ["resnet-lstm", "resnet-transformer", "show-and-tell"] {
        let (features, _) = fill(frozen(system, 3).as_ref(), folder.path());
        let inputs = [loader(), loader().with_features(features)];
        let [uncached, cached] = inputs.map(|loader| {
            let mut net = frozen(system, 3);
            let mut trainer = Trainer::new(net.as_ref(), 3, None);
            let rows = [1, 2].map(|epoch| {
                let row = trainer.epoch(net.as_mut(), &loader, epoch, &mut |_| ());
                let row = row.unwrap();
                (row.loss.to_bits(), row.grad_norm.to_bits())
            });
            (rows, weights(net.as_ref()))
        });
        assert_eq!(uncached.0, cached.0, "{system}");
        assert!(uncached.1 == cached.1, "{system}");
        let before = weights(frozen(system, 3).as_ref());
        let changed = before
            .iter()
            .zip(&cached.1)
            .filter(|(one, other)| one != other);
        let mut changed = changed.map(|((name, _), _)| name);
        assert!(changed.clone().count() > 0, "{system} learned nothing");
        assert!(changed.all(|name| name.starts_with("decoder.")), "{system}");
    }
}

#[test]
fn features_do_not_hang_on_the_other_pictures_of_a_batch() {
    let _alone = alone();
    let net = frozen("resnet-lstm", 1);
    let batch = loader().epoch(1).next().unwrap().unwrap();
    let images = batch.images(net.device());
    let together: Vec<f32> = net.features(images.clone()).into_data().iter().collect();
    let alone = images
        .split(1, 0)
        .into_iter()
        .map(|image| net.features(image));
    let alone: Vec<f32> = Tensor::cat(alone.collect(), 0).into_data().iter().collect();
    let bits = |values: &[f32]| {
        values
            .iter()
            .map(|value| value.to_bits())
            .collect::<Vec<_>>()
    };
    assert_eq!(bits(&together), bits(&alone));
}

#[test]
fn another_decoder_reuses_what_one_has_computed_and_other_weights_do_not() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let (_, first) = fill(frozen("resnet-lstm", 3).as_ref(), folder.path());
    assert_eq!((first.done, first.all), (0, N_PICTURES));
    let (_, second) = fill(frozen("resnet-transformer", 3).as_ref(), folder.path());
    assert_eq!(second.done, N_PICTURES);
    let (_, other) = fill(frozen("resnet-lstm", 4).as_ref(), folder.path());
    assert_eq!(other.done, 0);
    let (_, pooled) = fill(frozen("show-and-tell", 3).as_ref(), folder.path());
    assert_eq!(pooled.done, 0);
}

#[test]
fn an_interrupted_filling_goes_on_and_damage_is_mended() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let net = frozen("resnet-lstm", 3);
    fill(net.as_ref(), folder.path());
    let files = entries(folder.path());
    let whole: Vec<Vec<u8>> = files.iter().map(|path| fs::read(path).unwrap()).collect();
    assert_eq!(files.len(), N_PICTURES);

    fs::remove_file(&files[0]).unwrap();
    fs::write(files[0].with_extension("safetensors.partial-1"), [1, 2]).unwrap();
    let mut bytes = whole[1].clone();
    let last = bytes.len() - 3;
    bytes[last] ^= 4;
    fs::write(&files[1], bytes).unwrap();
    fs::write(&files[2], &whole[2][..whole[2].len() / 2]).unwrap();
    fs::write(&files[3], []).unwrap();

    let (_, filling) = fill(net.as_ref(), folder.path());
    assert_eq!((filling.done, filling.damaged), (N_PICTURES - 4, 3));
    for (path, whole) in files.iter().zip(&whole) {
        assert!(&fs::read(path).unwrap() == whole, "{}", path.display());
    }
}

#[test]
fn damage_during_training_is_an_error_that_names_the_file() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let (features, _) = fill(frozen("resnet-lstm", 3).as_ref(), folder.path());
    let damaged = &entries(folder.path())[4];
    fs::write(damaged, "no features").unwrap();
    let mut batches = loader().with_features(features).epoch(1);
    let error = batches.find_map(Result::err).unwrap();
    assert!(matches!(error, DataError::Features { .. }), "{error}");
    assert!(
        error.to_string().contains(damaged.to_str().unwrap()),
        "{error}"
    );
}

#[test]
fn a_net_that_trains_its_encoder_has_no_features_to_keep() {
    let _alone = alone();
    let entry = find("resnet-lstm").unwrap();
    let mut config = entry.config_on("squeezenet1_1", vocab().len()).unwrap();
    config.training.freeze = Freeze::AllBut(1);
    let net = config.build(IMAGE, &Device::default(), 0).unwrap();
    assert!(FeatureCache::of(net.as_ref(), Path::new("nowhere"), "cpu").is_none());
}

#[test]
fn a_picture_that_cannot_be_read_is_left_out_as_without_a_cache() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let pictures = folder.path().join("data");
    fs::create_dir(&pictures).unwrap();
    let mut lines = String::new();
    for idx in 0..N_PICTURES {
        let name = format!("{idx}.png");
        let drawn = data().picture(idx, [40, 40]).unwrap();
        drawn.save(pictures.join(&name)).unwrap();
        writeln!(
            lines,
            r#"{{"image":"{name}","caption":"a dog","split":"train"}}"#
        )
        .expect("a string takes all");
    }
    fs::write(pictures.join("2.png"), "no picture").unwrap();
    fs::write(pictures.join("set.jsonl"), lines).unwrap();
    let spec: DataSpec = format!("jsonl:{}", pictures.join("set.jsonl").display())
        .parse()
        .unwrap();
    let data = spec.open(Split::Train).unwrap();
    let loader = Loader::new(data, &vocab(), LoaderConfig::new(3, IMAGE)).unwrap();

    let net = frozen("resnet-lstm", 3);
    let kept = cache(net.as_ref(), &folder.path().join("cache"));
    let features = kept.fill(net.as_ref(), &loader, &mut |_| ()).unwrap();
    // Again, where nothing but that picture is missing.
    let again = kept.fill(net.as_ref(), &loader, &mut |_| ()).unwrap();
    assert_eq!(again, features);
    let shown = |loader: Loader| -> Vec<(Vec<usize>, Vec<String>)> {
        let batches = loader.epoch(1).map(Result::unwrap);
        let shown = batches.map(|batch| {
            let skipped = batch.skipped.iter().map(ToString::to_string);
            (batch.indices.clone(), skipped.collect())
        });
        shown.collect()
    };
    assert_eq!(
        shown(loader.clone()),
        shown(loader.with_features(features.clone()))
    );
    let batch = loader
        .with_features(features)
        .epoch(1)
        .next()
        .unwrap()
        .unwrap();
    assert!(matches!(batch.input(net.device()), Input::Features(_)));
}
