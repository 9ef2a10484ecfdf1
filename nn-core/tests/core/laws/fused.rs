//! What runs as one operation equals the steps it is made of, and so do its gradients.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::activation::{log_softmax, sigmoid, softmax};
use burn::tensor::module::batch_norm_train;
use burn::tensor::{Bool, Device, Gradients, Int, Tensor, TensorData};
use nn_core::decoder::{
    CaptionDecoder, ImageInput, Memory, RecurrentCaptionDecoderConfig, RecurrentKind,
    RegionAttention,
};
use nn_core::{
    Activation, AdditiveAttentionConfig, BatchNormConfig, CrossEntropyConfig, GruConfig,
    LstmCellState, LstmConfig, LstmState, Reduction,
};
use proptest::prelude::*;

use crate::wave::{assert_close, values, wave, waved};

/// The gradients of all parameters, in the order of fields.
fn gradients<M: Module>(module: &M, gradients: &Gradients) -> Vec<Vec<f32>> {
    let mut collect = Collect {
        gradients,
        found: Vec::new(),
    };
    module.visit(&mut collect);
    collect.found
}

struct Collect<'a> {
    gradients: &'a Gradients,
    found: Vec<Vec<f32>>,
}

impl ModuleVisitor for Collect<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = param.val().grad(self.gradients).unwrap();
        self.found.push(values(&gradient));
    }
}

/// The same weighted sum of what a run gives, whose gradients are compared.
fn weighed<const D: usize>(tensor: &Tensor<D>, phase: f32) -> Tensor<1> {
    (tensor.clone() * wave(tensor.dims(), phase, &tensor.device())).sum()
}

/// One tensor's gradient under two sums.
#[track_caller]
fn same_gradient<const D: usize>(leaf: &Tensor<D>, at_once: &Gradients, stepped: &Gradients) {
    assert_close(&leaf.grad(at_once).unwrap(), &leaf.grad(stepped).unwrap());
}

fn same_numbers(found: &[Vec<f32>], expected: &[Vec<f32>]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        for (found, expected) in found.iter().zip(expected) {
            let limit = 1e-4 * (1.0 + expected.abs());
            assert!((found - expected).abs() < limit, "{found}, not {expected}");
        }
    }
}

fn lstm_equals_its_steps(batch: usize, length: usize, input_size: usize, size: usize) {
    let device = Device::default().autodiff();
    let lstm = waved(LstmConfig::new(input_size, size).init(&device));
    let input = wave([batch, length, input_size], 0.5, &device).require_grad();
    let hidden = wave([batch, size], 1.5, &device).require_grad();
    let cell = wave([batch, size], 2.5, &device).require_grad();

    let state = LstmState::new(hidden.clone().unsqueeze(), cell.clone().unsqueeze());
    let (outputs, last) = lstm.forward(input.clone(), Some(state));
    let mut state = LstmCellState::new(hidden.clone(), cell.clone());
    let mut steps = Vec::new();
    for t in 0..length {
        let step = input.clone().narrow(1, t, 1).squeeze_dim(1);
        state = lstm.layers[0].forward(step, Some(state));
        steps.push(state.hidden.clone());
    }
    let steps: Tensor<3> = Tensor::stack(steps, 1);
    assert_close(&outputs, &steps);
    assert_close(&last.hidden.clone().squeeze_dim(0), &state.hidden);
    assert_close(&last.cell.clone().squeeze_dim(0), &state.cell);

    let at_once = weighed(&outputs, 3.5) + weighed(&last.cell, 4.5) + weighed(&last.hidden, 5.5);
    let stepped = weighed(&steps, 3.5) + weighed(&state.cell, 4.5) + weighed(&state.hidden, 5.5);
    let (at_once, stepped) = (at_once.backward(), stepped.backward());
    same_gradient(&input, &at_once, &stepped);
    same_gradient(&hidden, &at_once, &stepped);
    same_gradient(&cell, &at_once, &stepped);
    same_numbers(&gradients(&lstm, &at_once), &gradients(&lstm, &stepped));
}

