//! [`Rows`]: captions under way, and the scores of their next words.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor, TensorData, s};

use crate::data::Input;
use crate::harness::{CaptionNet, Memory, Session};
use crate::vocab::{EOS, PAD, SOS};

/// Captions under way in one batch, `width` for each image, image by image. All are equally long.
pub(super) struct Rows<'a> {
    net: &'a dyn CaptionNet,
    scores: Scores<'a>,
    prefixes: Vec<Vec<i64>>,
}

/// Where scores come from.
enum Scores<'a> {
    /// The net keeps its state between words.
    Session(Box<dyn Session + 'a>),
    /// The net reads every prefix anew, as any net can that obeys its alignment.
    Prefixes(Memory),
}

/// What is known of the next word of every caption.
pub(super) struct Next {
    /// Log-probabilities, caption by caption.
    log_probs: Vec<f32>,
    vocab: usize,
    /// Where the net looks for the next word, caption by caption; empty when it does not tell.
    attention: Vec<Vec<f32>>,
}

impl<'a> Rows<'a> {
    /// `width` captions of each image before their first word.
    pub(super) fn start(net: &'a dyn CaptionNet, input: Input, width: usize) -> Self {
        let batch = input.batch();
        let repeated: Vec<i64> = (0..batch)
            .map(id)
            .flat_map(|image| std::iter::repeat_n(image, width))
            .collect();
        let n_rows = repeated.len();
        let rows = ids(repeated, net);
        let memory = encode(net, input.clone());
        let scores = match net.session(&memory) {
            Some(mut session) => {
                if width > 1 {
                    session.select(rows);
                }
                Scores::Session(session)
            }
            None if width > 1 => Scores::Prefixes(encode(net, input.select(rows))),
            None => Scores::Prefixes(memory),
        };
        Self {
            net,
            scores,
            prefixes: vec![vec![SOS]; n_rows],
        }
    }

    /// Scores the next words; to be called once for every word.
    pub(super) fn next(&mut self) -> Next {
        let (scores, attention) = match &mut self.scores {
            Scores::Session(session) => {
                let last = |prefix: &Vec<i64>| prefix.last().copied().unwrap_or(SOS);
                let last = self.prefixes.iter().map(last).collect();
                let scores = session.step(ids(last, self.net));
                (scores, session.attention())
            }
            Scores::Prefixes(memory) => (prefix_scores(self.net, memory, &self.prefixes), None),
        };
        let [_, vocab] = scores.dims();
        let attention = attention.map_or_else(Vec::new, |weights| {
            let [_, regions] = weights.dims();
            let weights: Vec<f32> = weights.into_data().iter().collect();
            weights
                .chunks(regions.max(1))
                .map(<[f32]>::to_vec)
                .collect()
        });
        Next {
            log_probs: log_softmax(scores, 1).into_data().iter().collect(),
            vocab,
            attention,
        }
    }

    /// Goes on with the captions `from`, in this order, each followed by its token.
    pub(super) fn advance(&mut self, from: &[usize], tokens: &[i64]) {
        let moved = from.iter().enumerate().any(|(to, from)| to != *from);
        if let (true, Scores::Session(session)) = (moved, &mut self.scores) {
            let rows = from.iter().copied().map(id).collect();
            session.select(ids(rows, self.net));
        }
        let longer = |(from, token): (&usize, &i64)| {
            let mut prefix = self.prefixes[*from].clone();
            prefix.push(*token);
            prefix
        };
        self.prefixes = from.iter().zip(tokens).map(longer).collect();
    }

    /// The captions so far, SOS first.
    pub(super) fn prefixes(&self) -> &[Vec<i64>] {
        &self.prefixes
    }
}

impl Next {
    /// Log-probabilities of the next word of caption `row`.
    pub(super) fn log_probs(&self, row: usize) -> &[f32] {
        &self.log_probs[row * self.vocab..(row + 1) * self.vocab]
    }

    /// Where the net looks for the next word of caption `row`.
    pub(super) fn attention(&self, row: usize) -> Option<&[f32]> {
        self.attention.get(row).map(Vec::as_slice)
    }
}

fn encode(net: &dyn CaptionNet, input: Input) -> Memory {
    match input {
        Input::Images(images) => net.encode(images),
        Input::Features(features) => net.memory(features),
    }
}

/// A word's or a row's number as tensors hold it.
pub(super) fn id(number: usize) -> i64 {
    i64::try_from(number).expect("numbers of words and rows are small")
}

fn ids(ids: Vec<i64>, net: &dyn CaptionNet) -> Tensor<1, Int> {
    let n_ids = ids.len();
    Tensor::from_data(TensorData::new(ids, [n_ids]), net.device())
}

/// Scores of the next word behind each prefix, `[rows, vocab]`.
fn prefix_scores(net: &dyn CaptionNet, memory: &Memory, prefixes: &[Vec<i64>]) -> Tensor<2> {
    let alignment = net.spec().alignment;
    let length = prefixes.first().map_or(0, Vec::len);
    let n_extra = alignment.n_extra(length);
    let padding = || std::iter::repeat_n(&PAD, n_extra);
    let captions: Vec<i64> = prefixes
        .iter()
        .flat_map(|prefix| prefix.iter().chain(padding()))
        .copied()
        .collect();
    let shape = [prefixes.len(), length + n_extra];
    let captions = Tensor::from_data(TensorData::new(captions, shape), net.device());
    let row = alignment.row(length);
    let logits = net.decode(memory, captions); // [rows, length + n_extra - n_dropped, vocab]
    logits.slice(s![.., row..row + 1, ..]).squeeze_dim::<2>(1)
}

/// Whether a caption, SOS first, has said that it is complete.
pub(super) fn is_ended(prefix: &[i64]) -> bool {
    prefix.iter().skip(1).any(|token| *token == EOS)
}
