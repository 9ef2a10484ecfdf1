//! Sizes and conventions of a net.

use burn::tensor::{Int, Tensor};

/// What the library must know of a net to feed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Words the net knows, the four special ones included.
    pub vocab: usize,
    /// `[channels, height, width]`
    pub image: [usize; 3],
    /// Which target a row of the logits predicts.
    pub alignment: Alignment,
    /// Whether the net has its own inference path.
    pub infer: bool,
}

/// Which position of the captions a row of the logits predicts:
/// `logits(images, captions[batch, length])` has `length - n_dropped` rows, and row `t` predicts
/// `captions[t + shift]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alignment {
    /// Captions columns without a row.
    pub n_dropped: usize,
    /// Distance from a row to the position it predicts.
    pub shift: usize,
}

impl Alignment {
    /// Columns to append to a prefix so that a row predicts the token after it.
    pub const fn n_extra(self, prefix: usize) -> usize {
        (self.row(prefix) + 1 + self.n_dropped).saturating_sub(prefix)
    }

    /// The row that predicts position `position`.
    ///
    /// # Panics
    ///
    /// When no row predicts it: `position < shift`.
    pub const fn row(self, position: usize) -> usize {
        assert!(
            position >= self.shift,
            "no row predicts a position before the shift"
        );
        position - self.shift
    }
}

/// What a net's own inference returns.
#[derive(Clone, Debug)]
pub enum Inference {
    /// Token ids `[batch, steps]`.
    Ids(Tensor<2, Int>),
    /// Scores `[batch, steps, vocab]`; the ids are their argmax.
    Scores(Tensor<3>),
}

impl Inference {
    /// The ids `[batch, steps]`, argmaxed where the net returns scores.
    pub fn into_ids(self) -> Tensor<2, Int> {
        match self {
            Self::Ids(ids) => ids,
            Self::Scores(scores) => scores.argmax(2).squeeze_dim::<2>(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Alignment;

    #[test]
    fn a_net_that_drops_the_last_column_needs_one_more() {
        let alignment = Alignment {
            n_dropped: 1,
            shift: 1,
        };
        // prefix [SOS]: captions [SOS, PAD], one row, row 0 predicts position 1.
        assert_eq!((alignment.n_extra(1), alignment.row(1)), (1, 0));
    }

    #[test]
    fn a_net_that_keeps_every_column_needs_none() {
        let alignment = Alignment {
            n_dropped: 0,
            shift: 1,
        };
        assert_eq!((alignment.n_extra(3), alignment.row(3)), (0, 2));
    }

    #[test]
    fn a_net_that_shifts_inside_needs_the_column_it_predicts() {
        let alignment = Alignment {
            n_dropped: 0,
            shift: 0,
        };
        assert_eq!((alignment.n_extra(3), alignment.row(3)), (1, 3));
    }
}
