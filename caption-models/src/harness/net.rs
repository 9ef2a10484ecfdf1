//! [`CaptionNet`]: a captioning net behind an object.

use std::any::Any;
use std::collections::BTreeMap;

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::{Inference, Layout, Recipe, Regions, Session, Spec, StateEntry};

/// A captioning net of any type. Its one implementation is [`Candidate`](super::Candidate).
///
/// Everything but [`backward`](Self::backward) runs in eval mode: running statistics, no dropout,
/// no autodiff.
pub trait CaptionNet {
    /// Vocabulary, image shape, alignment.
    fn spec(&self) -> Spec;
    /// The `state_dict` in PyTorch's order.
    fn state(&self) -> &'static [StateEntry];
    /// How the net trains itself.
    fn recipe(&self) -> Recipe;
    /// The device, without autodiff.
    fn device(&self) -> &Device;

    /// The images as the decoder wants them.
    fn encode(&self, images: Tensor<4>) -> Memory;
    /// Teacher forcing over encoded images, see [`Captioner::decode`](super::Captioner::decode).
    ///
    /// # Panics
    ///
    /// When `memory` comes from a net of another type.
    fn decode(&self, memory: &Memory, captions: Tensor<2, Int>) -> Tensor<3>;
    /// Decoding word by word from encoded images, where the net can: one new row a step instead of the whole prefix.
    ///
    /// # Panics
    ///
    /// When `memory` comes from a net of another type.
    fn session(&self, memory: &Memory) -> Option<Box<dyn Session + '_>>;
    /// How the regions lie that a session's attention weighs; `None` when the net does not tell where it looks.
    fn regions(&self) -> Option<Regions>;
    /// Teacher forcing from the images.
    fn logits(&self, images: Tensor<4>, captions: Tensor<2, Int>) -> Tensor<3>;
    /// The training loss in eval mode.
    fn loss(&self, images: Tensor<4>, captions: Tensor<3, Int>) -> Tensor<1>;
    /// The net's own inference.
    fn infer(&self, images: Tensor<4>) -> Option<Inference>;

    /// The training loss in train mode, and its gradients.
    fn backward(&mut self, images: Tensor<4>, captions: Tensor<3, Int>) -> Backward;

    /// Which encoder the net has, in words that tell it from any other, where training keeps the whole of it as it is:
    /// then the [`features`](Self::features) of an image are the same in every epoch and may be kept.
    fn frozen_encoder(&self) -> Option<&str>;
    /// What the frozen encoder makes of images, `[batch, regions, channels]`. To the last bit the features of an image
    /// do not hang on the others of its batch: images are encoded one by one.
    ///
    /// # Panics
    ///
    /// When there is no [`frozen_encoder`](Self::frozen_encoder), as with all functions of features.
    fn features(&self, images: Tensor<4>) -> Tensor<3>;
    /// [`encode`](Self::encode) of images with these features.
    ///
    /// # Panics
    ///
    /// When there is no [`frozen_encoder`](Self::frozen_encoder).
    fn memory(&self, features: Tensor<3>) -> Memory;
    /// [`loss`](Self::loss) of images with these features.
    ///
    /// # Panics
    ///
    /// When there is no [`frozen_encoder`](Self::frozen_encoder).
    fn loss_from(&self, features: Tensor<3>, captions: Tensor<3, Int>) -> Tensor<1>;
    /// [`backward`](Self::backward) of images with these features.
    ///
    /// # Panics
    ///
    /// When there is no [`frozen_encoder`](Self::frozen_encoder).
    fn backward_from(&mut self, features: Tensor<3>, captions: Tensor<3, Int>) -> Backward;
    /// The gradients of what `loss` makes of the scores, `[batch, length, vocab]`, that teacher forcing in train mode
    /// gives for `captions`, `[batch, length]`.
    ///
    /// # Panics
    ///
    /// When there is no [`frozen_encoder`](Self::frozen_encoder).
    fn backward_by(
        &mut self,
        features: Tensor<3>,
        captions: Tensor<2, Int>,
        loss: &dyn Fn(Tensor<3>) -> Tensor<1>,
    ) -> Backward;
    /// Turns every dropout layer on or off for [`backward`](Self::backward).
    fn set_dropout(&mut self, enabled: bool);

    /// Calls `each` with every stored entry of the state, in the order of the module.
    fn for_each_param(&self, each: &mut dyn FnMut(NamedParam));
    /// Offers every stored entry a new value: flat, in the module's layout, `None` to keep it.
    fn set_params(
        &mut self,
        each: &mut dyn FnMut(&'static StateEntry, &[usize]) -> Option<Tensor<1>>,
    );
}

/// Encoded images of some net.
pub struct Memory(pub(super) Box<dyn Any>);

/// A stored entry of the state with its value, flat in the module's own layout.
pub struct NamedParam {
    /// Name, path, kind and layout.
    pub entry: &'static StateEntry,
    /// Shape in the module.
    pub dims: Vec<usize>,
    /// All values, without autodiff.
    pub value: Tensor<1>,
}

/// The outcome of a backward pass.
pub struct Backward {
    /// The loss, `[1]`.
    pub loss: Tensor<1>,
    /// Gradients in the order of the module; parameters that the loss does not reach have none.
    pub gradients: Vec<(&'static StateEntry, Tensor<1>)>,
}

impl Backward {
    /// The sums of losses and of gradients.
    pub(crate) fn plus(self, other: Self) -> Self {
        let mut gradients: BTreeMap<&str, (&'static StateEntry, Tensor<1>)> = BTreeMap::new();
        for (entry, gradient) in self.gradients.into_iter().chain(other.gradients) {
            let sum = match gradients.remove(entry.name) {
                Some((_, sum)) => sum + gradient,
                None => gradient,
            };
            gradients.insert(entry.name, (entry, sum));
        }
        Self {
            loss: self.loss + other.loss,
            gradients: gradients.into_values().collect(),
        }
    }

    /// Loss and gradients, each multiplied.
    pub(crate) fn times(self, factor: f64) -> Self {
        let gradients = self.gradients.into_iter();
        Self {
            loss: self.loss.mul_scalar(factor),
            gradients: gradients
                .map(|(entry, gradient)| (entry, gradient.mul_scalar(factor)))
                .collect(),
        }
    }
}

impl NamedParam {
    /// PyTorch's shape.
    pub fn torch_shape(&self) -> Vec<usize> {
        self.entry.torch_shape(&self.dims)
    }

    /// The values in PyTorch's layout, row-major.
    pub fn to_torch(&self) -> Vec<f32> {
        let flat = transpose(self.entry.layout, &self.dims, self.value.clone());
        flat.into_data().iter::<f32>().collect()
    }
}

/// Flat values in the module's layout from values in PyTorch's, for a parameter of shape `dims`
/// in the module.
pub(crate) fn from_torch(
    entry: &StateEntry,
    dims: &[usize],
    values: Vec<f32>,
    device: &Device,
) -> Tensor<1> {
    let n_values = values.len();
    let data = TensorData::new(values, [n_values]);
    let flat = Tensor::<1>::from_data(data, device);
    transpose(entry.layout, &entry.torch_shape(dims), flat)
}

fn transpose(layout: Layout, dims: &[usize], flat: Tensor<1>) -> Tensor<1> {
    match (layout, dims) {
        (Layout::Transposed, &[rows, columns]) => flat
            .reshape([rows, columns])
            .transpose()
            .reshape([rows * columns]),
        _ => flat,
    }
}
