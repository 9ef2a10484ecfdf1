//! Laws of every encoder in the registry.
//!
//! A family's smallest member stands for it where a test computes; members differ in counts only.

use std::collections::BTreeMap;
use std::mem::discriminant;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Tensor};
use nn_core::encoder::{AnyEncoder, ENCODERS, Encoder, EncoderConfig, EncoderEntry, find};
use nn_core::{StatePath, state_dict};

use crate::wave::wave;

const N_CLASSES: usize = 7;

/// The smallest member of each family, narrowed where its size is in the classifier.
fn representatives() -> impl Iterator<Item = (&'static str, EncoderConfig)> {
    let family = |entry: &EncoderEntry| discriminant(&(entry.config)());
    let is_smallest = move |entry: &&EncoderEntry| {
        let members = ENCODERS
            .iter()
            .filter(|other| family(other) == family(entry));
        members
            .min_by_key(|member| member.n_parameters)
            .unwrap()
            .name
            == entry.name
    };
    let smallest = ENCODERS.iter().filter(is_smallest);
    smallest.map(|entry| (entry.name, reduced((entry.config)())))
}

fn reduced(config: EncoderConfig) -> EncoderConfig {
    match config {
        EncoderConfig::Vgg(config) => config.with_d_hidden(16).into(),
        EncoderConfig::AlexNet(config) => config.with_d_hidden(16).into(),
        EncoderConfig::VisionTransformer(config) => config.with_image_size(32).into(),
        other => other,
    }
    .with_n_classes(N_CLASSES)
}

/// Images of the smallest size that an encoder takes, or one a little above it.
fn images(name: &str, batch: usize, device: &Device) -> Tensor<4> {
    let side = match name {
        "inception_v3" => 96,
        name if name.starts_with("vit_") => 32,
        _ => 64,
    };
    let image = |idx: usize| wave([1, 3, side, side], idx as f32 + 0.5, device);
    Tensor::cat((0..batch).map(image).collect(), 0)
}

#[test]
fn shapes_agree_with_channels_and_classes() {
    let device = Device::default();
    for (name, config) in representatives() {
        let encoder = config.init(&device);
        let channels = encoder.n_channels();
        let images = images(name, 2, &device);
        let [batch, depth, height, width] = encoder.feature_map(images.clone()).dims();
        assert_eq!([batch, depth], [2, channels], "{name}");
        let [batch, regions, depth] = encoder.tokens(images.clone()).dims();
        assert_eq!([batch, depth], [2, channels], "{name}");
        let n_class_tokens = usize::from(name.starts_with("vit_"));
        assert_eq!(regions, height * width + n_class_tokens, "{name}");
        assert_eq!(
            encoder.pooled(images.clone()).dims(),
            [2, 1, channels],
            "{name}"
        );
        assert_eq!(encoder.classify(images).dims(), [2, N_CLASSES], "{name}");
    }
}

#[test]
fn entries_count_the_parameters() {
    let device = Device::default();
    for entry in ENCODERS {
        let entries = state_dict(&(entry.config)().init(&device));
        let parameters = entries.iter().filter(|entry| !entry.buffer);
        let n_parameters: usize = parameters
            .map(|entry| entry.shape.iter().product::<usize>())
            .sum();
        assert_eq!(n_parameters, entry.n_parameters, "{}", entry.name);
    }
}

#[test]
fn names_are_unique() {
    let names: Vec<_> = ENCODERS.iter().map(|entry| entry.name).collect();
    for name in &names {
        let n_found = names.iter().filter(|other| *other == name).count();
        assert_eq!(n_found, 1, "{name}");
        assert_eq!(find(name).unwrap().name, *name);
    }
}

#[test]
fn a_batch_is_its_images_one_by_one() {
    let device = Device::default();
    for (name, config) in representatives() {
        let encoder = config.init(&device);
        let batch = images(name, 2, &device);
        same_by_image(name, &batch, |images| encoder.tokens(images));
        same_by_image(name, &batch, |images| encoder.classify(images));
    }
}

#[track_caller]
fn same_by_image<const D: usize>(
    name: &str,
    batch: &Tensor<4>,
    forward: impl Fn(Tensor<4>) -> Tensor<D>,
) {
    let found = forward(batch.clone());
    let single = batch.clone().split(1, 0).into_iter().map(forward);
    same(name, found, Tensor::cat(single.collect(), 0));
}

