//! Files of weights: what fits is loaded, what does not is told, and nothing hostile runs.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use caption_models::weights::{self, LoadOptions, LoadReport, WeightsError};
use nn_core::{BatchNorm, BatchNormConfig, Lstm, LstmConfig};
use proptest::prelude::*;

const STRICT: LoadOptions = LoadOptions { partial: false };
const PARTIAL: LoadOptions = LoadOptions { partial: true };

/// The module of `weights/make.py`.
#[derive(Module, Debug)]
struct Tiny {
    linear: Linear,
    norm: BatchNorm,
    lstm: Lstm,
}

fn tiny() -> Tiny {
    let device = Device::default();
    Tiny {
        linear: LinearConfig::new(3, 2).init(&device),
        norm: BatchNormConfig::new(2).init(&device),
        lstm: LstmConfig::new(2, 2).init(&device),
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/weights")
        .join(name)
}

fn numbers<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.try_to_vec_as().unwrap()
}

/// `start / 64`, `(start + 1) / 64`, ..
fn ramp(start: u16, n: u16) -> Vec<f32> {
    (start..start + n).map(|i| f32::from(i) / 64.0).collect()
}

/// Asserts that the module holds what `make.py` wrote.
#[track_caller]
fn assert_loaded(module: &Tiny) {
    let weight = module.linear.weight.val().transpose(); // PyTorch's [out, in]
    assert_eq!(numbers(&weight), ramp(0, 6));
    assert_eq!(
        numbers(&module.linear.bias.as_ref().unwrap().val()),
        ramp(6, 2)
    );
    assert_eq!(
        numbers(&module.norm.weight.as_ref().unwrap().val()),
        ramp(8, 2)
    );
    assert_eq!(
        numbers(&module.lstm.layers[0].weight_ih.val()),
        ramp(12, 16)
    );
    let bias = module.lstm.layers[0].bias_hh.as_ref().unwrap().val();
    assert_eq!(numbers(&bias), ramp(52, 8));
    assert_eq!(numbers(&module.norm.running_mean.value()), ramp(60, 2));
    assert_eq!(numbers(&module.norm.running_var.value()), ramp(62, 2));
}

#[test]
fn every_kind_of_file_loads() {
    for name in ["zip.pth", "legacy.pth", "nested.pth", "half.pth"] {
        let mut module = tiny();
        let report = weights::load(&mut module, &fixture(name), &STRICT).unwrap();
        assert_eq!(report.loaded.len(), 10, "{name}");
        assert!(report.fits(), "{name}: {report}");
        assert_loaded(&module);
    }
}

#[test]
fn saving_and_loading_changes_no_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.safetensors");
    let mut first = tiny();
    weights::load(&mut first, &fixture("zip.pth"), &STRICT).unwrap();
    weights::save(&first, &path).unwrap();
    let mut second = tiny();
    weights::load(&mut second, &path, &STRICT).unwrap();
    assert_loaded(&second);
}

#[test]
fn loaded_parameters_still_train() {
    let device = Device::default().autodiff();
    let mut linear = LinearConfig::new(3, 2).init(&device);
    weights::load(&mut linear, &fixture("zip.pth"), &PARTIAL).unwrap();
    let gradients = linear
        .forward(Tensor::<2>::ones([1, 3], &device))
        .sum()
        .backward();
    assert!(linear.weight.val().grad(&gradients).is_some());
}

#[derive(Module, Debug)]
struct Other {
    linear: Linear,
    extra: Linear,
}

fn other() -> Other {
    let device = Device::default();
    Other {
        linear: LinearConfig::new(4, 2).init(&device),
        extra: LinearConfig::new(1, 1).init(&device),
    }
}

#[test]
fn what_does_not_fit_is_told_and_changes_nothing() {
    let mut module = other();
    let before = numbers(&module.linear.bias.as_ref().unwrap().val());
    let error = weights::load(&mut module, &fixture("zip.pth"), &STRICT).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("1 of 4 tensors fit"), "{text}");
    assert!(
        text.contains("2 missing: extra.weight, extra.bias"),
        "{text}"
    );
    assert!(text.contains("8 unexpected"), "{text}");
    assert!(text.contains("linear.weight [2, 3], not [2, 4]"), "{text}");
    let after = numbers(&module.linear.bias.as_ref().unwrap().val());
    assert_eq!(before, after);
}

#[test]
fn a_partial_load_takes_what_fits() {
    let mut module = other();
    let report = weights::load(&mut module, &fixture("zip.pth"), &PARTIAL).unwrap();
    let expected = LoadReport {
        loaded: vec!["linear.bias".to_owned()],
        missing: vec!["extra.weight".to_owned(), "extra.bias".to_owned()],
        ..report.clone()
    };
    assert_eq!(report, expected);
    assert_eq!(report.wrong_shape[0].found, [2, 3]);
    assert_eq!(
        numbers(&module.linear.bias.as_ref().unwrap().val()),
        ramp(6, 2)
    );
}

/// The pickles ask for `os.system("touch evil-was-here")`.
#[test]
fn a_malicious_pickle_runs_nothing() {
    for name in ["evil.pth", "evil_legacy.pth"] {
        let mut module = tiny();
        // Whether the rest loads is no matter; that nothing ran is.
        let _read = weights::load(&mut module, &fixture(name), &PARTIAL);
        assert!(!Path::new("evil-was-here").exists(), "{name}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = weights::load(&mut tiny(), Path::new("no/such.pth"), &STRICT).unwrap_err();
    assert!(matches!(error, WeightsError::Io { .. }));
    assert!(error.to_string().contains("no/such.pth"), "{error}");
}

#[test]
fn another_kind_of_file_is_refused() {
    let error = weights::load(&mut tiny(), &fixture("make.py"), &STRICT).unwrap_err();
    assert!(matches!(error, WeightsError::Format { .. }), "{error}");
}

#[test]
fn a_full_disk_is_an_error() {
    let error = weights::save(&tiny(), Path::new("/dev/full/weights")).unwrap_err();
    assert!(matches!(error, WeightsError::Write { .. }), "{error}");
}

fn load_bytes(bytes: &[u8]) -> Result<LoadReport, WeightsError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, bytes).unwrap();
    weights::load(&mut tiny(), &path, &STRICT)
}

#[test]
fn every_truncated_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("tiny.safetensors");
    weights::save(&tiny(), &saved).unwrap();
    for path in [fixture("zip.pth"), fixture("legacy.pth"), saved] {
        let bytes = std::fs::read(&path).unwrap();
        for length in (0..bytes.len()).step_by(7) {
            let read = load_bytes(&bytes[..length]);
            assert!(read.is_err(), "{} of {}", length, path.display());
        }
    }
}

proptest! {
    /// Nothing that a damaged file holds makes the reader panic.
    #[test]
    fn a_damaged_file_loads_or_is_an_error(
        legacy: bool,
        place in 0_usize..4000,
        byte: u8,
    ) {
        let name = if legacy { "legacy.pth" } else { "zip.pth" };
        let mut bytes = std::fs::read(fixture(name)).unwrap();
        let place = place % bytes.len();
        bytes[place] = byte;
        let _read = load_bytes(&bytes);
    }
}
