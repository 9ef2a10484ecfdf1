//! The n-grams of one hypothesis and its references as vectors.

use std::ops::Range;

use super::N;
use super::frequency::{DocumentFrequency, Entry, Lookup, edge, number_of};
use crate::table::Table;
use crate::tokens::{Numbering, Token};

/// All n-grams of one segment, in reused memory.
///
/// The frequencies of a corpus do not fit into a processor's caches, so each n-gram is looked up once a segment, and
/// those of one order together: their memory is asked for before the first of them is waited for.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    numbering: Numbering,
    /// The words of all texts, by their number in the segment.
    words: Vec<u32>,
    /// Where the words of each text end.
    ends: Vec<usize>,
    /// From an n-gram and the word that follows to the longer n-gram.
    edges: Table,
    ngrams: Vec<Ngram>,
    /// For each order, the n-gram that starts at each word.
    starts: [Vec<u32>; N],
    lookups: Vec<Lookup>,
}

#[derive(Clone, Copy, Debug)]
struct Ngram {
    entry: Entry,
    /// Occurrences in the text at hand; 0 in between.
    count: u32,
    idf: f64,
    /// Its weight in the hypothesis.
    in_hyp: f64,
}

/// How a reference compares with the hypothesis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Similarity {
    pub(super) cosines: [f64; N],
    pub(super) n_bigrams_more: f64,
}

/// Stands where no n-gram starts, as the text ends too soon.
const NO_NGRAM: u32 = u32::MAX;

impl Segment {
    pub(super) fn new() -> Self {
        Self {
            numbering: Numbering::new(),
            words: Vec::new(),
            ends: Vec::new(),
            edges: Table::new(),
            ngrams: Vec::new(),
            starts: [const { Vec::new() }; N],
            lookups: Vec::new(),
        }
    }

    /// Takes up the next segment: a hypothesis and its references.
    pub(super) fn read<T: Token + PartialEq<W>, W>(
        &mut self,
        frequency: &DocumentFrequency<W>,
        texts: impl Iterator<Item = impl IntoIterator<Item = T>>,
    ) {
        self.numbering.clear();
        self.edges.clear();
        self.words.clear();
        self.ends.clear();
        self.ngrams.clear();
        let mut words = Vec::new();
        for text in texts {
            for token in text {
                self.words.push(self.numbering.number(&mut words, token));
            }
            self.ends.push(self.words.len());
        }
        for word in words {
            self.ngrams.push(Ngram::of(frequency, frequency.word(word)));
        }
        self.starts[0].clone_from(&self.words);
        for order in 1..N {
            self.lengthen(frequency, order);
        }
    }

    /// Numbers the n-grams of `order + 1` words.
    fn lengthen<W>(&mut self, frequency: &DocumentFrequency<W>, order: usize) {
        let n_known = self.ngrams.len();
        let (shorter, longer) = self.starts.split_at_mut(order);
        let (shorter, longer) = (&shorter[order - 1], &mut longer[0]);
        longer.clear();
        longer.resize(self.words.len(), NO_NGRAM);
        self.lookups.clear();
        let mut start = 0;
        for &end in &self.ends {
            for idx in start..end.saturating_sub(order).max(start) {
                let word = self.words[idx + order];
                let fresh = number_of(n_known + self.lookups.len());
                let key = edge(shorter[idx], word);
                let number = self.edges.get_or_insert(key, |_| true, fresh);
                if number == fresh {
                    let entry = |number: u32| self.ngrams[number as usize].entry;
                    let (prefix, suffix) = (entry(shorter[idx]), entry(shorter[idx + 1]));
                    let lookup = frequency.look_up(prefix, suffix, entry(word));
                    self.lookups.push(lookup);
                }
                longer[idx] = number;
            }
            start = end;
        }
        for lookup in &self.lookups {
            self.ngrams
                .push(Ngram::of(frequency, frequency.find(lookup)));
        }
    }

    /// For each order the cosine of the first text and each other, and by how many bigrams the first is longer.
    ///
    /// `clipped` cosines take no weight of the first text for more than that of the other.
    pub(super) fn similarities(&mut self, clipped: bool) -> impl Iterator<Item = Similarity> {
        let hyp_len = self.ends.first().copied().unwrap_or(0);
        let hyp_norms: [f64; N] = std::array::from_fn(|order| {
            let squares = self.visit(order, 0..hyp_len, |ngram, weight| ngram.in_hyp = weight);
            squares.sqrt()
        });
        (1..self.ends.len()).map(move |text| {
            let span = self.ends[text - 1]..self.ends[text];
            let n_bigrams = |len: usize| len.saturating_sub(1) as f64;
            let n_bigrams_more = n_bigrams(hyp_len) - n_bigrams(span.len());
            let cosines = std::array::from_fn(|order| {
                let mut product = 0.0;
                let squares = self.visit(order, span.clone(), |ngram, weight| {
                    let most = if clipped { weight } else { f64::INFINITY };
                    product += ngram.in_hyp.min(most) * weight;
                });
                let norms = squares.sqrt() * hyp_norms[order];
                if norms == 0.0 {
                    product
                } else {
                    product / norms
                }
            });
            Similarity {
                cosines,
                n_bigrams_more,
            }
        })
    }

    /// Visits the distinct n-grams of a text with their weights, and returns the sum of these squared.
    #[inline]
    fn visit(
        &mut self,
        order: usize,
        mut span: Range<usize>,
        mut visit: impl FnMut(&mut Ngram, f64),
    ) -> f64 {
        span.end = span.end.saturating_sub(order).max(span.start);
        let starts = &self.starts[order][span];
        for &number in starts {
            self.ngrams[number as usize].count += 1;
        }
        let mut squares = 0.0;
        for &number in starts {
            let ngram = &mut self.ngrams[number as usize];
            let count = std::mem::take(&mut ngram.count);
            if count > 0 {
                let weight = f64::from(count) * ngram.idf;
                squares += weight * weight;
                visit(ngram, weight);
            }
        }
        squares
    }
}

impl Ngram {
    fn of<W>(frequency: &DocumentFrequency<W>, entry: Entry) -> Self {
        Self {
            entry,
            count: 0,
            idf: frequency.idf(entry),
            in_hyp: 0.0,
        }
    }
}
