//! One caption an image: greedy decoding and sampling.

use super::rows::{Rows, id, is_ended};
use super::rules::forbid;
use super::{Caption, DecodeOptions, Method, Sample, sample};
use crate::data::Input;
use crate::harness::CaptionNet;
use crate::vocab::PAD;

/// Captions of a batch of images; the first one is image number `first`.
pub(super) fn single(
    net: &dyn CaptionNet,
    input: Input,
    options: &DecodeOptions,
    first: usize,
) -> Vec<Caption> {
    let batch = input.batch();
    let mut rows = Rows::start(net, input, 1);
    let mut found = vec![Caption::default(); batch];
    let in_place: Vec<usize> = (0..batch).collect();
    for step in 0..options.max_length {
        let words = rows.next();
        let mut tokens = Vec::with_capacity(batch);
        for (row, caption) in found.iter_mut().enumerate() {
            let prefix = &rows.prefixes()[row];
            if is_ended(prefix) {
                tokens.push(PAD);
                continue;
            }
            let mut log_probs = words.log_probs(row).to_vec();
            forbid(options, prefix, &mut log_probs);
            let token = match options.method {
                Method::Sample(how) => drawn(&how, &log_probs, first + row, step),
                _ => best(&log_probs),
            };
            caption.push(id(token), log_probs[token], words.attention(row));
            tokens.push(id(token));
        }
        rows.advance(&in_place, &tokens);
        if rows.prefixes().iter().all(|prefix| is_ended(prefix)) {
            break;
        }
    }
    found
}

/// The most probable token, of equal ones the first.
fn best(log_probs: &[f32]) -> usize {
    let mut best = 0;
    for (token, log_prob) in log_probs.iter().enumerate() {
        if *log_prob > log_probs[best] {
            best = token;
        }
    }
    best
}

fn drawn(how: &Sample, log_probs: &[f32], image: usize, step: usize) -> usize {
    let uniform = sample::uniform(how.seed, image as u64, step as u64);
    sample::draw(how, log_probs, uniform)
}
