//! Scores of a net on the host, and how far they lie apart.

use std::ops::Range;

use burn::tensor::Tensor;

/// Scores on the host, `[batch, n_rows, vocab]`.
pub(super) struct Scores {
    values: Vec<f32>,
    n_rows: usize,
    vocab: usize,
}

impl Scores {
    pub(super) fn of(logits: Tensor<3>) -> Self {
        let [_, n_rows, vocab] = logits.dims();
        let values = logits.into_data().iter().collect();
        Self {
            values,
            n_rows,
            vocab,
        }
    }

    pub(super) fn n_rows(&self) -> usize {
        self.n_rows
    }

    pub(super) fn is_finite(&self) -> bool {
        self.values.iter().all(|score| score.is_finite())
    }

    /// The largest difference in these rows, as a share of the largest score. The other may have other rows behind them.
    pub(super) fn share_moved(&self, other: &Self, rows: Range<usize>) -> f64 {
        let largest = self
            .values
            .iter()
            .fold(0.0, |max: f64, score| max.max(f64::from(score.abs())));
        let (own, others) = (self.images(&rows), other.images(&rows));
        let pairs = own
            .zip(others)
            .flat_map(|(own, other)| own.iter().zip(other));
        let distances = pairs.map(|(own, other)| (f64::from(*own) - f64::from(*other)).abs());
        let moved = distances.fold(0.0, |max: f64, distance| {
            if distance > max || distance.is_nan() {
                distance
            } else {
                max
            }
        });
        if moved > 0.0 { moved / largest } else { moved }
    }

    fn images(&self, rows: &Range<usize>) -> impl Iterator<Item = &[f32]> {
        let range = rows.start * self.vocab..rows.end * self.vocab;
        let images = self.values.chunks(self.n_rows * self.vocab);
        images.map(move |image| &image[range.clone()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two images of two rows over three words.
    fn scores(change: impl FnOnce(&mut [f32])) -> Scores {
        let mut values: Vec<f32> = (0_u8..12)
            .map(f32::from)
            .map(|value| value - 11.0)
            .collect();
        change(&mut values);
        Scores {
            values,
            n_rows: 2,
            vocab: 3,
        }
    }

    #[test]
    fn a_move_is_a_share_of_the_largest_score() {
        let (before, after) = (scores(|_| ()), scores(|values| values[9] += 1.1));
        let share = before.share_moved(&after, 0..2);
        assert!((share - 0.1).abs() < 1e-6, "{share}");
    }

    #[test]
    fn other_rows_do_not_count() {
        let (before, after) = (scores(|_| ()), scores(|values| values[9] += 1.1));
        assert!(before.share_moved(&after, 0..1).abs() < f64::EPSILON);
    }

    #[test]
    fn what_is_no_number_has_moved() {
        let (before, after) = (scores(|_| ()), scores(|values| values[0] = f32::NAN));
        assert!(before.share_moved(&after, 0..2).is_nan());
        assert!(!after.is_finite());
    }
}