fn gru_equals_its_steps(batch: usize, length: usize, input_size: usize, size: usize, bias: bool) {
    let device = Device::default().autodiff();
    let config = GruConfig::new(input_size, size).with_bias(bias);
    let gru = waved(config.init(&device));
    let input = wave([batch, length, input_size], 0.5, &device).require_grad();
    let hidden = wave([batch, size], 1.5, &device).require_grad();

    let (outputs, last) = gru.forward(input.clone(), Some(hidden.clone().unsqueeze()));
    let mut state = hidden.clone();
    let mut steps = Vec::new();
    for t in 0..length {
        let step = input.clone().narrow(1, t, 1).squeeze_dim(1);
        state = gru.layers[0].forward(step, Some(state));
        steps.push(state.clone());
    }
    let steps: Tensor<3> = Tensor::stack(steps, 1);
    assert_close(&outputs, &steps);
    assert_close(&last.clone().squeeze_dim(0), &state);

    let at_once = (weighed(&outputs, 3.5) + weighed(&last, 5.5)).backward();
    let stepped = (weighed(&steps, 3.5) + weighed(&state, 5.5)).backward();
    same_gradient(&input, &at_once, &stepped);
    same_gradient(&hidden, &at_once, &stepped);
    same_numbers(&gradients(&gru, &at_once), &gradients(&gru, &stepped));
}

fn loss_equals_log_softmax(rows: usize, classes: usize, smoothing: f64) {
    let device = Device::default().autodiff();
    let logits = (wave([rows, classes], 0.5, &device) * 9.0)
        .detach()
        .require_grad();
    let ids: Vec<i64> = (0..rows)
        .map(|row| i64::try_from(row * 7 % classes).unwrap())
        .collect();
    let targets = Tensor::<1, Int>::from_ints(ids.as_slice(), &device);
    let loss = CrossEntropyConfig::new()
        .with_label_smoothing(smoothing)
        .with_ignore_index(Some(0))
        .with_reduction(Reduction::None)
        .init();
    let found = loss.forward(logits.clone(), targets.clone());

    let scores = log_softmax(logits.clone(), 1);
    let target = scores.clone().gather(1, targets.clone().unsqueeze_dim(1));
    let expected = target * (smoothing - 1.0) - scores.mean_dim(1) * smoothing;
    let expected = expected
        .squeeze_dim(1)
        .mask_fill(targets.equal_elem(0), 0.0);
    assert_close(&found, &expected);
    let (found, expected) = (
        weighed(&found, 1.5).backward(),
        weighed(&expected, 1.5).backward(),
    );
    same_gradient(&logits, &found, &expected);
}

fn scores_equal_their_formula(batch: usize, regions: usize, width: usize) {
    let device = Device::default().autodiff();
    let config = AdditiveAttentionConfig::new(3, 4, width);
    let attention = waved(config.init(&device));
    let memory = wave([batch, regions, 4], 0.5, &device).require_grad();
    let query = wave([batch, 3], 1.5, &device).require_grad();
    let projected = attention.project(memory.clone(), None);
    let (found, _) = attention.forward(query.clone(), &projected);

    let keys = attention.key.forward(memory.clone());
    let queries = attention.query.forward(query.clone());
    let hidden = (keys + queries.unsqueeze_dim::<3>(1)).tanh();
    let weights = softmax(attention.score.forward(hidden), 1); // [batch, regions, 1]
    let expected: Tensor<2> = (weights * memory.clone()).sum_dim(1).squeeze_dim(1);
    assert_close(&found, &expected);
    let found = weighed(&found, 2.5).backward();
    let expected = weighed(&expected, 2.5).backward();
    same_gradient(&memory, &found, &expected);
    same_gradient(&query, &found, &expected);
    same_numbers(
        &gradients(&attention, &found),
        &gradients(&attention, &expected),
    );
}

