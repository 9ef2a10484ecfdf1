//! Acceptance: real weights see what torchvision sees in real photographs.
//!
//! The photographs, torchvision's answers and the weights lie outside the repository; where they
//! are missing, the test says so and passes. `NN_CAPTION_WEIGHTS` names the weights' folder, which
//! `../shared/scripts/fetch-weights.sh` fills; then nothing may be missing.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use caption_models::data::{cut_centre, image_tensor, normalise, read_picture};
use caption_models::probe::fill;
use caption_models::weights::{self, LoadOptions};
use nn_core::encoder::{Encoder, MobileNetV2, mobilenet_v2};
use serde_json::Value;

const WEIGHTS: &str = "mobilenet_v2-b0353104.pth";
/// Photographs of the 79 whose first class may differ: another JPEG decoder rounds differently.
const MAY_DIFFER: usize = 2;

fn shared() -> PathBuf {
    std::env::var_os("NN_CAPTION_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    )
}

/// The weights' file, or nothing where nobody asked for it and it is not there.
fn weights_file() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("NN_CAPTION_WEIGHTS") {
        return Some(Path::new(&folder).join(WEIGHTS));
    }
    let home = std::env::var_os("HOME")?;
    let path = Path::new(&home)
        .join(".cache/nn-caption/weights")
        .join(WEIGHTS);
    path.exists().then_some(path)
}

fn model(path: &Path) -> MobileNetV2 {
    let mut model = mobilenet_v2().init(&Device::default());
    let report = weights::load(&mut model, path, &LoadOptions::default()).unwrap();
    assert!(report.fits(), "{report}");
    model
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn mobilenet_v2_sees_what_torchvisions_sees() {
    let golden = shared().join("golden/mobilenet_v2_coco_mini.json");
    let (true, Some(weights)) = (golden.exists(), weights_file()) else {
        eprintln!("skipped: no golden at {} or no {WEIGHTS}", golden.display());
        return;
    };
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(golden).unwrap()).unwrap();
    let model = model(&weights);
    logits_are_torchvisions(&model, &golden["synthetic_logits"]);
    classes_are_torchvisions(&model, golden["photographs"].as_object().unwrap());
}

fn logits_are_torchvisions(model: &MobileNetV2, golden: &Value) {
    let device = Device::default();
    let shape = [2, 3, 224, 224];
    let images = TensorData::new(fill::values("images", shape.iter().product(), 1.0), shape);
    let logits = model.classify(Tensor::from_data(images, &device));
    let found: Vec<f32> = logits.try_to_vec_as().unwrap();
    for (found, expected) in found.iter().zip(golden["values"].as_array().unwrap()) {
        let difference = (f64::from(*found) - expected.as_f64().unwrap()).abs();
        assert!(difference < 1e-3, "{found}, torchvision {expected}");
    }
}

fn classes_are_torchvisions(model: &MobileNetV2, photographs: &serde_json::Map<String, Value>) {
    let folder = shared().join("data/coco-mini/val2017");
    let mut differ = Vec::new();
    for (name, expected) in photographs {
        let class = classify(model, &folder.join(name));
        if expected["top5"][0].as_u64() != Some(class) {
            differ.push(format!("{name}: {class}, torchvision {expected}"));
        }
    }
    assert_eq!(photographs.len(), 79);
    assert!(differ.len() <= MAY_DIFFER, "{}", differ.join("\n"));
}

/// The class of a photograph: shorter side 256, centre crop 224.
fn classify(model: &MobileNetV2, path: &Path) -> u64 {
    let picture = cut_centre(&read_picture(path).unwrap(), 256, 224).unwrap();
    let images = image_tensor(normalise(&picture), [1, 3, 224, 224], &Device::default());
    let class: i64 = model.classify(images).argmax(1).into_scalar();
    u64::try_from(class).unwrap()
}
