//! Does the net do what a captioning net must? Checks on a few pictures, before any long training.
//!
//! | check | what must hold | if not |
//! |---|---|---|
//! | `numbers` | logits, loss and the first gradients are finite | fatal |
//! | `causality` | a changed token moves no score of it or of an earlier position | fatal |
//! | `image_sensitivity` | a changed picture moves the scores | fatal |
//! | `step_by_step` | decoding token by token gives the scores of teacher forcing | warning |
//! | `dead_parameters` | every trainable parameter gets a gradient that is not zero | warning |
//! | `overfit` | some steps on one batch, by the net's own recipe, lower its loss | warning |
//!
//! Fatal is what makes any score a number without meaning: a net that reads the answer, or one that never looks at the
//! picture. A net that decodes otherwise than it trains, has a layer too many or learns slowly is poor, and its scores
//! say so.
//!
//! Scores are looked at twice, with the initial weights and after the steps of `overfit`: gates that start at zero hide
//! a leak and the picture alike. A leak or a drift at either time counts; the picture must count at one of them, or in the
//! training loss: a deep encoder from scratch lets pictures fade away until its batch normalisation has seen data. The net
//! leaves as it came.

mod check;
mod forward;
mod gradients;
mod overfit;
mod sample;
mod scores;
mod snapshot;

pub use check::{Check, CheckName};
pub use sample::Sample;

use forward::Forward;
use overfit::Fit;
use snapshot::Snapshot;

use crate::harness::CaptionNet;

/// Makes every check; after one of `numbers` that failed with the initial weights no other can be made.
pub fn run(net: &mut dyn CaptionNet, sample: &Sample, seed: u64) -> Vec<Check> {
    let before = Snapshot::of(net);
    let Some(first) = Forward::of(net, sample) else {
        return vec![forward::not_finite()];
    };
    net.set_dropout(false);
    let in_training = forward::image_in_training(net, sample);
    let fit = Fit::run(net, sample, seed);
    let second = fit.is_finite().then(|| Forward::of(net, sample)).flatten();
    net.set_dropout(true);
    before.restore(net);
    let looks: Vec<Forward> = [Some(first), second].into_iter().flatten().collect();
    vec![
        fit.numbers(),
        forward::causality(&looks),
        forward::image_sensitivity(&looks, in_training),
        forward::step_by_step(&looks),
        gradients::dead_parameters(net.state(), &fit),
        fit.overfit(),
    ]
}
