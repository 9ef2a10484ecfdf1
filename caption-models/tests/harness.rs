//! The harness over a small net: training, decoding, checkpoints, the probe.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

mod small_net;

use std::sync::Mutex;

use burn::tensor::{Device, Int, Tensor, TensorData, s};
use caption_models::checkpoint::{self, CheckpointError, CheckpointInfo};
use caption_models::decode::greedy;
use caption_models::harness::{Candidate, CaptionNet, Kind, ProbeJob};
use caption_models::optim::Stepper;
use caption_models::probe::{self, fill};
use caption_models::vocab::EOS;
use small_net::{IMAGE, SmallNet, VOCAB};

const INFO: CheckpointInfo = CheckpointInfo {
    epoch: 1,
    step: 7,
    seed: 3,
    vocab: VOCAB,
    image: IMAGE,
};

/// The device's generator is one for all threads: nets are made, and dropout draws, one at a time.
static GENERATOR: Mutex<()> = Mutex::new(());

fn net(seed: u64) -> Candidate<SmallNet> {
    let _alone = GENERATOR.lock().unwrap();
    Candidate::new(&Device::default(), seed).unwrap()
}

fn images(batch: usize, device: &Device) -> Tensor<4> {
    let shape = [batch, 3, 16, 16];
    let values = fill::values("images", shape.iter().product(), 1.0);
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn captions(batch: usize, device: &Device) -> Tensor<2, Int> {
    let ids = fill::captions("captions", [batch, 6], VOCAB);
    Tensor::from_data(TensorData::new(ids, [batch, 6]), device)
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter().collect()
}

fn logits(net: &dyn CaptionNet) -> Vec<f32> {
    let device = net.device().clone();
    numbers(net.logits(images(3, &device), captions(3, &device)))
}

/// Steps on one batch; returns the loss of each step.
fn overfit(net: &mut dyn CaptionNet, n_steps: usize) -> Vec<f32> {
    let _alone = GENERATOR.lock().unwrap();
    let device = net.device().clone();
    let mut stepper = Stepper::new(net.recipe());
    let mut step = || {
        let backward = net.backward(images(4, &device), captions(4, &device).unsqueeze_dim(1));
        let loss = numbers(backward.loss.clone())[0];
        stepper.step(net, backward);
        loss
    };
    (0..n_steps).map(|_| step()).collect()
}

#[test]
fn one_batch_can_be_over_fitted() {
    let mut net = net(1);
    net.set_dropout(false);
    let losses = overfit(&mut net, 80);
    assert!(losses[79] < 0.1 * losses[0], "{losses:?}");
}

#[test]
fn initial_values_are_a_function_of_the_seed() {
    assert_eq!(logits(&net(5)), logits(&net(5)));
    assert_ne!(logits(&net(5)), logits(&net(6)));
}

#[test]
fn only_trainable_parameters_move() {
    let mut net = net(2);
    let state = |net: &dyn CaptionNet| {
        let mut state = Vec::new();
        net.for_each_param(&mut |param| state.push((param.entry, param.to_torch())));
        state
    };
    let before = state(&net);
    overfit(&mut net, 2);
    for ((entry, before), (_, after)) in before.iter().zip(state(&net)) {
        // Batch norm takes a bias before it away: its gradient is rounding.
        if entry.name != "cnn.conv.bias" {
            let moved = *before != after;
            assert_eq!(moved, entry.kind != Kind::Frozen, "{}", entry.name);
        }
    }
}

#[test]
fn eval_mode_is_the_same_every_time_and_train_mode_drops() {
    let mut net = net(3);
    assert_eq!(logits(&net), logits(&net));
    let _alone = GENERATOR.lock().unwrap();
    let device = net.device().clone();
    let mut loss = |dropout: bool| {
        net.set_dropout(dropout);
        let backward = net.backward(images(4, &device), captions(4, &device).unsqueeze_dim(1));
        numbers(backward.loss)[0].to_bits()
    };
    assert_eq!(loss(false), loss(false));
    assert_ne!(loss(true), loss(true));
}

#[test]
fn a_checkpoint_gives_identical_logits() {
    let folder = tempfile::tempdir().unwrap();
    let mut trained = net(7);
    overfit(&mut trained, 3);
    checkpoint::save(&trained, folder.path(), &INFO).unwrap();
    let mut fresh = net(8);
    assert_ne!(logits(&fresh), logits(&trained));
    assert_eq!(checkpoint::load(&mut fresh, folder.path()).unwrap(), INFO);
    assert_eq!(logits(&fresh), logits(&trained));
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 2, "no partial file is left");
}

