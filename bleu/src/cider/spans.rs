//! Texts as spans of words that follow each other.

use std::ops::Range;

/// The texts of a segment.
#[derive(Clone, Debug)]
pub(super) struct Spans<'a> {
    start: usize,
    ends: &'a [usize],
}

impl<'a> Spans<'a> {
    /// From `start`, each to its end.
    pub(super) fn new(start: usize, ends: &'a [usize]) -> Self {
        Self { start, ends }
    }

    pub(super) fn start(&self) -> usize {
        self.start
    }

    pub(super) fn n_words(&self) -> usize {
        self.end() - self.start
    }

    fn end(&self) -> usize {
        self.ends.last().copied().unwrap_or(self.start)
    }

    /// All but the last, and the last.
    pub(super) fn refs_and_hyp(&self) -> (Self, Range<usize>) {
        let before = match self.ends {
            [before @ .., _] => before,
            [] => &[],
        };
        let refs = Self::new(self.start, before);
        let hyp = refs.end()..self.end();
        (refs, hyp)
    }
}

impl Iterator for Spans<'_> {
    type Item = Range<usize>;

    #[inline]
    fn next(&mut self) -> Option<Range<usize>> {
        let (&end, ends) = self.ends.split_first()?;
        self.ends = ends;
        let start = std::mem::replace(&mut self.start, end);
        Some(start..end)
    }
}