/// Batch normalisation in training, and Burn's.
fn normalisation_is_burns(batch: usize, channels: usize, height: usize, width: usize) {
    let device = Device::default().autodiff();
    let norm = waved(BatchNormConfig::new(channels).init(&device));
    let shape = [batch, channels, height, width];
    let (input, other) = (wave(shape, 0.5, &device), wave(shape, 0.5, &device));
    let (input, other) = (input.require_grad(), other.require_grad());
    let parameter = |param: &Option<Param<Tensor<1>>>| param.as_ref().unwrap().val();
    let (weight, bias) = (parameter(&norm.weight), parameter(&norm.bias));
    let found = norm.forward(input.clone());
    let expected = batch_norm_train(other.clone(), weight.clone(), bias.clone(), 1e-5);
    assert_close(&found, &expected.output);
    let found = weighed(&found, 1.5).backward();
    let expected = weighed(&expected.output, 1.5).backward();
    assert_close(
        &input.grad(&found).unwrap(),
        &other.grad(&expected).unwrap(),
    );
    same_gradient(&weight, &found, &expected);
    same_gradient(&bias, &found, &expected);
}

/// By the formulas of the papers; inputs of which a part lies in both tails.
fn gate_equals_its_formula(activation: &Activation, [height, width]: [usize; 2]) {
    let device = Device::default();
    let noise = || wave([width, height], 0.5, &device) * 9.0;
    let leaf = |device: &Device| {
        let leaf = Tensor::<2>::from_data(noise().into_data(), device).require_grad();
        (leaf.clone(), leaf.swap_dims(0, 1)) // rows are not contiguous
    };
    let formula = |x: Tensor<2>| match activation {
        Activation::Silu => x.clone() * sigmoid(x),
        _ => x.clone() * ((x / 2_f64.sqrt()).erf() + 1.0) / 2.0,
    };
    let trained = device.clone().autodiff();
    let ((ours, input), (burns, other)) = (leaf(&trained), leaf(&trained));
    let (found, expected) = (activation.forward(input), formula(other));
    assert_close(&found, &expected);
    let found = weighed(&found, 1.5).backward();
    let expected = weighed(&expected, 1.5).backward();
    assert_close(&ours.grad(&found).unwrap(), &burns.grad(&expected).unwrap());

    let kept = noise();
    let used = activation.forward(kept.clone());
    assert_close(&used, &formula(noise()));
    assert_eq!(values(&kept), values(&noise()), "a shared input changed");
    assert_close(&activation.forward(kept), &used);
}

/// The sizes of an attending decoder and its batch.
#[derive(Clone, Copy, Debug)]
struct Attending {
    batch: usize,
    length: usize,
    regions: usize,
    d_memory: usize,
    size: usize,
    /// Which regions are hidden, as the bits of a number.
    hidden: u32,
}

impl Attending {
    fn memory(self, device: &Device) -> Tensor<3> {
        let shape = [self.batch, self.regions, self.d_memory];
        wave(shape, 0.5, device).require_grad()
    }

    fn hidden(self, device: &Device) -> Tensor<2, Bool> {
        let bits = (0..self.batch * self.regions).map(|idx| self.hidden >> (idx % 32) & 1 == 1);
        let bits: Vec<bool> = bits.collect();
        Tensor::from_data(TensorData::new(bits, [self.batch, self.regions]), device)
    }

    fn tokens(self, device: &Device) -> Tensor<2, Int> {
        let ids: Vec<i64> = (0..self.batch * self.length)
            .map(|idx| i64::try_from(idx * 5 % 7).unwrap())
            .collect();
        Tensor::from_data(TensorData::new(ids, [self.batch, self.length]), device)
    }
}

