//! Batches: their shapes, their order, their captions.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

use std::sync::Arc;

use burn::tensor::Device;
use caption_models::data::{
    Batch, DataError, DataSet, DataSpec, Item, Loader, LoaderConfig, Order, Padding, Split,
    normalise,
};
use caption_models::vocab::{EOS, PAD, SOS, Vocab};
use image::RgbImage;
use proptest::prelude::*;

/// One-coloured pictures; the number of captions and words differs from item to item.
#[derive(Debug)]
struct Plain {
    items: Vec<Item>,
    panics: bool,
}

impl Plain {
    fn new(n_captions: &[usize]) -> Self {
        let words = ["dog", "dog dog", "dog dog dog"];
        let captions = |n: usize| {
            words
                .iter()
                .cycle()
                .take(n)
                .map(ToString::to_string)
                .collect()
        };
        let item = |(idx, n): (usize, &usize)| Item {
            name: format!("plain-{idx}"),
            captions: captions(*n),
        };
        Self {
            items: n_captions.iter().enumerate().map(item).collect(),
            panics: false,
        }
    }
}

impl DataSet for Plain {
    fn name(&self) -> String {
        "plain".to_owned()
    }

    fn split(&self) -> Split {
        Split::Train
    }

    fn items(&self) -> &[Item] {
        &self.items
    }

    fn picture(&self, idx: usize, [height, width]: [usize; 2]) -> Result<RgbImage, DataError> {
        assert!(!self.panics, "picture {idx} is a trap");
        let [height, width] = [height, width].map(|side| u32::try_from(side).unwrap());
        let byte = u8::try_from(idx).unwrap();
        Ok(RgbImage::from_pixel(width, height, image::Rgb([byte; 3])))
    }

    fn fingerprint(&self, idx: usize) -> Result<[u8; 32], DataError> {
        Ok([u8::try_from(idx).unwrap(); 32])
    }
}

fn try_loader(data: Plain, config: LoaderConfig) -> Result<Loader, DataError> {
    Loader::new(Arc::new(data), &Vocab::build(["dog"], 1), config)
}

fn loader(n_captions: &[usize], config: LoaderConfig) -> Loader {
    try_loader(Plain::new(n_captions), config).unwrap()
}

fn read(loader: &Loader, epoch: usize) -> Vec<Batch> {
    loader.epoch(epoch).map(Result::unwrap).collect()
}

fn order(loader: &Loader, epoch: usize) -> Vec<usize> {
    read(loader, epoch)
        .into_iter()
        .flat_map(|batch| batch.indices)
        .collect()
}

const DOG: i64 = 4;

#[test]
fn captions_are_cycled_cut_and_padded() {
    let config = LoaderConfig::new(3, [3, 2, 2]).with_n_captions(2);
    let batch = &read(&loader(&[1, 2, 3], config), 0)[0];
    assert_eq!(batch.caption_shape, [3, 2, 4]);
    let one = [SOS, DOG, EOS, PAD];
    let two = [SOS, DOG, DOG, EOS];
    assert_eq!(batch.captions, [one, one, one, two, one, two].concat());
}

#[test]
fn the_length_is_the_longest_of_the_batch_or_fixed() {
    let config = LoaderConfig::new(1, [3, 2, 2]).with_n_captions(3);
    let lengths = |config: &LoaderConfig| {
        let batches = read(&loader(&[1, 3], config.clone()), 0);
        batches
            .iter()
            .map(|batch| batch.caption_shape[2])
            .collect::<Vec<_>>()
    };
    assert_eq!(lengths(&config), [3, 5]);
    assert_eq!(lengths(&config.clone().with_max_length(4)), [3, 4]);
    assert_eq!(lengths(&config.with_padding(Padding::Max)), [22, 22]);
}

#[test]
fn a_batch_holds_the_transformed_pictures_of_its_items() {
    let loader = loader(&[1; 5], LoaderConfig::new(2, [3, 4, 6]));
    assert_eq!(loader.n_batches(), 3);
    for batch in read(&loader, 0) {
        assert_eq!(batch.image_shape, [batch.indices.len(), 3, 4, 6]);
        let pictures = batch
            .indices
            .iter()
            .map(|idx| loader.data().picture(*idx, [4, 6]).unwrap());
        let expected: Vec<f32> = pictures.flat_map(|picture| normalise(&picture)).collect();
        assert_eq!(batch.images, expected);
        assert!(batch.skipped.is_empty());
    }
}

