//! Nets that go wrong: the process says so and ends with code 1.

use std::path::Path;
use std::sync::{Arc, Mutex};

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Int, Tensor};
use caption_models::data::{DataSpec, Split};
use caption_models::harness::{
    Alignment, Captioner, Event, Events, Inference, Optimizer, ParamGroup, Recipe, Spec, Stage,
    StateEntry, run,
};
use caption_models::vocab::Vocab;

/// Its loss is infinite and its decoder panics. `TABLE` is its table of parameters: 0 is right.
#[derive(Module, Debug)]
struct Broken<const TABLE: usize> {
    scale: Linear,
}

impl<const TABLE: usize> Captioner for Broken<TABLE> {
    type Memory = ();

    const SPEC: Spec = Spec {
        vocab: 8,
        image: [3, 8, 8],
        alignment: Alignment {
            n_dropped: 1,
            shift: 1,
        },
        infer: false,
    };

    const STATE: &'static [StateEntry] = match TABLE {
        0 => &[StateEntry::param("scale.weight", "scale.weight").transposed()],
        _ => &[StateEntry::param("scale.weight", "scale.kernel")],
    };

    const RECIPE: Recipe = Recipe {
        groups: &[ParamGroup {
            params: None,
            optimizer: Optimizer::Sgd {
                lr: 0.1,
                momentum: 0.0,
                dampening: 0.0,
                weight_decay: 0.0,
                nesterov: false,
            },
        }],
        clip_norm: None,
    };

    fn new(device: &Device) -> Self {
        Self {
            scale: LinearConfig::new(1, 1).with_bias(false).init(device),
        }
    }

    fn encode(&self, _images: Tensor<4>) {}

    fn decode(&self, _memory: (), _captions: Tensor<2, Int>) -> Tensor<3> {
        panic!("shapes 3 and 4 do not match")
    }

    fn logits(&self, images: Tensor<4>, captions: Tensor<2, Int>) -> Tensor<3> {
        self.encode(images);
        self.decode((), captions)
    }

    fn loss(&self, _images: Tensor<4>, _captions: Tensor<3, Int>) -> Tensor<1> {
        self.scale
            .weight
            .val()
            .reshape([1])
            .mul_scalar(f64::INFINITY)
    }

    fn infer(&self, _images: Tensor<4>) -> Option<Inference> {
        None
    }
}

/// Runs a job; returns the exit code and the last event.
fn last_event<N: Captioner>(folder: &Path, job: &serde_json::Value) -> (u8, Event) {
    struct Lines(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("no writer panics").write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let path = folder.join("job.json");
    std::fs::write(&path, job.to_string()).expect("the folder is writable");
    let lines = Arc::new(Mutex::new(Vec::new()));
    let code = run::<N>(&path, &mut Events::to(Box::new(Lines(lines.clone()))));
    let lines = lines.lock().expect("no writer panics");
    let last = lines
        .split(|byte| *byte == b'\n')
        .rfind(|line| !line.is_empty());
    let last = last.expect("there is always a last event");
    (
        code,
        serde_json::from_slice(last).expect("every line is an event"),
    )
}

#[track_caller]
fn assert_failed(outcome: (u8, Event), expected: Stage, text: &str) {
    let (code, Event::Failed { stage, message }) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!((code, stage), (1, expected), "{message}");
    assert!(message.contains(text), "{message}");
}

#[test]
fn a_panic_is_an_event() {
    let folder = tempfile::tempdir().unwrap();
    let job = serde_json::json!({"job": "probe"});
    let outcome = last_event::<Broken<0>>(folder.path(), &job);
    assert_failed(outcome, Stage::Panic, "shapes 3 and 4 do not match");
}

#[test]
fn a_table_that_does_not_fit_the_module_is_an_event() {
    let folder = tempfile::tempdir().unwrap();
    let job = serde_json::json!({"job": "probe"});
    let outcome = last_event::<Broken<1>>(folder.path(), &job);
    assert_failed(outcome, Stage::State, "`scale.weight` [1, 1]");
}

#[test]
fn an_infinite_loss_stops_training() {
    let folder = tempfile::tempdir().unwrap();
    let scenes = DataSpec::default().open(Split::Train).unwrap();
    let words = Vocab::build(scenes.items().iter().flat_map(|item| &item.captions), 1);
    let vocab = folder.path().join("vocab.json");
    Vocab::build(&words.words()[4..8], 1).save(&vocab).unwrap();
    let job = serde_json::json!({
        "job": "train", "run": folder.path(), "data": "scenes:8", "vocab": vocab,
        "verify": false,
    });
    let outcome = last_event::<Broken<0>>(folder.path(), &job);
    assert_failed(outcome, Stage::Nan, "in step 1 of epoch 1");
    assert!(!folder.path().join("scores.json").exists());
}
