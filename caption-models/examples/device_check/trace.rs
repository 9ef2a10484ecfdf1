//! [`Trace`]: what a net computes on its device.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use burn::tensor::{Int, Tensor, TensorData};
use caption_models::harness::{Backward, CaptionNet};
use caption_models::optim::Stepper;
use caption_models::probe::fill;

const BATCH: usize = 4;
const N_CAPTIONS: usize = 2;
const LENGTH: usize = 8;
/// Steps of the training.
const STEPS: usize = 5;

/// Values of the state by name.
pub(crate) type Values = BTreeMap<&'static str, Vec<f32>>;

/// What a net computes on its device, from given weights.
pub(crate) struct Trace {
    /// Eval mode, teacher forced.
    pub(crate) scores: Vec<f32>,
    /// The same word by word with the state kept, where the net can.
    pub(crate) word_by_word: Option<Vec<f32>>,
    /// Of the first step.
    pub(crate) gradients: Values,
    /// Of every step, with one more behind the last.
    pub(crate) losses: Vec<f64>,
    /// After training.
    pub(crate) trained: Values,
    /// Losses with dropout, twice of the same seed.
    pub(crate) dropped: [f64; 2],
    /// All that a GPU compiles a kernel for the first time included.
    first_step: Duration,
    other_steps: Duration,
}

/// All values of a net.
pub(crate) fn weights(net: &dyn CaptionNet) -> Values {
    let mut values = Values::new();
    net.for_each_param(&mut |param| {
        values.insert(param.entry.name, numbers(param.value));
    });
    values
}

impl Trace {
    /// Gives the net the weights `start` and trains it, by its recipe and without dropout, on one made-up batch.
    pub(crate) fn of(net: &mut dyn CaptionNet, start: &Values) -> Self {
        set_weights(net, start);
        let batch = Batch::of(net);
        let scores = numbers(net.logits(batch.images.clone(), batch.first()));
        let word_by_word = word_by_word(net, &batch);
        let dropped = [1, 1].map(|seed| batch.loss_with_dropout(net, seed));
        set_weights(net, start);

        net.set_dropout(false);
        let mut stepper = Stepper::new(net.recipe());
        let begin = Instant::now();
        let (loss, gradients) = batch.step(net, &mut stepper);
        let first_step = begin.elapsed();
        let begin = Instant::now();
        let mut losses = vec![loss];
        losses.extend((1..STEPS).map(|_| batch.step(net, &mut stepper).0));
        let other_steps = begin.elapsed();
        losses.push(batch.loss(net));
        Self {
            scores,
            word_by_word,
            gradients,
            losses,
            trained: weights(net),
            dropped,
            first_step,
            other_steps,
        }
    }

    pub(crate) fn n_parameters(&self) -> usize {
        self.gradients.values().map(Vec::len).sum()
    }

    pub(crate) fn summary(&self) -> String {
        format!(
            "loss {:.6} -> {:.6} in {STEPS} steps, the first in {:.2} s, the others in {:.2} s",
            self.losses[0],
            self.losses[STEPS],
            self.first_step.as_secs_f64(),
            self.other_steps.as_secs_f64()
        )
    }
}

struct Batch {
    images: Tensor<4>,
    captions: Tensor<3, Int>,
}

impl Batch {
    fn of(net: &dyn CaptionNet) -> Self {
        let (spec, device) = (net.spec(), net.device());
        let [channels, height, width] = spec.image;
        let shape = [BATCH, channels, height, width];
        let images = fill::values("images", shape.iter().product(), 1.0);
        let rows = [BATCH * N_CAPTIONS, LENGTH];
        let captions = fill::captions("captions", rows, spec.vocab);
        let shape_of_captions = [BATCH, N_CAPTIONS, LENGTH];
        Self {
            images: Tensor::from_data(TensorData::new(images, shape), device),
            captions: Tensor::from_data(TensorData::new(captions, shape_of_captions), device),
        }
    }

    /// The first caption of each picture.
    fn first(&self) -> Tensor<2, Int> {
        self.captions.clone().narrow(1, 0, 1).squeeze_dim(1)
    }

    fn backward(&self, net: &mut dyn CaptionNet) -> Backward {
        net.backward(self.images.clone(), self.captions.clone())
    }

    fn loss(&self, net: &mut dyn CaptionNet) -> f64 {
        self.backward(net).loss.into_scalar()
    }

    /// The loss before a step of the optimizer, and its gradients.
    fn step(&self, net: &mut dyn CaptionNet, stepper: &mut Stepper) -> (f64, Values) {
        let backward = self.backward(net);
        let loss = backward.loss.clone().into_scalar();
        let gradients = backward.gradients.iter();
        let gradients = gradients.map(|(entry, gradient)| (entry.name, numbers(gradient.clone())));
        let gradients = gradients.collect();
        stepper.step(net, backward);
        (loss, gradients)
    }

    fn loss_with_dropout(&self, net: &mut dyn CaptionNet, seed: u64) -> f64 {
        net.device().seed(seed);
        self.loss(net)
    }
}

/// Scores of the first captions, `[batch, length, vocab]`, row by row; halfway the rows trade places and come back.
fn word_by_word(net: &dyn CaptionNet, batch: &Batch) -> Option<Vec<f32>> {
    let memory = net.encode(batch.images.clone());
    let mut session = net.session(&memory)?;
    let backwards = Tensor::<1, Int>::from_ints([3, 2, 1, 0], net.device());
    let captions = batch.first();
    let steps = (0..LENGTH).map(|step| {
        if step == LENGTH / 2 {
            session.select(backwards.clone());
            session.select(backwards.clone());
        }
        session.step(captions.clone().narrow(1, step, 1).squeeze_dim(1))
    });
    Some(numbers(Tensor::stack::<3>(steps.collect(), 1)))
}

fn set_weights(net: &mut dyn CaptionNet, values: &Values) {
    let device = net.device().clone();
    net.set_params(&mut |entry, _| {
        let values = values.get(entry.name)?;
        let data = TensorData::new(values.clone(), [values.len()]);
        Some(Tensor::from_data(data, &device))
    });
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter().collect()
}