/// A whole caption is one operation; a step is composed of Burn's.
fn attending_equals_its_steps(
    sizes: Attending,
    kind: RecurrentKind,
    image: ImageInput,
    attention: RegionAttention,
) {
    let device = Device::default().autodiff();
    let config = RecurrentCaptionDecoderConfig::new(sizes.d_memory, 7, 3, sizes.size)
        .with_kind(kind)
        .with_image(image)
        .with_attention(Some(attention));
    let decoder = waved(config.init(&device));
    let (whole, stepped) = (sizes.memory(&device), sizes.memory(&device));
    let memory =
        |tokens: &Tensor<3>| Memory::new(tokens.clone()).with_hidden(sizes.hidden(&device));
    let tokens = sizes.tokens(&device);
    let at_once = decoder.forward(memory(&whole), tokens.clone());

    let mut state = decoder.start(memory(&stepped));
    let mut rows = Vec::new();
    for token in tokens.split(1, 1) {
        let (scores, next) = decoder.step(token.squeeze_dim(1), state);
        rows.push(scores);
        state = next;
    }
    let steps: Tensor<3> = Tensor::stack(rows, 1);
    assert_close(&at_once, &steps);

    let (at_once, steps) = (weighed(&at_once, 1.5), weighed(&steps, 1.5));
    let (at_once, steps) = (at_once.backward(), steps.backward());
    assert_close(
        &whole.grad(&at_once).unwrap(),
        &stepped.grad(&steps).unwrap(),
    );
    same_numbers(&gradients(&decoder, &at_once), &gradients(&decoder, &steps));
}

/// A decoding step takes another product than a step of training.
fn a_step_equals_a_step_in_training(batch: usize, input_size: usize, size: usize) {
    let device = Device::default();
    let trained = waved(LstmConfig::new(input_size, size).init(&device.clone().autodiff()));
    let used = trained.valid();
    let input = wave([batch, 1, input_size], 0.5, &device);
    let (found, _) = used.forward(input.clone(), None);
    let (expected, _) = trained.forward(input.autodiff(), None);
    assert_close(&found, &expected.inner());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Sizes on both sides of vector registers, and batches on both sides of a block of rows.
    #[test]
    fn lstm(batch in 1_usize..14, length in 2_usize..6, input in 1_usize..5, size in 1_usize..36) {
        lstm_equals_its_steps(batch, length, input, size);
    }

    #[test]
    fn gru(
        batch in 1_usize..14,
        length in 2_usize..6,
        input in 1_usize..5,
        size in 1_usize..36,
        bias: bool,
    ) {
        gru_equals_its_steps(batch, length, input, size, bias);
    }

    #[test]
    fn additive_attention(batch in 1_usize..5, regions in 1_usize..7, width in 1_usize..40) {
        scores_equal_their_formula(batch, regions, width);
    }

    /// Sizes on both sides of vector registers for everything that lies in blocks.
    #[test]
    fn attending(
        [batch, length, regions] in [1_usize..9, 2_usize..5, 1_usize..6],
        [d_memory, size, width] in [1_usize..20, 1_usize..20, 1_usize..20],
        hidden: u32,
        [gru, first, additive]: [bool; 3],
    ) {
        let sizes = Attending { batch, length, regions, d_memory, size, hidden };
        attending_equals_its_steps(
            sizes,
            if gru { RecurrentKind::Gru } else { RecurrentKind::Lstm },
            if first { ImageInput::FirstToken } else { ImageInput::EveryStep },
            if additive { RegionAttention::Additive(width) } else { RegionAttention::Dot(width) },
        );
    }

    #[test]
    fn batch_norm(
        [batch, channels] in [2_usize..5, 1_usize..5],
        [height, width] in [1_usize..9, 1_usize..9],
    ) {
        normalisation_is_burns(batch, channels, height, width);
    }

    #[test]
    fn one_step(batch in 1_usize..11, input in 1_usize..70, size in 1_usize..20) {
        a_step_equals_a_step_in_training(batch, input, size);
    }

    #[test]
    fn gates(sizes in [1_usize..40, 1_usize..40], silu: bool) {
        let activation = if silu { Activation::Silu } else { Activation::Gelu };
        gate_equals_its_formula(&activation, sizes);
    }

    #[test]
    fn loss(rows in 1_usize..9, classes in 1_usize..80, smoothing in 0.0..0.9) {
        loss_equals_log_softmax(rows, classes, smoothing);
    }
}
