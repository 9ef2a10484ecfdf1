//! The n-grams of one segment as vectors.

use std::ops::Range;

use super::N;

/// Stands where no n-gram starts, as the text ends too soon.
pub(super) const NO_NGRAM: u32 = u32::MAX;

/// An n-gram of the segment at hand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ngram {
    /// Occurrences in the text at hand; 0 in between.
    count: u32,
    idf: f64,
    /// Its weight in the hypothesis.
    in_hyp: f64,
}

impl Ngram {
    pub(super) fn new(idf: f64) -> Self {
        Self {
            count: 0,
            idf,
            in_hyp: 0.0,
        }
    }
}

/// How a reference compares with the hypothesis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Similarity {
    pub(super) cosines: [f64; N],
    pub(super) n_bigrams_more: f64,
}

/// A segment's n-grams by their numbers, and for each order the number of the n-gram that starts at each word.
#[derive(Debug)]
pub(super) struct Vectors<'a> {
    pub(super) ngrams: &'a mut [Ngram],
    pub(super) starts: [&'a [u32]; N],
}

impl Vectors<'_> {
    /// For each order the cosine of the hypothesis and each reference, and by how many bigrams the hypothesis is longer.
    ///
    /// Texts are spans of words. `clipped` cosines take no weight of the hypothesis for more than that of the reference.
    pub(super) fn similarities(
        mut self,
        hyp: Range<usize>,
        refs: impl Iterator<Item = Range<usize>>,
        clipped: bool,
    ) -> impl Iterator<Item = Similarity> {
        let hyp_norms: [f64; N] = std::array::from_fn(|order| {
            let in_hyp = |ngram: &mut Ngram, weight| ngram.in_hyp = weight;
            self.visit(order, hyp.clone(), in_hyp).sqrt()
        });
        let n_bigrams = |text: &Range<usize>| text.len().saturating_sub(1) as f64;
        refs.map(move |span| Similarity {
            n_bigrams_more: n_bigrams(&hyp) - n_bigrams(&span),
            cosines: std::array::from_fn(|order| {
                self.cosine(order, span.clone(), hyp_norms[order], clipped)
            }),
        })
    }

    #[inline]
    fn cosine(&mut self, order: usize, span: Range<usize>, hyp_norm: f64, clipped: bool) -> f64 {
        let mut product = 0.0;
        let squares = self.visit(order, span, |ngram, weight| {
            let most = if clipped { weight } else { f64::INFINITY };
            product += ngram.in_hyp.min(most) * weight;
        });
        let norms = squares.sqrt() * hyp_norm;
        if norms == 0.0 {
            product
        } else {
            product / norms
        }
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
