//! Caption decoders, each of a table of configurations.

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use nn_core::decoder::{
    CaptionDecoder, ImageInput, Memory, PositionKind, RecurrentCaptionDecoderConfig, RecurrentKind,
    RegionAttention, TransformerCaptionDecoderConfig, show_and_tell, show_attend_and_tell,
};
use nn_core::{
    Activation, MultiheadAttentionInput, TransformerDecoderConfig, TransformerDecoderInput,
    TransformerDecoderLayerConfig,
};
use proptest::prelude::*;

use super::gradients::n_trained;
use crate::wave::{assert_close, values, wave, waved};

const VOCAB: usize = 11;
const D_MEMORY: usize = 5;
const WIDTH: usize = 8;

/// Both kinds of layers with every way in for the image and every attention.
fn recurrent(dropout: f64) -> Vec<RecurrentCaptionDecoderConfig> {
    let mut configs = Vec::new();
    for kind in [RecurrentKind::Lstm, RecurrentKind::Gru] {
        for image in [
            ImageInput::InitialState(Activation::Tanh),
            ImageInput::InitialState(Activation::Identity),
            ImageInput::FirstToken,
            ImageInput::EveryStep,
        ] {
            for attention in [
                None,
                Some(RegionAttention::Additive(6)),
                Some(RegionAttention::Dot(6)),
            ] {
                let tied = configs.len() % 2 == 0;
                configs.push(
                    RecurrentCaptionDecoderConfig::new(D_MEMORY, VOCAB, WIDTH, WIDTH)
                        .with_kind(kind.clone())
                        .with_image(image.clone())
                        .with_attention(attention)
                        .with_num_layers(1 + usize::from(tied))
                        .with_dropout(dropout)
                        .with_tied(tied)
                        .with_padding_idx(tied.then_some(0)),
                );
            }
        }
    }
    configs
}

/// Normalisation before and after, both positions, with and without padding, tied or not.
fn transformers(dropout: f64) -> Vec<TransformerCaptionDecoderConfig> {
    let mut configs = Vec::new();
    for norm_first in [false, true] {
        for position in [PositionKind::Sinusoidal, PositionKind::Learned(7)] {
            for tied in [false, true] {
                let activation = if tied {
                    Activation::Relu
                } else {
                    Activation::Gelu
                };
                let layer = TransformerDecoderLayerConfig::new(WIDTH, 2)
                    .with_d_feedforward(12)
                    .with_dropout(dropout)
                    .with_activation(activation)
                    .with_norm_first(norm_first);
                let layers = TransformerDecoderConfig::new(layer, 2).with_norm(norm_first);
                configs.push(
                    TransformerCaptionDecoderConfig::new(D_MEMORY, VOCAB, layers)
                        .with_position(position.clone())
                        .with_scale_words(norm_first == tied)
                        .with_tied(tied)
                        .with_padding_idx((norm_first != tied).then_some(0)),
                );
            }
        }
    }
    configs
}

/// Says `$law(decoder, ..)` of every decoder in the tables.
macro_rules! for_every_decoder {
    ($law:ident($($argument:expr),*)) => {{
        let device = Device::default();
        for config in recurrent(0.3) {
            $law(&waved(config.init(&device)), $($argument),*);
        }
        for config in transformers(0.3) {
            $law(&waved(config.init(&device)), $($argument),*);
        }
    }};
}

/// Sizes of a batch, and what tells its numbers from those of others.
#[derive(Clone, Copy, Debug)]
struct Case {
    batch: usize,
    regions: usize,
    length: usize,
    seed: u8,
}

impl Case {
    fn memory(self) -> Tensor<3> {
        let shape = [self.batch, self.regions, D_MEMORY];
        wave(shape, f32::from(self.seed), &Device::default())
    }

    /// Tokens, padding among them.
    fn tokens(self) -> Tensor<2, Int> {
        let token = |idx: usize| (idx * idx + 3 * idx + usize::from(self.seed)) % VOCAB;
        let tokens: Vec<i64> = (0..self.batch * self.length)
            .map(|idx| i64::try_from(token(idx)).unwrap())
            .collect();
        let tokens = TensorData::new(tokens, [self.batch, self.length]);
        Tensor::from_data(tokens, &Device::default())
    }
}

fn cases() -> impl Strategy<Value = Case> {
    (1..4_usize, 1..5_usize, 1..7_usize, any::<u8>()).prop_map(|(batch, regions, length, seed)| {
        Case {
            batch,
            regions,
            length,
            seed,
        }
    })
}

/// The scores of every step, `[batch, length, vocab]`, and the last state.
fn stepped<D: CaptionDecoder>(
    decoder: &D,
    state: D::State,
    tokens: &Tensor<2, Int>,
) -> (Tensor<3>, D::State) {
    let (mut state, mut rows) = (state, Vec::new());
    for token in tokens.clone().split(1, 1) {
        let (scores, next) = decoder.step(token.squeeze_dim(1), state);
        rows.push(scores.unsqueeze_dim(1));
        state = next;
    }
    (Tensor::cat(rows, 1), state)
}