#[test]
fn tensors_have_the_shapes_and_values_of_the_batch() {
    let device = Device::default();
    let batch = &read(&loader(&[1, 2], LoaderConfig::new(2, [3, 2, 2])), 0)[0];
    assert_eq!(batch.images(&device).dims(), [2, 3, 2, 2]);
    let values = batch
        .images(&device)
        .into_data()
        .iter::<f32>()
        .collect::<Vec<_>>();
    assert_eq!(values, batch.images);
    assert_eq!(batch.captions(&device).dims(), [2, 5, 4]);
    let ids = batch
        .captions(&device)
        .into_data()
        .iter::<i64>()
        .collect::<Vec<_>>();
    assert_eq!(ids, batch.captions);
}

#[test]
fn empty_sets_and_empty_batches_are_refused() {
    let refused =
        |n_captions: &[usize], config| try_loader(Plain::new(n_captions), config).unwrap_err();
    let config = LoaderConfig::new(1, [3, 8, 8]);
    assert!(matches!(
        refused(&[], config.clone()),
        DataError::Empty { .. }
    ));
    let error = refused(&[1], LoaderConfig::new(0, [3, 8, 8]));
    assert!(
        matches!(error, DataError::BatchShape { batch: 0, .. }),
        "{error}"
    );
    let error = refused(&[1], config.with_n_captions(0));
    assert!(
        matches!(error, DataError::BatchShape { n_captions: 0, .. }),
        "{error}"
    );
    let error = refused(&[1], LoaderConfig::new(1, [1, 8, 8]));
    assert!(error.to_string().contains("[1, 8, 8]"), "{error}");
}

#[test]
fn a_reader_that_dies_is_an_error_and_not_a_short_epoch() {
    let mut data = Plain::new(&[1; 4]);
    data.panics = true;
    let loader = try_loader(data, LoaderConfig::new(2, [3, 2, 2])).unwrap();
    let mut batches = loader.epoch(0);
    let error = batches.next().unwrap().unwrap_err().to_string();
    assert!(error.contains("is a trap"), "{error}");
    assert!(batches.next().is_none());
}

#[test]
fn an_epoch_may_be_left_early() {
    let loader = loader(&[1; 100], LoaderConfig::new(1, [3, 2, 2]));
    for _ in 0..3 {
        assert_eq!(loader.epoch(0).next().unwrap().unwrap().indices, [0]);
    }
}

#[test]
fn the_scenes_are_read_the_same_by_two_loaders() {
    let batches = || {
        let data = "scenes:20"
            .parse::<DataSpec>()
            .unwrap()
            .open(Split::Train)
            .unwrap();
        let vocab = Vocab::build(data.items().iter().flat_map(|item| &item.captions), 1);
        let config = LoaderConfig::new(8, [3, 24, 24]).with_order(Order::Shuffled { seed: 9 });
        read(&Loader::new(data, &vocab, config).unwrap(), 3)
    };
    for (one, other) in batches().iter().zip(batches()) {
        assert_eq!(
            (&one.indices, &one.images, &one.captions),
            (&other.indices, &other.images, &other.captions)
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_epoch_shows_every_picture_once(n_items in 1_usize..30, batch in 1_usize..9, seed: u64, epoch in 0_usize..4) {
        let config = LoaderConfig::new(batch, [3, 1, 1]).with_order(Order::Shuffled { seed });
        let mut seen = order(&loader(&vec![1; n_items], config), epoch);
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..n_items).collect::<Vec<_>>());
    }

    #[test]
    fn the_order_follows_from_seed_and_epoch(seed: u64, epoch in 0_usize..100) {
        let loader = |seed| loader(&[1; 40], LoaderConfig::new(7, [3, 1, 1]).with_order(Order::Shuffled { seed }));
        prop_assert_eq!(order(&loader(seed), epoch), order(&loader(seed), epoch));
        prop_assert_ne!(order(&loader(seed), epoch), order(&loader(seed), epoch + 1));
        prop_assert_ne!(order(&loader(seed), epoch), order(&loader(seed ^ 1), epoch));
    }
}
