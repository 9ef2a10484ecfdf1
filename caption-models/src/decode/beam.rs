//! Beam search, a batch of images at once.
//!
//! Scores as in Wu et al. 2016, <https://arxiv.org/abs/1609.08144>, equation 14. Difference from the paper: the search
//! of an image ends only when no caption under way can beat those that are complete.

use super::rows::{Next, Rows, id};
use super::rules::forbid;
use super::{Beam, Caption, DecodeError, DecodeOptions};
use crate::data::Input;
use crate::harness::CaptionNet;
use crate::vocab::{EOS, PAD};

/// The best caption of each image.
pub(super) fn beam(
    net: &dyn CaptionNet,
    input: Input,
    options: &DecodeOptions,
    beam: &Beam,
) -> Result<Vec<Caption>, DecodeError> {
    let batch = input.batch();
    let mut rows = Rows::start(net, input, beam.width);
    let mut found: Vec<Search> = (0..batch).map(|_| Search::start(beam)).collect();
    for step in 0..options.max_length {
        let words = rows.next();
        if beam.coverage_penalty > 0.0 && words.attention(0).is_none() {
            return Err(DecodeError::NoAttention);
        }
        let (mut from, mut tokens) = (Vec::new(), Vec::new());
        for (image, search) in found.iter_mut().enumerate() {
            let first = image * beam.width;
            let is_last = step + 1 == options.max_length;
            for (row, token) in search.step(options, &rows, &words, first, is_last) {
                from.push(row);
                tokens.push(token);
            }
        }
        rows.advance(&from, &tokens);
        if found.iter().all(|search| search.is_over) {
            break;
        }
    }
    Ok(found.into_iter().map(Search::best).collect())
}

/// The search for one image's caption.
struct Search<'a> {
    beam: &'a Beam,
    /// Captions under way, the best first; at most the beam's width.
    live: Vec<Caption>,
    /// Complete captions with their scores, the best first; at most the beam's width.
    complete: Vec<(f64, Caption)>,
    is_over: bool,
}

/// A caption under way and a token behind it.
#[derive(Clone, Copy)]
struct Candidate {
    /// Which of the captions under way.
    parent: usize,
    token: usize,
    token_log_prob: f32,
    log_prob: f64,
}

impl<'a> Search<'a> {
    fn start(beam: &'a Beam) -> Self {
        Self {
            beam,
            live: vec![Caption::default()],
            complete: Vec::new(),
            is_over: false,
        }
    }

    /// Reads the next word of every caption under way, whose rows begin at `first`. Returns for every row of this image
    /// the row it goes on from, and its token.
    fn step(
        &mut self,
        options: &DecodeOptions,
        rows: &Rows<'_>,
        next: &Next,
        first: usize,
        is_last: bool,
    ) -> Vec<(usize, i64)> {
        if self.is_over {
            return vec![(first, PAD); self.beam.width];
        }
        let mut live = Vec::with_capacity(self.beam.width);
        let mut kept = Vec::with_capacity(self.beam.width);
        let candidates = self.candidates(options, rows, next, first);
        for (rank, candidate) in candidates.into_iter().enumerate() {
            let token = id(candidate.token);
            let ends = token == EOS;
            if live.len() == self.beam.width || (ends && rank >= self.beam.width) {
                continue;
            }
            let row = first + candidate.parent;
            let mut caption = self.live[candidate.parent].clone();
            let attention = next.attention(row);
            caption.push(token, candidate.token_log_prob, attention);
            if ends {
                self.complete(caption);
            } else {
                kept.push((row, token));
                live.push(caption);
            }
        }
        self.live = live;
        if is_last {
            for caption in std::mem::take(&mut self.live) {
                self.complete(caption);
            }
        }
        self.is_over = self.is_decided(options.max_length);
        // Rows that nothing goes on in repeat one that something does.
        kept.resize(
            self.beam.width,
            kept.last().copied().unwrap_or((first, PAD)),
        );
        kept
    }

    /// The best continuations, twice as many as are kept, since half of them may end.
    fn candidates(
        &self,
        options: &DecodeOptions,
        rows: &Rows<'_>,
        next: &Next,
        first: usize,
    ) -> Vec<Candidate> {
        let mut all = Vec::new();
        for (parent, caption) in self.live.iter().enumerate() {
            let mut log_probs = next.log_probs(first + parent).to_vec();
            forbid(options, &rows.prefixes()[first + parent], &mut log_probs);
            let of_parent = log_probs.into_iter().enumerate();
            all.extend(of_parent.map(|(token, token_log_prob)| Candidate {
                parent,
                token,
                token_log_prob,
                log_prob: caption.log_prob + f64::from(token_log_prob),
            }));
        }
        let better = |one: &Candidate, other: &Candidate| {
            let by_score = other.log_prob.total_cmp(&one.log_prob);
            by_score.then((one.parent, one.token).cmp(&(other.parent, other.token)))
        };
        let n_kept = (2 * self.beam.width).min(all.len());
        if n_kept < all.len() {
            all.select_nth_unstable_by(n_kept, better);
            all.truncate(n_kept);
        }
        all.sort_by(better);
        all.retain(|candidate| candidate.log_prob > f64::NEG_INFINITY);
        all
    }

    fn complete(&mut self, caption: Caption) {
        let score = self.score(&caption);
        let place = self.complete.partition_point(|(other, _)| *other >= score);
        self.complete.insert(place, (score, caption));
        self.complete.truncate(self.beam.width);
    }

    /// `s(Y, X)` of the paper.
    fn score(&self, caption: &Caption) -> f64 {
        caption.log_prob / self.length_divisor(caption.ids.len()) + self.coverage(caption)
    }

    /// `lp(Y)`
    fn length_divisor(&self, n_tokens: usize) -> f64 {
        ((5.0 + n_tokens as f64) / 6.0).powf(self.beam.length_penalty)
    }

    /// `cp(X; Y)`
    fn coverage(&self, caption: &Caption) -> f64 {
        let beta = self.beam.coverage_penalty;
        let n_regions = caption.attention.first().map_or(0, Vec::len);
        if beta == 0.0 {
            return 0.0;
        }
        let seen = |region: usize| -> f64 {
            let weights = caption
                .attention
                .iter()
                .map(|weights| f64::from(weights[region]));
            weights.sum::<f64>().clamp(f64::MIN_POSITIVE, 1.0)
        };
        beta * (0..n_regions).map(|region| seen(region).ln()).sum::<f64>()
    }

    /// Whether no caption under way can become better than the complete ones: its log-probability only falls, the
    /// divisor is largest at the end, and coverage adds nothing.
    fn is_decided(&self, max_length: usize) -> bool {
        let Some(live) = self.live.iter().map(|live| live.log_prob).reduce(f64::max) else {
            return true;
        };
        let hope = live / self.length_divisor(max_length);
        let worst = self.complete.last().map(|(score, _)| *score);
        self.complete.len() == self.beam.width && worst.is_some_and(|worst| hope <= worst)
    }

    fn best(self) -> Caption {
        let best = self.complete.into_iter().next();
        best.map_or_else(Caption::default, |(_, caption)| caption)
    }
}
