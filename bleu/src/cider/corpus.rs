//! A corpus that is scored with the frequencies of its own references.
//!
//! Every word is hashed once, every n-gram numbered once for its segment. The n-grams of all segments, which do not
//! fit into a processor's caches, are spread over partitions that do, counted there, and read back in the same order.

use super::Cider;
use super::numbered::Numbering;
use super::partition::Key;
use super::spans::Spans;
use crate::error::Error;
use crate::tokens::{Token, Vocabulary};

/// The words of all texts as numbers.
#[derive(Debug)]
pub(super) struct Corpus {
    n_distinct: usize,
    words: Vec<u32>,
    /// Where the words of each text end; the hypothesis of a segment stands behind its references.
    ends: Vec<usize>,
    /// The texts of each segment.
    n_texts: Vec<usize>,
}

impl Corpus {
    /// Reads the texts of each segment, the hypothesis last.
    pub(super) fn read<T, S, I>(segments: impl Iterator<Item = S>) -> Self
    where
        T: Token,
        S: Iterator<Item = I>,
        I: IntoIterator<Item = T>,
    {
        let mut vocabulary: Vocabulary<T> = Vocabulary::new();
        let (mut words, mut ends, mut n_texts) = (Vec::new(), Vec::new(), Vec::new());
        for texts in segments {
            let n_before = ends.len();
            for text in texts {
                words.extend(text.into_iter().map(|token| vocabulary.number(token)));
                ends.push(words.len());
            }
            n_texts.push(ends.len() - n_before);
        }
        Self {
            n_distinct: vocabulary.words().len(),
            words,
            ends,
            n_texts,
        }
    }

    /// The score of each segment.
    pub(super) fn scores(&self, cider: Cider) -> Result<Vec<f64>, Error> {
        if self.n_distinct <= u64::N_WORDS {
            self.scores_by::<u64>(cider)
        } else {
            self.scores_by::<u128>(cider)
        }
    }

    fn scores_by<K: Key>(&self, cider: Cider) -> Result<Vec<f64>, Error> {
        let mut numbering = Numbering::<K>::new(&self.words, self.n_distinct);
        for texts in self.segments() {
            numbering.read(&texts);
        }
        let n_images = self.n_texts.len();
        if n_images < 2 || numbering.is_empty() {
            return Err(Error::NoFrequencies { n_images });
        }
        let mut weighted = numbering.weighted();
        let scores = self.segments().enumerate().map(|(segment, texts)| {
            let (refs, hyp) = texts.refs_and_hyp();
            let score = cider.score(weighted.vectors(segment), hyp, refs);
            score.ok_or(Error::NoReferences { segment })
        });
        scores.collect()
    }

    /// The spans of each segment's texts.
    fn segments(&self) -> impl Iterator<Item = Spans<'_>> {
        let (mut start, mut ends) = (0, self.ends.as_slice());
        self.n_texts.iter().map(move |&n_texts| {
            let (own, rest) = ends.split_at(n_texts);
            let spans = Spans::new(start, own);
            ends = rest;
            start += spans.n_words();
            spans
        })
    }
}
