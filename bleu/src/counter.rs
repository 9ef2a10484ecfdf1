//! From a hypothesis and its references to [`BleuStats`].

use crate::ngrams::NgramTrie;
use crate::stats::BleuStats;
use crate::tokens::{Numbering, Token, TokenId, python_words};

/// Counts n-grams up to order `N`, one segment after the other.
///
/// It owns the memory that counting needs and reuses it: keep one for each thread.
///
/// # Examples
///
/// ```
/// use bleu::Counter;
///
/// let mut counter = Counter::new();
/// let refs = ["the cat is on the mat", "a cat sat on the rug today"];
/// let stats = counter.words("the cat sat on a mat", &refs).expect("there are references");
/// assert_eq!(stats.matches, [6, 3, 1, 0]);
/// assert_eq!(stats.totals, [6, 5, 4, 3]);
///
/// // Padding is a token like any other here; `Bleu::lemur` drops it.
/// let stats = counter.ids(&[1, 7, 2, 0], &[[1_u32, 7, 8, 2]]).expect("there is a reference");
/// assert_eq!(stats.matches, [3, 1, 0, 0]);
/// ```
#[derive(Clone, Debug)]
pub struct Counter<const N: usize = 4> {
    numbering: Numbering,
    trie: NgramTrie<N>,
}

impl Counter {
    /// A counter of n-grams up to order 4.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<const N: usize> Default for Counter<N> {
    fn default() -> Self {
        Self {
            numbering: Numbering::new(),
            trie: NgramTrie::new(),
        }
    }
}

impl<const N: usize> Counter<N> {
    /// Counts the [words](python_words) of `hyp` in `refs`. `None` without a reference.
    pub fn words<R: AsRef<str>>(&mut self, hyp: &str, refs: &[R]) -> Option<BleuStats<N>> {
        let refs = refs.iter().map(|text| python_words(text.as_ref()));
        self.count(python_words(hyp), refs)
    }

    /// Counts the tokens of `hyp` in `refs`. `None` without a reference.
    pub fn ids<T: TokenId, R: AsRef<[T]>>(
        &mut self,
        hyp: &[T],
        refs: &[R],
    ) -> Option<BleuStats<N>> {
        let refs = refs
            .iter()
            .map(|ids| ids.as_ref().iter().map(|id| id.widen()));
        self.count(hyp.iter().map(|id| id.widen()), refs)
    }

    /// Counts any tokens. `None` without a reference.
    pub(crate) fn count<T: Token, R: IntoIterator<Item = T>>(
        &mut self,
        hyp: impl Iterator<Item = T>,
        refs: impl Iterator<Item = R>,
    ) -> Option<BleuStats<N>> {
        let words = self.numbering.start(hyp);
        let hypothesis = self.numbering.sequence();
        let hyp_len = hypothesis.len();
        self.trie.start(words.len(), hypothesis);
        let ref_len = refs
            .map(|tokens| self.match_reference(&words, tokens))
            .min_by_key(|&ref_len| (ref_len.abs_diff(hyp_len), ref_len))?;
        Some(BleuStats {
            matches: self.trie.matches(),
            ..BleuStats::of_lengths(hyp_len as u64, ref_len as u64)
        })
    }

    /// Walks one reference along the trie and returns its length.
    fn match_reference<T: Token>(
        &mut self,
        words: &[T],
        tokens: impl IntoIterator<Item = T>,
    ) -> usize {
        self.trie.start_reference();
        let mut ref_len = 0;
        for token in tokens {
            ref_len += 1;
            self.trie.match_word(self.numbering.get(words, token));
        }
        ref_len
    }
}