#[test]
fn a_checkpoint_has_pytorchs_names_and_layouts() {
    let folder = tempfile::tempdir().unwrap();
    checkpoint::save(&net(7), folder.path(), &INFO).unwrap();
    let bytes = std::fs::read(folder.path().join(checkpoint::MODEL)).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(
        file.tensor("cnn.fc.weight").unwrap().shape(),
        [16, 8 * 7 * 7]
    );
    let [words, head] = ["words.weight", "head.weight"].map(|name| file.tensor(name).unwrap());
    assert_eq!(words.data(), head.data());
    assert!(file.tensor("cnn.bn.num_batches_tracked").is_err());
}

#[test]
fn a_checkpoint_of_another_net_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut net = net(7);
    let before = logits(&net);
    let path = folder.path().join("other.safetensors");
    let mut refuse = |name: &str, shape: Vec<usize>| {
        let bytes = vec![0; 4 * shape.iter().product::<usize>()];
        let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape, &bytes);
        let file = safetensors::serialize([(name, view.unwrap())], None).unwrap();
        std::fs::write(&path, file).unwrap();
        checkpoint::load_model(&mut net, &path).unwrap_err()
    };
    let unknown = refuse("cnn.conv.wieght", vec![1]);
    assert!(
        matches!(unknown, CheckpointError::Unknown { .. }),
        "{unknown}"
    );
    let shape = refuse("cnn.conv.weight", vec![8, 3, 5, 5]);
    assert!(matches!(shape, CheckpointError::Shape { .. }), "{shape}");
    let missing = refuse("cnn.conv.weight", vec![8, 3, 3, 3]);
    assert!(
        matches!(
            missing,
            CheckpointError::Missing {
                name: "cnn.conv.bias",
                ..
            }
        ),
        "{missing}"
    );
    assert_eq!(logits(&net), before);
}

#[test]
fn greedy_decoding_equals_the_argmax_of_teacher_forcing() {
    let mut net = net(9);
    overfit(&mut net, 20);
    let device = net.device().clone();
    for (image, row) in greedy(&net, images(4, &device), 8).into_iter().enumerate() {
        let ids: Vec<i64> = [1].into_iter().chain(row.iter().copied()).collect();
        let length = ids.len();
        let captions = Tensor::from_data(TensorData::new(ids, [1, length]), &device);
        let images = images(4, &device).slice(s![image..=image, .., .., ..]);
        let best: Vec<i64> = net
            .logits(images, captions)
            .argmax(2)
            .into_data()
            .iter()
            .collect();
        assert_eq!(row, best, "image {image}");
        let end = row.iter().position(|token| *token == EOS);
        assert!(end.is_none_or(|end| end + 1 == row.len()), "{row:?}");
    }
}

#[test]
fn greedy_decoding_of_a_batch_equals_that_of_each_image() {
    let mut net = net(4);
    overfit(&mut net, 10);
    let device = net.device().clone();
    let all = greedy(&net, images(4, &device), 8);
    for (image, row) in all.iter().enumerate() {
        let one = images(4, &device).slice(s![image..=image, .., .., ..]);
        assert_eq!(
            greedy(&net, one, 8),
            std::slice::from_ref(row),
            "image {image}"
        );
    }
}

#[test]
fn the_probe_is_deterministic_whatever_the_initial_values() {
    let job = ProbeJob::default();
    let numbers = probe::run(&mut net(1), &job);
    assert_eq!(numbers, probe::run(&mut net(2), &job));
    assert_eq!(numbers.params.len(), 15);
    assert_eq!(numbers.params[7].shape, [16, 392], "PyTorch's layout");
    assert_eq!(numbers.logits.shape, [2, 8, VOCAB]);
    assert_eq!(numbers.grad_norm["cnn.fc.bias"], None, "a frozen parameter");
    assert!(numbers.grad_norm["words.weight"].is_some_and(|norm| norm > 0.0));
    assert!(
        !numbers.abs_sum_after.contains_key("head.weight"),
        "a tied name"
    );
    assert!(numbers.total_norm > 0.0);
    assert!((numbers.loss - numbers.backward_loss).abs() > 1e-3);
}
