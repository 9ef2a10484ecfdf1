//! The counts that every BLEU is a function of (Papineni et al. 2002, section 2).

use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde::{Deserialize, Serialize};

/// Counts of one segment, or the sum over many, with n-grams up to order `N`.
///
/// Adding is exact and order-free: counts made by threads, processes or resampling add up to the
/// counts of the whole corpus. Sums wrap around at 2^64 and never panic.
///
/// # Examples
///
/// ```
/// use bleu::{BleuStats, Counter};
///
/// let mut counter = Counter::new();
/// let segments = [
///     counter.words("a dog runs", &["the dog runs", "a dog runs on grass"]),
///     counter.words("birds fly high", &["two birds fly"]),
/// ];
/// let corpus: BleuStats = segments.into_iter().flatten().sum();
/// assert_eq!(corpus.matches, [5, 3, 1, 0]);
/// assert_eq!((corpus.hyp_len, corpus.ref_len), (6, 6));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(bound(
    serialize = "[u64; N]: Serialize",
    deserialize = "[u64; N]: Deserialize<'de>"
))]
pub struct BleuStats<const N: usize = 4> {
    /// Tokens of the hypotheses.
    pub hyp_len: u64,
    /// Tokens of each segment's reference that is closest in length; the shorter one of a tie.
    pub ref_len: u64,
    /// `matches[k - 1]`: k-grams of the hypothesis found in a reference, each as often as it occurs in the
    /// reference that has it most often.
    pub matches: [u64; N],
    /// `totals[k - 1]`: k-grams of the hypothesis.
    pub totals: [u64; N],
    /// `unfilled[k - 1]`: segments whose hypothesis is too short for a k-gram. NLTK adds one k-gram for each.
    pub unfilled: [u64; N],
}

impl<const N: usize> BleuStats<N> {
    /// Lengths and totals of one segment, before any n-gram is matched.
    pub(crate) fn of_lengths(hyp_len: u64, ref_len: u64) -> Self {
        let mut stats = Self {
            hyp_len,
            ref_len,
            ..Self::default()
        };
        for (shorter_by, (total, unfilled)) in
            (0..).zip(stats.totals.iter_mut().zip(&mut stats.unfilled))
        {
            *total = hyp_len.saturating_sub(shorter_by);
            *unfilled = u64::from(*total == 0);
        }
        stats
    }
}

impl<const N: usize> Default for BleuStats<N> {
    fn default() -> Self {
        Self {
            hyp_len: 0,
            ref_len: 0,
            matches: [0; N],
            totals: [0; N],
            unfilled: [0; N],
        }
    }
}

impl<const N: usize> AddAssign for BleuStats<N> {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        self.hyp_len = self.hyp_len.wrapping_add(other.hyp_len);
        self.ref_len = self.ref_len.wrapping_add(other.ref_len);
        add_counts(&mut self.matches, &other.matches);
        add_counts(&mut self.totals, &other.totals);
        add_counts(&mut self.unfilled, &other.unfilled);
    }
}

/// Of known length and in place, so that a resample adds up in registers.
#[inline]
fn add_counts<const N: usize>(counts: &mut [u64; N], others: &[u64; N]) {
    for order in 0..N {
        counts[order] = counts[order].wrapping_add(others[order]);
    }
}

impl<const N: usize> Add for BleuStats<N> {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl<const N: usize> Sum for BleuStats<N> {
    fn sum<I: Iterator<Item = Self>>(segments: I) -> Self {
        segments.fold(Self::default(), Self::add)
    }
}

impl<'a, const N: usize> Sum<&'a Self> for BleuStats<N> {
    fn sum<I: Iterator<Item = &'a Self>>(segments: I) -> Self {
        segments.copied().sum()
    }
}