/// Up to rounding, which grows with the depth of a network and the size of its numbers.
#[track_caller]
fn same<const D: usize>(name: &str, found: Tensor<D>, expected: Tensor<D>) {
    let largest: f32 = expected.clone().abs().max().into_scalar();
    let difference: f32 = (found - expected).abs().max().into_scalar();
    assert!(
        difference <= 1e-4 * (1.0 + largest),
        "{name}: {difference} beside {largest}"
    );
}

/// Names of trainable parameters, with whether each has a gradient.
struct Reached<'a> {
    path: StatePath,
    gradients: &'a Gradients,
    found: BTreeMap<String, bool>,
}

impl ModuleVisitor for Reached<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.path.is_buffer() {
            return;
        }
        let gradient = param.val().grad(self.gradients);
        if let Some(gradient) = &gradient {
            let sum: f32 = gradient.clone().sum().into_scalar();
            assert!(sum.is_finite(), "{}: {sum}", self.path.name());
        }
        self.found.insert(self.path.name(), gradient.is_some());
    }
}

/// Which parameters a training step reaches.
fn reached(name: &str, encoder: &AnyEncoder, device: &Device) -> BTreeMap<String, bool> {
    let scores = encoder.classify(images(name, 2, device));
    let target = wave(scores.dims(), 0.5, device);
    let gradients = (scores - target).powi_scalar(2).sum().backward();
    let mut reached = Reached {
        path: StatePath::default(),
        gradients: &gradients,
        found: BTreeMap::new(),
    };
    encoder.visit(&mut reached);
    reached.found
}

#[test]
fn every_parameter_gets_a_gradient_in_training() {
    let device = Device::default().autodiff();
    for (name, config) in representatives() {
        let encoder = config.init(&device);
        for (parameter, has_gradient) in reached(name, &encoder, &device) {
            assert!(has_gradient, "{name}: {parameter} has no gradient");
        }
    }
}

#[test]
fn freezing_stages_takes_gradients_from_the_first_ones_only() {
    let device = Device::default().autodiff();
    for (name, config) in representatives() {
        let encoder = config.init(&device);
        let n_stages = encoder.n_stages();
        let counts = (0..=n_stages).map(|n_frozen| {
            let frozen = encoder.clone().freeze_stages(n_frozen);
            frozen_parameters(&frozen)
        });
        let counts: Vec<_> = counts.collect();
        assert_eq!(counts[0], 0, "{name}");
        assert!(counts.is_sorted_by(|a, b| a < b), "{name}: {counts:?}");
        for n_frozen in [2, n_stages] {
            let frozen = encoder.clone().freeze_stages(n_frozen);
            let found = reached(name, &frozen, &device);
            let n_reached = found.values().filter(|reached| **reached).count();
            assert_eq!(found.len() - n_reached, counts[n_frozen], "{name}");
            assert!(n_reached > 0, "{name}: the classifier stays trainable");
        }
    }
}

/// Parameters that are marked to get no gradient.
fn frozen_parameters(encoder: &AnyEncoder) -> usize {
    #[derive(Default)]
    struct Frozen {
        path: StatePath,
        count: usize,
    }

    impl ModuleVisitor for Frozen {
        fn enter_module(&mut self, name: &str, container: &str) {
            self.path.enter(name, container);
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.exit();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let frozen = !param.is_require_grad() && !self.path.is_buffer();
            self.count += usize::from(frozen);
        }
    }

    let mut frozen = Frozen::default();
    encoder.visit(&mut frozen);
    frozen.count
}

#[test]
fn a_frozen_stage_computes_the_same_in_training_as_in_use() {
    let device = Device::default().autodiff();
    for (name, config) in representatives() {
        let encoder = config.init(&device);
        let all = encoder.n_stages();
        let frozen = encoder.freeze_stages(all);
        let images = images(name, 2, &device);
        let trained = frozen.feature_map(images.clone()).inner();
        let used = frozen.valid().feature_map(images.inner());
        same(name, trained, used);
    }
}

#[test]
#[should_panic(expected = "the encoder has 5 stages, but 6 are to be frozen")]
fn more_stages_than_there_are_cannot_be_frozen() {
    let config = (find("resnet18").unwrap().config)();
    let _ = config.init(&Device::default()).freeze_stages(6);
}

#[test]
#[should_panic(expected = "positions for images of 32 x 32 pixels, but got 64 x 48")]
fn a_vision_transformer_takes_images_of_its_size_only() {
    let config = reduced((find("vit_ti_16").unwrap().config)());
    let device = Device::default();
    let encoder = config.init(&device);
    let _ = encoder.tokens(Tensor::zeros([1, 3, 64, 48], &device));
}
