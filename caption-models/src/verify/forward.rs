//! What the scores of a net show at one setting of its weights.

use burn::tensor::{Int, Tensor, TensorData};

use super::scores::Scores;
use super::{Check, CheckName, Sample};
use crate::harness::CaptionNet;

/// Most that a score may move, as a share of the largest one, and count as the same.
const SAME: f64 = 1e-4;
/// Least that a score must move, as a share of the largest one, for a picture to count.
const MOVED: f64 = 1e-5;

/// Largest moves of scores, each as a share of the largest score.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Forward {
    /// Of a row when a token changes that it must not see.
    leak: Move,
    /// Of any row when the picture changes.
    image: f64,
    /// Of a row between teacher forcing and decoding.
    drift: Move,
}

/// A move and the position of the token that showed it.
#[derive(Clone, Copy, Debug, Default)]
struct Move {
    share: f64,
    position: usize,
}

impl Forward {
    /// Looks at a net; `None` when a score is no number.
    pub(super) fn of(net: &dyn CaptionNet, sample: &Sample) -> Option<Self> {
        let scores = logits(net, sample.images.clone(), &sample.words);
        let other = logits(net, sample.other_images(), &sample.words);
        let is_finite = scores.is_finite() && other.is_finite();
        is_finite.then(|| Self {
            leak: leak(net, sample, &scores),
            image: scores.share_moved(&other, 0..scores.n_rows()),
            drift: drift(net, sample, &scores),
        })
    }
}

/// Changes a token in the middle and the last two; the rows that predict it or an earlier one must not move.
fn leak(net: &dyn CaptionNet, sample: &Sample, scores: &Scores) -> Move {
    let spec = net.spec();
    let length = Sample::LENGTH;
    let positions = [length / 2, length - 2, length - 1].into_iter();
    let moves = positions
        .filter(|position| *position >= spec.alignment.shift)
        .map(|position| {
            let words = sample.changed_words(position, spec.vocab);
            let changed = logits(net, sample.images.clone(), &words);
            let n_blind = (spec.alignment.row(position) + 1).min(scores.n_rows());
            Move {
                share: scores.share_moved(&changed, 0..n_blind),
                position,
            }
        });
    moves.reduce(Move::larger).unwrap_or_default()
}

/// Decodes every prefix as the library's decoders do; its last row must be that of teacher forcing.
fn drift(net: &dyn CaptionNet, sample: &Sample, scores: &Scores) -> Move {
    let alignment = net.spec().alignment;
    let memory = net.encode(sample.images.clone());
    let lengths = (alignment.shift.max(1)..=Sample::LENGTH)
        .filter(|length| alignment.row(*length) < scores.n_rows());
    let moves = lengths.map(|length| {
        let prefixes = sample.prefixes(length, alignment.n_extra(length));
        let decoded = Scores::of(net.decode(&memory, tokens(net, prefixes, sample.n_images())));
        let row = alignment.row(length);
        Move {
            share: scores.share_moved(&decoded, row..row + 1),
            position: length,
        }
    });
    moves.reduce(Move::larger).unwrap_or_default()
}

pub(super) fn not_finite() -> Check {
    let detail = "a logit of the untrained net is infinite or no number, all must be finite";
    Check::new(CheckName::Numbers, false, detail.to_owned())
}

pub(super) fn causality(looks: &[Forward]) -> Check {
    let Move { share, position } = worst(looks, |look| look.leak);
    let what = "a score must not depend on its own token or a later one";
    let found = format!("changing token {position} moves one");
    still(CheckName::Causality, share, &format!("{what}: {found}"))
}

pub(super) fn step_by_step(looks: &[Forward]) -> Check {
    let Move { share, position } = worst(looks, |look| look.drift);
    let what = "decoding must give the scores of teacher forcing";
    let found = format!("those after {position} tokens differ");
    still(CheckName::StepByStep, share, &format!("{what}: {found}"))
}

/// A check that wants no move.
fn still(name: CheckName, share: f64, found: &str) -> Check {
    let wanted = format!("of the largest score, at most {SAME:.0e} is allowed");
    Check::new(
        name,
        share <= SAME,
        format!("{found} by {share:.1e} {wanted}"),
    )
}

/// `in_training` is that of [`image_in_training`].
pub(super) fn image_sensitivity(looks: &[Forward], in_training: f64) -> Check {
    let moved = looks.iter().map(|look| look.image).fold(0.0, f64::max);
    let detail = format!(
        "another picture must move the scores: it does by {moved:.1e} of the largest score, and the training loss by \
         {in_training:.1e} of it; at least {MOVED:.0e} of either is wanted"
    );
    Check::new(
        CheckName::ImageSensitivity,
        moved >= MOVED || in_training >= MOVED,
        detail,
    )
}

/// How far the loss of train mode moves with the pictures, as a share of it; to be called without dropout. It changes the
/// net's running statistics.
pub(super) fn image_in_training(net: &mut dyn CaptionNet, sample: &Sample) -> f64 {
    let mut loss = |images| {
        let loss = net.backward(images, sample.captions.clone()).loss;
        loss.into_data().iter::<f64>().next().unwrap_or(f64::NAN)
    };
    let (first, other) = (loss(sample.images.clone()), loss(sample.other_images()));
    ((first - other) / first).abs()
}

fn worst(looks: &[Forward], of: impl Fn(&Forward) -> Move) -> Move {
    looks
        .iter()
        .map(of)
        .reduce(Move::larger)
        .unwrap_or_default()
}

impl Move {
    fn larger(self, other: Self) -> Self {
        // A score that is no number has moved, too.
        if self.share.is_nan() || other.share <= self.share {
            self
        } else {
            other
        }
    }
}

fn logits(net: &dyn CaptionNet, images: Tensor<4>, words: &[i64]) -> Scores {
    let [batch, ..] = images.dims();
    Scores::of(net.logits(images, tokens(net, words.to_vec(), batch)))
}

fn tokens(net: &dyn CaptionNet, ids: Vec<i64>, batch: usize) -> Tensor<2, Int> {
    let shape = [batch, ids.len() / batch.max(1)];
    Tensor::from_data(TensorData::new(ids, shape), net.device())
}
