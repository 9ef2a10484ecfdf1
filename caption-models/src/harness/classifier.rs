//! [`Classifier`]: a net that classifies pictures, and how it passes for a captioning net.

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};

use super::{Alignment, Captioner, Inference, Recipe, Spec, StateEntry};

/// Sizes of a classifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassSpec {
    /// Classes it tells apart.
    pub classes: usize,
    /// `[channels, height, width]`
    pub image: [usize; 3],
}

/// A classifier in the words of the Net API.
///
/// Whatever takes a [`Captioner`] takes a classifier: its classes are a vocabulary, and a label is a caption of one
/// token, which row 0 of the logits predicts.
pub trait Classifier: Module + 'static {
    /// Classes and image shape.
    const SPEC: ClassSpec;
    /// The PyTorch `state_dict`, in its order.
    const STATE: &'static [StateEntry];
    /// How the net trains itself.
    const RECIPE: Recipe;

    /// Builds the net with its own initial values, and PyTorch's where it chooses none
    /// ([`with_starts`](super::with_starts)).
    fn new(device: &Device) -> Self;

    /// Scores before softmax.
    ///
    /// # Shapes
    ///
    /// - images: `[batch, channels, height, width]`
    /// - output: `[batch, classes]`
    fn logits(&self, images: Tensor<4>) -> Tensor<2>;

    /// The training loss of a batch.
    ///
    /// # Shapes
    ///
    /// - images: `[batch, channels, height, width]`, labels: `[batch]`
    /// - output: `[1]`
    fn loss(&self, images: Tensor<4>, labels: Tensor<1, Int>) -> Tensor<1>;
}

impl<N: Classifier> Captioner for N {
    /// The images.
    type Memory = Tensor<4>;

    const SPEC: Spec = Spec {
        vocab: <N as Classifier>::SPEC.classes,
        image: <N as Classifier>::SPEC.image,
        alignment: Alignment {
            n_dropped: 0,
            shift: 0,
        },
        infer: false,
    };
    const STATE: &'static [StateEntry] = <N as Classifier>::STATE;
    const RECIPE: Recipe = <N as Classifier>::RECIPE;

    fn new(device: &Device) -> Self {
        <N as Classifier>::new(device)
    }

    fn encode(&self, images: Tensor<4>) -> Tensor<4> {
        images
    }

    fn decode(&self, images: Tensor<4>, _captions: Tensor<2, Int>) -> Tensor<3> {
        Classifier::logits(self, images).unsqueeze_dim(1)
    }

    fn logits(&self, images: Tensor<4>, captions: Tensor<2, Int>) -> Tensor<3> {
        self.decode(images, captions)
    }

    /// Captions `[batch, 1, 1]` are the labels.
    fn loss(&self, images: Tensor<4>, captions: Tensor<3, Int>) -> Tensor<1> {
        Classifier::loss(self, images, captions.flatten(0, 2))
    }

    fn infer(&self, _images: Tensor<4>) -> Option<Inference> {
        None
    }
}
