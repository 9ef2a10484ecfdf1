//! The n-grams of one hypothesis and its references as vectors.

use super::N;
use super::frequency::{DocumentFrequency, Entry, Lookup, edge, number_of};
use super::spans::Spans;
use super::vectors::{NO_NGRAM, Ngram, Vectors};
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
    /// What the frequencies know of each n-gram.
    entries: Vec<Entry>,
    ngrams: Vec<Ngram>,
    /// For each order, the n-gram that starts at each word.
    starts: [Vec<u32>; N],
    lookups: Vec<Lookup>,
}

impl Segment {
    pub(super) fn new() -> Self {
        Self {
            numbering: Numbering::new(),
            words: Vec::new(),
            ends: Vec::new(),
            edges: Table::new(),
            entries: Vec::new(),
            ngrams: Vec::new(),
            starts: [const { Vec::new() }; N],
            lookups: Vec::new(),
        }
    }

    /// Takes up the next segment, the hypothesis last.
    pub(super) fn read<T: Token + PartialEq<W>, W>(
        &mut self,
        frequency: &DocumentFrequency<W>,
        texts: impl Iterator<Item = impl IntoIterator<Item = T>>,
    ) {
        self.numbering.clear();
        self.edges.clear();
        self.words.clear();
        self.ends.clear();
        self.entries.clear();
        let mut words = Vec::new();
        for text in texts {
            for token in text {
                self.words.push(self.numbering.number(&mut words, token));
            }
            self.ends.push(self.words.len());
        }
        let words = words.into_iter().map(|word| frequency.word(word));
        self.entries.extend(words);
        self.starts[0].clone_from(&self.words);
        for order in 1..N {
            self.lengthen(frequency, order);
        }
        let ngrams = self.entries.iter();
        self.ngrams.clear();
        self.ngrams
            .extend(ngrams.map(|entry| Ngram::new(frequency.idf(*entry))));
    }

    /// Numbers the n-grams of `order + 1` words.
    fn lengthen<W>(&mut self, frequency: &DocumentFrequency<W>, order: usize) {
        let n_known = self.entries.len();
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
                    let entry = |number: u32| self.entries[number as usize];
                    let (prefix, suffix) = (entry(shorter[idx]), entry(shorter[idx + 1]));
                    let lookup = frequency.look_up(prefix, suffix, entry(word));
                    self.lookups.push(lookup);
                }
                longer[idx] = number;
            }
            start = end;
        }
        let found = self.lookups.iter().map(|lookup| frequency.find(lookup));
        self.entries.extend(found);
    }

    /// The vectors of what was read, and its texts.
    pub(super) fn vectors(&mut self) -> (Vectors<'_>, Spans<'_>) {
        let vectors = Vectors {
            ngrams: &mut self.ngrams,
            starts: std::array::from_fn(|order| self.starts[order].as_slice()),
        };
        (vectors, Spans::new(0, &self.ends))
    }
}
