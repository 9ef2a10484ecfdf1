//! [`Input`]: what a net reads of a batch's pictures.

use burn::tensor::{Int, Tensor};

/// What a net reads of a batch's pictures: themselves, or what its frozen encoder made of them.
#[derive(Clone, Debug)]
pub enum Input {
    /// `[batch, channels, height, width]`
    Images(Tensor<4>),
    /// `[batch, regions, channels]`, see [`CaptionNet::features`](crate::harness::CaptionNet::features)
    Features(Tensor<3>),
}

impl Input {
    /// Pictures of the batch.
    pub fn batch(&self) -> usize {
        match self {
            Self::Images(images) => images.dims()[0],
            Self::Features(features) => features.dims()[0],
        }
    }

    /// The pictures at `rows`, which may repeat.
    #[must_use]
    pub fn select(self, rows: Tensor<1, Int>) -> Self {
        match self {
            Self::Images(images) => Self::Images(images.select(0, rows)),
            Self::Features(features) => Self::Features(features.select(0, rows)),
        }
    }
}

impl From<Tensor<4>> for Input {
    fn from(images: Tensor<4>) -> Self {
        Self::Images(images)
    }
}
