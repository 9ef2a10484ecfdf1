//! Whole caption decoders have PyTorch's scores, loss and gradients, in evaluation and in training:
//! numbers that `decoders/make.py` wrote.

use std::collections::BTreeMap;

use burn::tensor::{Bool, Device, Int, Tensor};
use nn_core::decoder::{
    AnyDecoder, CaptionDecoder, DecoderConfig, ImageInput, Memory, PositionKind,
    RecurrentCaptionDecoderConfig, RecurrentKind, RegionAttention, TransformerCaptionDecoderConfig,
};
use nn_core::{
    Activation, CrossEntropyConfig, TransformerDecoderConfig, TransformerDecoderLayerConfig,
};
use serde_json::Value;

use crate::goldens::fill::fill;
use crate::goldens::mode::in_mode;
use crate::goldens::parameters::{filled, gradient_norms};

// As in `decoders/make.py`.
const D_MEMORY: usize = 6;
const VOCAB: usize = 11;
const WIDTH: usize = 8;
const D_ATTENTION: usize = 7;
const TOKENS: [[i64; 5]; 3] = [[1, 4, 9, 3, 0], [1, 7, 7, 10, 2], [1, 5, 0, 0, 0]];
const TARGETS: [[i64; 5]; 3] = [[4, 9, 3, 2, 8], [7, 7, 10, 2, 6], [5, 2, 1, 10, 3]];
const HIDDEN: [[bool; 4]; 3] = [
    [false, true, true, false],
    [false; 4],
    [false, false, false, true],
];

#[test]
fn evaluated_decoders_have_pytorchs_numbers() {
    check_all(0.3, false);
}

#[test]
fn trained_decoders_have_pytorchs_numbers() {
    check_all(0.0, true);
}

fn check_all(dropout: f64, trained: bool) {
    let cases: Value = serde_json::from_str(include_str!("decoders/decoders.json")).unwrap();
    let device = Device::default().autodiff();
    for (name, case) in cases.as_object().unwrap() {
        if name != "torch" {
            let decoder = config(&case["arguments"], dropout).init(&device);
            let decoder = filled(decoder);
            let decoder = if trained {
                decoder
            } else {
                in_mode(decoder, false)
            };
            let numbers = numbers(&decoder, case["hidden"].as_bool().unwrap());
            numbers.check(name, case);
        }
    }
}

/// The decoder that the script's arguments name.
fn config(arguments: &Value, dropout: f64) -> DecoderConfig {
    let text = |key: &str| arguments[key].as_str().unwrap();
    let tied = arguments["tied"].as_bool().unwrap();
    let padding_idx = arguments["padding_idx"].as_u64();
    let padding_idx = padding_idx.map(|idx| usize::try_from(idx).unwrap());
    if arguments.get("kind").is_none() {
        let norm_first = arguments["norm_first"].as_bool().unwrap();
        let layer = TransformerDecoderLayerConfig::new(WIDTH, 2)
            .with_d_feedforward(12)
            .with_dropout(dropout)
            .with_norm_first(norm_first)
            .with_activation(match text("activation") {
                "relu" => Activation::Relu,
                "gelu" => Activation::Gelu,
                other => panic!("activation {other}"),
            });
        let layers = TransformerDecoderConfig::new(layer, 2).with_norm(norm_first);
        return TransformerCaptionDecoderConfig::new(D_MEMORY, VOCAB, layers)
            .with_position(match text("position") {
                "sinusoidal" => PositionKind::Sinusoidal,
                "learned" => PositionKind::Learned(7),
                other => panic!("position {other}"),
            })
            .with_scale_words(arguments["scale_words"].as_bool().unwrap())
            .with_tied(tied)
            .with_padding_idx(padding_idx)
            .into();
    }
    let n_layers = arguments["n_layers"].as_u64().unwrap();
    RecurrentCaptionDecoderConfig::new(D_MEMORY, VOCAB, WIDTH, WIDTH)
        .with_kind(match text("kind") {
            "lstm" => RecurrentKind::Lstm,
            "gru" => RecurrentKind::Gru,
            other => panic!("kind {other}"),
        })
        .with_image(match text("image") {
            "initial_state" => ImageInput::InitialState(Activation::Tanh),
            "first_token" => ImageInput::FirstToken,
            "every_step" => ImageInput::EveryStep,
            other => panic!("image {other}"),
        })
        .with_attention(match text("attention") {
            "none" => None,
            "additive" => Some(RegionAttention::Additive(D_ATTENTION)),
            "dot" => Some(RegionAttention::Dot(D_ATTENTION)),
            other => panic!("attention {other}"),
        })
        .with_num_layers(usize::try_from(n_layers).unwrap())
        .with_dropout(dropout)
        .with_tied(tied)
        .with_padding_idx(padding_idx)
        .into()
}

/// What is compared.
struct Numbers {
    /// Every seventh.
    logits: Vec<f32>,
    loss: f32,
    grad_norms: BTreeMap<String, f64>,
}

fn numbers(decoder: &AnyDecoder, hidden: bool) -> Numbers {
    let device = Device::default().autodiff();
    let tokens = Tensor::<3>::from_data(fill("memory", &[3, 4, D_MEMORY], 1.0), &device);
    let tokens = tokens.require_grad();
    let memory = Memory::new(tokens.clone());
    let memory = if hidden {
        memory.with_hidden(Tensor::<2, Bool>::from_data(HIDDEN, &device))
    } else {
        memory
    };
    let logits = decoder.forward(memory, Tensor::<2, Int>::from_data(TOKENS, &device));
    let targets = Tensor::<2, Int>::from_data(TARGETS, &device);
    let loss = CrossEntropyConfig::new().init();
    let loss = loss.forward(logits.clone().flatten(0, 1), targets.flatten(0, 1));
    let gradients = loss.backward();
    let mut grad_norms = gradient_norms(decoder, &gradients);
    let of_memory = tokens.grad(&gradients).unwrap();
    let of_memory: f32 = of_memory.powi_scalar(2).sum().sqrt().into_scalar();
    grad_norms.insert("memory".into(), f64::from(of_memory));
    let logits: Vec<f32> = logits.try_to_vec_as().unwrap();
    Numbers {
        logits: logits.into_iter().step_by(7).collect(),
        loss: loss.into_scalar(),
        grad_norms,
    }
}

impl Numbers {
    #[track_caller]
    fn check(&self, case: &str, expected: &Value) {
        let logits = expected["logits"].as_array().unwrap();
        assert_eq!(self.logits.len(), logits.len(), "{case}");
        for (idx, (found, expected)) in self.logits.iter().zip(logits).enumerate() {
            let (found, expected) = (f64::from(*found), expected.as_f64().unwrap());
            let near = (found - expected).abs() < 1e-5 * (1.0 + expected.abs());
            assert!(near, "{case}: score {idx} is {found}, not {expected}");
        }
        let loss = expected["loss"].as_f64().unwrap();
        assert!((f64::from(self.loss) - loss).abs() < 1e-5 * loss, "{case}");
        let norms = expected["grad_norms"].as_object().unwrap();
        let names: Vec<_> = norms.keys().collect();
        assert_eq!(self.grad_norms.keys().collect::<Vec<_>>(), names, "{case}");
        for (name, expected) in norms {
            let (found, expected) = (self.grad_norms[name], expected.as_f64().unwrap());
            let near = (found - expected).abs() < 1e-4 * (1e-3 + expected);
            assert!(near, "{case}: {name}'s gradient is {found}, not {expected}");
        }
    }
}
