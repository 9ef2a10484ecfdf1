//! One batch, on the host and as tensors.

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::{Padding, Source};
use crate::data::{DataError, Input, image_tensor};
use crate::vocab::PAD;

/// Pictures and captions of a batch, on the host.
#[derive(Debug)]
pub struct Batch {
    /// Which item of the data set each row is. Never empty.
    pub indices: Vec<usize>,
    /// Normalised values in [`image_shape`](Self::image_shape); empty where features were read instead.
    pub images: Vec<f32>,
    /// `[batch, 3, height, width]`
    pub image_shape: [usize; 4],
    /// What a frozen encoder made of the pictures, where it was kept.
    pub features: Option<BatchFeatures>,
    /// Ids in [`caption_shape`](Self::caption_shape), each row SOS, words, EOS, then PAD.
    pub captions: Vec<i64>,
    /// `[batch, n_captions, length]`
    pub caption_shape: [usize; 3],
    /// Pictures that could not be read and are missing from this batch; each error names its picture.
    pub skipped: Vec<DataError>,
}

/// Features of a batch's pictures, on the host.
#[derive(Debug)]
pub struct BatchFeatures {
    /// Values in [`shape`](Self::shape).
    pub values: Vec<f32>,
    /// `[batch, regions, channels]`
    pub shape: [usize; 3],
}

impl Batch {
    /// The pictures, or the features that stand for them, as a tensor.
    pub fn input(&self, device: &Device) -> Input {
        match &self.features {
            Some(BatchFeatures { values, shape }) => {
                let data = TensorData::new(values.clone(), *shape);
                Input::Features(Tensor::from_data(data, device))
            }
            None => Input::Images(self.images(device)),
        }
    }

    /// The pictures as a tensor.
    ///
    /// # Shapes
    ///
    /// - output: `[batch, 3, height, width]`
    ///
    /// # Panics
    ///
    /// When features were read instead.
    pub fn images(&self, device: &Device) -> Tensor<4> {
        image_tensor(self.images.clone(), self.image_shape, device)
    }

    /// The captions as a tensor of the device's integer type.
    ///
    /// # Shapes
    ///
    /// - output: `[batch, n_captions, length]`
    pub fn captions(&self, device: &Device) -> Tensor<3, Int> {
        let data = TensorData::new(self.captions.clone(), self.caption_shape);
        Tensor::from_data(data, device)
    }

    /// Lays out the pictures, or features, that could be read, `None` when there is none.
    pub(super) fn of(
        source: &Source,
        indices: Vec<usize>,
        values: Vec<f32>,
        skipped: &mut Vec<DataError>,
    ) -> Option<Self> {
        if indices.is_empty() {
            return None;
        }
        let [channels, height, width] = source.config.image;
        let image_shape = [indices.len(), channels, height, width];
        let (captions, caption_shape) = pad(source, &indices);
        let (images, features) = match &source.features {
            Some(features) => {
                let [regions, channels] = features.shape();
                let shape = [indices.len(), regions, channels];
                (Vec::new(), Some(BatchFeatures { values, shape }))
            }
            None => (values, None),
        };
        Some(Self {
            indices,
            images,
            image_shape,
            features,
            captions,
            caption_shape,
            skipped: std::mem::take(skipped),
        })
    }
}

/// The caption rows of some items at one length, `n_captions` for each.
fn pad(source: &Source, indices: &[usize]) -> (Vec<i64>, [usize; 3]) {
    let n_captions = source.config.n_captions;
    let captions = || indices.iter().map(|idx| &source.captions[*idx]);
    let length = match source.config.padding {
        Padding::Longest => captions().flatten().map(Vec::len).max().unwrap_or(0),
        Padding::Max => source.config.max_length.max(2),
    };
    let mut ids = Vec::with_capacity(indices.len() * n_captions * length);
    for row in captions().flat_map(|rows| rows.iter().cycle().take(n_captions)) {
        ids.extend(row);
        ids.extend(std::iter::repeat_n(PAD, length - row.len()));
    }
    (ids, [indices.len(), n_captions, length])
}
