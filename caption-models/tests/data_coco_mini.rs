//! Acceptance over real photographs: `data/coco-mini` of the shared folder.

use std::path::PathBuf;

use caption_models::data::{DataSpec, Loader, LoaderConfig, Split};
use caption_models::vocab::Vocab;

/// The shared folder's photographs; without them a line says what is skipped.
#[expect(
    clippy::print_stderr,
    reason = "a skipped acceptance test has to say so"
)]
fn coco_mini() -> Option<PathBuf> {
    let beside = || concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared").into();
    let shared = std::env::var_os("NN_CAPTION_SHARED").unwrap_or_else(beside);
    let dir = PathBuf::from(shared).join("data/coco-mini");
    if dir.is_dir() {
        return Some(dir);
    }
    eprintln!("skipped: no photographs at {}", dir.display());
    None
}

#[test]
fn every_photograph_loads_with_its_five_captions() {
    let Some(dir) = coco_mini() else { return };
    for (split, n_items) in [(Split::Train, 80), (Split::Validation, 79)] {
        let data = DataSpec::Coco { dir: dir.clone() }.open(split).unwrap();
        assert_eq!((data.items().len(), data.problems().len()), (n_items, 0));
        assert!(data.items().iter().all(|item| item.captions.len() == 5));
        let vocab = Vocab::build(data.items().iter().flat_map(|item| &item.captions), 1);
        let loader = Loader::new(data, &vocab, LoaderConfig::new(16, [3, 64, 64])).unwrap();
        let batches: Vec<_> = loader.epoch(0).map(Result::unwrap).collect();
        assert_eq!(
            batches
                .iter()
                .map(|batch| batch.indices.len())
                .sum::<usize>(),
            n_items
        );
        assert!(batches.iter().all(|batch| batch.skipped.is_empty()));
        let values: Vec<f32> = batches.into_iter().flat_map(|batch| batch.images).collect();
        let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64;
        assert!(
            mean.abs() < 0.5,
            "photographs normalise to a mean near 0, found {mean}"
        );
    }
}