fn ids(ids: &[i64]) -> Tensor<1, Int> {
    Tensor::from_data(
        TensorData::new(ids.to_vec(), [ids.len()]),
        &Device::default(),
    )
}

fn step_equals_forward<D: CaptionDecoder>(decoder: &D, case: Case) {
    let (memory, tokens) = (Memory::new(case.memory()), case.tokens());
    let (scores, _) = stepped(decoder, decoder.start(memory.clone()), &tokens);
    assert_eq!(scores.dims(), [case.batch, case.length, decoder.vocab()]);
    assert_close(&scores, &decoder.forward(memory, tokens));
}

fn the_future_is_hidden<D: CaptionDecoder>(decoder: &D, case: Case) {
    let tokens = case.tokens();
    let known = case.length / 2;
    if known == 0 {
        return;
    }
    let rows = |tokens: Tensor<2, Int>| {
        let scores = decoder.forward(case.memory().into(), tokens);
        scores.narrow(1, 0, known)
    };
    let past = tokens.clone().narrow(1, 0, known);
    let other = (tokens.clone() + 1).remainder_scalar(i64::try_from(VOCAB).unwrap());
    let future = other.narrow(1, known, case.length - known);
    let changed = Tensor::cat(vec![past, future], 1);
    assert_close(&rows(changed), &rows(tokens));
}

fn the_memory_matters<D: CaptionDecoder>(decoder: &D, case: Case) {
    let scores = |memory: Tensor<3>| decoder.forward(memory.into(), case.tokens());
    let other = Case {
        seed: case.seed.wrapping_add(1),
        ..case
    };
    let difference = (scores(case.memory()) - scores(other.memory())).abs();
    let every_row = difference.max_dim(2).min().into_scalar::<f32>();
    assert!(every_row > 1e-6, "a row of scores stays the same");
}

fn hidden_regions_have_no_influence<D: CaptionDecoder>(decoder: &D, case: Case) {
    let (batch, regions) = (case.batch, case.regions);
    let filler = Case {
        regions: 2,
        seed: case.seed.wrapping_add(9),
        ..case
    };
    let hidden = [vec![false; regions], vec![true; 2]].concat().repeat(batch);
    let hidden = TensorData::new(hidden, [batch, regions + 2]);
    let hidden = Tensor::<2, Bool>::from_data(hidden, &Device::default());
    let padded = Tensor::cat(vec![case.memory(), filler.memory() * 10.0], 1);
    let padded = Memory::new(padded).with_hidden(hidden);
    let expected = decoder.forward(case.memory().into(), case.tokens());
    assert_close(&decoder.forward(padded.clone(), case.tokens()), &expected);
    let (found, state) = stepped(decoder, decoder.start(padded), &case.tokens());
    assert_close(&found, &expected);
    // What is hidden stays hidden after a selection.
    if decoder.max_length().is_none_or(|max| case.length < max) {
        let rows = || ids(&vec![0; batch + 1]);
        let (_, plain) = stepped(decoder, decoder.start(case.memory().into()), &case.tokens());
        let (found, _) = decoder.step(rows(), decoder.select(state, rows()));
        let (expected, _) = decoder.step(rows(), decoder.select(plain, rows()));
        assert_close(&found, &expected);
    }
}

fn captions_are_kept_apart<D: CaptionDecoder>(decoder: &D, case: Case) {
    let single = |idx: usize| {
        let memory = case.memory().narrow(0, idx, 1);
        decoder.forward(memory.into(), case.tokens().narrow(0, idx, 1))
    };
    let expected = Tensor::cat((0..case.batch).map(single).collect(), 0);
    let found = decoder.forward(case.memory().into(), case.tokens());
    assert_close(&found, &expected);
}

fn select_reorders<D: CaptionDecoder>(decoder: &D, case: Case) {
    let last = i64::try_from(case.batch - 1).unwrap();
    let rows = || ids(&[last, 0, last, last / 2]);
    let known = case.length / 2;
    let past = case.tokens().narrow(1, 0, known.max(1));
    let future = case.tokens().narrow(1, known, case.length - known);
    let start = |memory: Memory| decoder.start(memory);
    let (_, state) = stepped(decoder, start(case.memory().into()), &past);
    let selected = decoder.select(state, rows());
    let (found, _) = stepped(decoder, selected, &future.clone().select(0, rows()));

    let memory = Memory::new(case.memory()).select(rows());
    let (_, state) = stepped(decoder, start(memory), &past.select(0, rows()));
    let (expected, _) = stepped(decoder, state, &future.select(0, rows()));
    assert_close(&found, &expected);
}

