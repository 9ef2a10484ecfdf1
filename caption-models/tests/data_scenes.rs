//! The embedded scenes as a data set.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

use std::collections::BTreeSet;

use caption_models::data::{DataError, DataSet, DataSpec, Item, Scenes, Split};
use proptest::prelude::*;

/// FNV-1a of a picture's bytes.
fn digest(set: &dyn DataSet, idx: usize) -> u64 {
    let picture = set.picture(idx, [64, 64]).unwrap();
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    picture.as_raw().iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[test]
fn the_default_scenes_are_the_same_everywhere() {
    let set = DataSpec::default().open(Split::Validation).unwrap();
    assert_eq!(set.items().len(), 256);
    let first = &set.items()[0];
    let shown = format!(
        "{}\n{}\n{:016x}",
        first.name,
        first.captions.join("\n"),
        digest(&*set, 0)
    );
    assert_eq!(shown, FIRST);
}

const FIRST: &str = "validation-00000
a large orange cross right of three small purple rings
three small purple rings left of a large orange cross
there is an orange cross and three purple rings on grey
the orange cross is right of the three purple rings
three purple rings left of an orange cross on grey
f2321945959edfac";

#[test]
fn splits_share_no_picture_and_no_combination() {
    let sets = [Split::Train, Split::Validation].map(|split| Scenes::new(300, split, 5));
    let captions = |set: &Scenes| {
        set.items()
            .iter()
            .map(|item| item.captions.clone())
            .collect::<BTreeSet<_>>()
    };
    assert!(captions(&sets[0]).is_disjoint(&captions(&sets[1])));
    let mut pictures = BTreeSet::new();
    for set in &sets {
        for idx in 0..100 {
            assert!(pictures.insert(digest(set, idx)), "{:?}", set.items()[idx]);
        }
    }
}

#[test]
fn names_are_unique_and_say_the_split() {
    let set = Scenes::new(50, Split::Validation, 5);
    let names: BTreeSet<&str> = set.items().iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names.len(), 50);
    assert!(names.iter().all(|name| name.starts_with("validation-")));
    assert_eq!(
        (set.split(), set.name().as_str()),
        (Split::Validation, "scenes")
    );
}

#[test]
fn a_constant_caption_is_true_of_few_pictures() {
    let set = Scenes::new(400, Split::Validation, 5);
    let says = |item: &Item, caption: &String| item.captions.contains(caption);
    for constant in set.items().iter().take(40).flat_map(|item| &item.captions) {
        let n_true = set
            .items()
            .iter()
            .filter(|item| says(item, constant))
            .count();
        assert!(n_true <= 8, "`{constant}` holds of {n_true} of 400");
    }
}

#[test]
fn impossible_sizes_are_errors() {
    let set = Scenes::new(1, Split::Train, 0);
    for size in [[0, 10], [10, 0], [20_000, 10]] {
        let error = set.picture(0, size).unwrap_err();
        assert!(matches!(error, DataError::ImageShape { .. }), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn equal_arguments_give_equal_scenes(seed: u64, n_items in 1_usize..6, size in (1_usize..40, 1_usize..40)) {
        let [one, other] = [0; 2].map(|_| Scenes::new(n_items, Split::Train, seed));
        prop_assert_eq!(one.items(), other.items());
        let size = [size.0, size.1];
        for idx in 0..n_items {
            prop_assert_eq!(one.picture(idx, size).unwrap(), other.picture(idx, size).unwrap());
        }
    }

    #[test]
    fn a_longer_set_begins_with_the_shorter(seed: u64, n_items in 1_usize..6) {
        let (short, long) = (Scenes::new(n_items, Split::Train, seed), Scenes::new(9, Split::Train, seed));
        prop_assert_eq!(short.items(), &long.items()[..n_items]);
        prop_assert_eq!(digest(&short, n_items - 1), digest(&long, n_items - 1));
    }

    #[test]
    fn seeds_make_different_sets(seed: u64) {
        let sets = [seed, seed.wrapping_add(1)].map(|seed| Scenes::new(8, Split::Train, seed));
        prop_assert_ne!(sets[0].items(), sets[1].items());
    }
}
