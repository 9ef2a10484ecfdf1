//! Means of segment scores, for metrics that are no function of summed counts.

use std::iter::Sum;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// The sum of `K` scores over some segments: what a mean is a function of.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "[f64; K]: Serialize",
    deserialize = "[f64; K]: Deserialize<'de>"
))]
pub struct Mean<const K: usize = 1> {
    sums: [f64; K],
    n_segments: u64,
}

impl<const K: usize> Mean<K> {
    /// The scores of one segment.
    pub fn of(scores: [f64; K]) -> Self {
        Self {
            sums: scores,
            n_segments: 1,
        }
    }

    /// The mean scores; 0 without a segment.
    pub fn value(&self) -> [f64; K] {
        self.sums.map(|sum| sum / self.n_segments.max(1) as f64)
    }
}

impl<const K: usize> Default for Mean<K> {
    fn default() -> Self {
        Self {
            sums: [0.0; K],
            n_segments: 0,
        }
    }
}

impl<const K: usize> AddAssign for Mean<K> {
    fn add_assign(&mut self, other: Self) {
        for (sum, score) in self.sums.iter_mut().zip(other.sums) {
            *sum += score;
        }
        self.n_segments += other.n_segments;
    }
}

impl<const K: usize> Sum for Mean<K> {
    fn sum<I: Iterator<Item = Self>>(segments: I) -> Self {
        segments.fold(Self::default(), |mut total, segment| {
            total += segment;
            total
        })
    }
}
