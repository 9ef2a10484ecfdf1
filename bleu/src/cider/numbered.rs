//! The n-grams of a corpus, numbered segment by segment.

use std::ops::Range;

use super::N;
use super::frequency::number_of;
use super::idf::Idf;
use super::partition::{Counts, Key, Partitions, Place};
use super::spans::Spans;
use super::vectors::{NO_NGRAM, Ngram, Vectors};
use crate::table::Table;

/// Reads segments.
#[derive(Debug)]
pub(super) struct Numbering<'a, K> {
    words: &'a [u32],
    /// The n-grams of the segment at hand, by their numbers, and the number of each.
    keys: Vec<K>,
    numbers: Table,
    /// The n-gram that starts at each word of the segment.
    heads: Vec<K>,
    longer: Partitions<K>,
    numbered: Numbered,
}

/// The n-grams of each segment, numbered from 0, words before longer ones.
#[derive(Debug)]
struct Numbered {
    /// For each order, the n-gram that starts at each word of the corpus.
    starts: [Vec<u32>; N],
    /// The distinct words of one segment after the other, and where its longer n-grams were put.
    words: Vec<u32>,
    places: Vec<Place>,
    /// Where both end for each segment.
    ends: Vec<(usize, usize)>,
    /// The images of each word.
    n_images: Vec<u32>,
}

impl<'a, K: Key> Numbering<'a, K> {
    /// For a corpus of these words, so many of them distinct.
    pub(super) fn new(words: &'a [u32], n_distinct: usize) -> Self {
        let longer_ngrams = 2 * words.len();
        Self {
            words,
            keys: Vec::new(),
            numbers: Table::new(),
            heads: Vec::new(),
            longer: Partitions::new(longer_ngrams),
            numbered: Numbered {
                starts: std::array::from_fn(|_| vec![NO_NGRAM; words.len()]),
                words: Vec::new(),
                places: Vec::with_capacity(longer_ngrams),
                ends: Vec::new(),
                n_images: vec![0; n_distinct],
            },
        }
    }

    /// Takes up the next segment, spans of words; the last is the hypothesis.
    pub(super) fn read(&mut self, texts: &Spans<'_>) {
        self.numbers.clear();
        self.keys.clear();
        self.heads.clear();
        self.heads.resize(texts.n_words(), K::NOTHING);
        let (refs, hyp) = texts.refs_and_hyp();
        for order in 0..N {
            for span in refs.clone() {
                self.lengthen(order, span, texts.start(), true);
            }
            self.lengthen(order, hyp.clone(), texts.start(), false);
        }
        let numbered = &mut self.numbered;
        let ends = (numbered.words.len(), numbered.places.len());
        numbered.ends.push(ends);
    }

    /// Numbers the n-grams of a text that have `order` words behind their first.
    #[inline]
    fn lengthen(&mut self, order: usize, text: Range<usize>, segment_start: usize, in_refs: bool) {
        let last = text.end.saturating_sub(order).max(text.start);
        let heads = &mut self.heads[text.start - segment_start..last - segment_start];
        let starts = &mut self.numbered.starts[order][text.start..last];
        let words = &self.words[(text.start + order).min(text.end)..text.end];
        for ((head, start), &word) in heads.iter_mut().zip(starts).zip(words) {
            let key = head.then(word);
            let fresh = number_of(self.keys.len());
            let known = |number: u32| key.is(|| self.keys[number as usize]);
            *head = key;
            *start = self.numbers.get_or_insert(key.hash(), known, fresh);
            if *start != fresh {
                continue;
            }
            self.keys.push(key);
            if order == 0 {
                self.numbered.words.push(word);
                self.numbered.n_images[word as usize] += u32::from(in_refs);
            } else {
                let place = self.longer.push(key, in_refs);
                self.numbered.places.push(place);
            }
        }
    }

    /// Whether no reference had a word.
    pub(super) fn is_empty(&self) -> bool {
        let mut n_images = self.numbered.n_images.iter();
        n_images.all(|n_images| *n_images == 0)
    }

    /// Counts the images of all n-grams.
    pub(super) fn weighted(self) -> Weighted {
        Weighted {
            idf: Idf::new(self.numbered.ends.len() as u64),
            numbered: self.numbered,
            longer: self.longer.count(),
            ngrams: Vec::new(),
            n_read: (0, 0),
        }
    }
}

/// The n-grams of each segment and what they weigh, segment by segment in the order in which they were read.
#[derive(Debug)]
pub(super) struct Weighted {
    idf: Idf,
    numbered: Numbered,
    longer: Counts,
    ngrams: Vec<Ngram>,
    /// Words and places of the segments before.
    n_read: (usize, usize),
}

impl Weighted {
    /// The vectors of segment `idx`, the one behind the last that was asked for.
    pub(super) fn vectors(&mut self, idx: usize) -> Vectors<'_> {
        let numbered = &self.numbered;
        let (words_end, places_end) = numbered.ends[idx];
        let (words_start, places_start) = self.n_read;
        let of_words = numbered.words[words_start..words_end].iter();
        let of_words = of_words.map(|&word| numbered.n_images[word as usize]);
        let of_places = numbered.places[places_start..places_end].iter();
        let of_places = of_places.map(|&place| self.longer.next(place));
        let n_images = of_words.chain(of_places);
        self.ngrams.clear();
        self.ngrams
            .extend(n_images.map(|n_images| Ngram::new(self.idf.of(n_images))));
        self.n_read = (words_end, places_end);
        Vectors {
            ngrams: &mut self.ngrams,
            starts: std::array::from_fn(|order| numbered.starts[order].as_slice()),
        }
    }
}