fn all_parameters_are_trained<D: CaptionDecoder>(decoder: D, case: Case, device: &Device) {
    let n_parameters = nn_core::state_dict(&decoder).len();
    let memory = Tensor::from_data(case.memory().into_data(), device);
    let tokens = Tensor::from_data(case.tokens().into_data(), device);
    let trained = n_trained(decoder, |decoder| decoder.forward(memory.into(), tokens));
    assert_eq!(trained, n_parameters);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn a_step_scores_as_a_row_of_forward(case in cases()) {
        for_every_decoder!(step_equals_forward(case));
    }

    #[test]
    fn a_changed_token_changes_no_earlier_row(case in cases()) {
        for_every_decoder!(the_future_is_hidden(case));
    }

    #[test]
    fn a_changed_memory_changes_every_row(case in cases()) {
        for_every_decoder!(the_memory_matters(case));
    }

    #[test]
    fn hidden_regions_change_nothing(case in cases()) {
        for_every_decoder!(hidden_regions_have_no_influence(case));
    }

    #[test]
    fn a_batch_is_its_captions_one_by_one(case in cases()) {
        for_every_decoder!(captions_are_kept_apart(case));
    }

    #[test]
    fn selected_rows_go_on_where_they_were(case in cases()) {
        for_every_decoder!(select_reorders(case));
    }
}

#[test]
fn every_parameter_gets_a_gradient() {
    let device = Device::default().autodiff();
    let case = Case {
        batch: 2,
        regions: 3,
        length: 4,
        seed: 1,
    };
    for config in recurrent(0.0) {
        all_parameters_are_trained(config.init(&device), case, &device);
    }
    for config in transformers(0.0) {
        all_parameters_are_trained(config.init(&device), case, &device);
    }
}

#[test]
fn the_papers_decoders_have_the_parameters_of_their_layers() {
    let device = Device::default();
    let (words, fc) = (100 * 512, 100 * 512 + 100);
    let lstm = |input: usize| 4 * 512 * (input + 512 + 2);
    let told = show_and_tell(64, 100).init(&device);
    let image = 64 * 512 + 512;
    let expected = words + fc + image + lstm(512);
    assert_eq!(burn::module::Module::num_params(&told), expected);
    let attended = show_attend_and_tell(64, 100).init(&device);
    let attention = 512 * 512 + 64 * 512 + 512;
    let expected = words + fc + 2 * image + attention + lstm(512 + 64);
    assert_eq!(burn::module::Module::num_params(&attended), expected);
}

#[test]
fn attention_weights_are_shown() {
    let device = Device::default();
    let config = RecurrentCaptionDecoderConfig::new(D_MEMORY, VOCAB, WIDTH, WIDTH);
    let memory = || Memory::new(wave([2, 4, D_MEMORY], 0.5, &device));
    let plain = waved(config.clone().init(&device));
    let first = || Tensor::<1, Int>::from_ints([1, 1], &device);
    let (_, state) = plain.step(first(), plain.start(memory()));
    assert!(state.attention_weights().is_none());
    let config = config.with_attention(Some(RegionAttention::Dot(6)));
    let attentive = waved(config.init(&device));
    let state = attentive.start(memory());
    assert!(state.attention_weights().is_none());
    let (_, state) = attentive.step(first(), state);
    let weights = state.attention_weights().unwrap();
    let sums = values(&weights.clone().sum_dim(1));
    assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-5));
    let swapped = attentive.select(state, Tensor::from_ints([1, 0], &device));
    let expected = weights.select(0, Tensor::from_ints([1, 0], &device));
    let found = swapped.attention_weights().unwrap();
    assert_eq!(values(&found), values(&expected));
}

/// The last layer is run by hand: its attention to the memory, after the layer before and its own self-attention.
#[test]
fn a_transformer_shows_the_mean_over_heads_of_its_last_layers_attention() {
    let device = Device::default();
    let layer = TransformerDecoderLayerConfig::new(WIDTH, 2)
        .with_d_feedforward(12)
        .with_dropout(0.0)
        .with_norm_first(true);
    let config = TransformerDecoderConfig::new(layer, 2);
    let decoder = waved(config.init(&device));
    let memory = wave::<3>([2, 4, WIDTH], 0.5, &device);
    let target = wave::<3>([2, 1, WIDTH], 0.3, &device);
    let (_, state) = decoder.step(target.clone(), None, decoder.start(&memory, None));
    let found = state.attention_weights().unwrap();

    let between = decoder.layers[0].forward(TransformerDecoderInput::new(target, memory.clone()));
    let last = &decoder.layers[1];
    let own = MultiheadAttentionInput::self_attn(last.norm1.forward(between.clone()));
    let query = last.norm2.forward(between + last.self_attn.forward(own));
    let look = MultiheadAttentionInput::cross_attn(query, memory);
    let (_, expected) = last.multihead_attn.forward_with_weights(look);
    let expected = expected.squeeze_dim::<2>(1);
    assert_close(&found, &expected);
}

#[test]
fn only_learned_positions_limit_the_length() {
    let device = Device::default();
    for config in transformers(0.0) {
        let expected = match config.position {
            PositionKind::Sinusoidal => None,
            PositionKind::Learned(max_length) => Some(max_length),
        };
        assert_eq!(config.init(&device).max_length(), expected);
    }
    assert_eq!(recurrent(0.0)[0].init(&device).max_length(), None);
}
