//! The one implementation of [`CaptionNet`]. Everything here is compiled again with each net:
//! keep it thin.

use std::cell::OnceCell;

use burn::tensor::{Device, Int, Tensor};

use super::state::{StateError, entries_in_walk_order};
use super::walk::{self, Edit};
use super::{
    Backward, CaptionNet, Captioner, EntryPoints, Inference, Memory, NamedParam, Recipe, Regions,
    Session, Spec, StateEntry,
};

/// A net on a device.
pub struct Candidate<N: EntryPoints> {
    /// The net on the autodiff device; `None` only while an edit owns it.
    train: Option<N>,
    /// Its snapshot without autodiff, made when first asked for.
    eval: OnceCell<N>,
    device: Device,
    facts: Facts,
    /// Entry of each parameter in the order of the module.
    entries: Vec<&'static StateEntry>,
}

/// What is known of a net beside its module.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) spec: Spec,
    pub(crate) state: &'static [StateEntry],
    pub(crate) recipe: Recipe,
}

impl<N: Captioner> Candidate<N> {
    /// Builds the net with initial values that are a function of `seed`.
    ///
    /// # Errors
    ///
    /// When the net's `STATE` and its module disagree.
    pub fn new(device: &Device, seed: u64) -> Result<Self, StateError> {
        device.seed(seed);
        let facts = Facts {
            spec: N::SPEC,
            state: N::STATE,
            recipe: N::RECIPE,
        };
        Self::of(N::new(&device.clone().autodiff()), facts, device)
    }
}

impl<N: EntryPoints> Candidate<N> {
    /// A net that lies on the autodiff device of `device`.
    ///
    /// # Errors
    ///
    /// When the table of its state and its module disagree.
    pub(crate) fn of(net: N, facts: Facts, device: &Device) -> Result<Self, StateError> {
        let entries = entries_in_walk_order(facts.state, &walk::survey(&net)?)?;
        let device = device.clone();
        let trainable = |idx: usize| Edit::Trainable(entries[idx].kind.is_trainable());
        let net = walk::edit(net, &mut |idx, _| trainable(idx));
        Ok(Self {
            train: Some(net),
            eval: OnceCell::new(),
            device,
            facts,
            entries,
        })
    }

    fn train(&self) -> &N {
        self.train
            .as_ref()
            .expect("an edit always gives the net back")
    }

    fn eval(&self) -> &N {
        self.eval.get_or_init(|| self.train().valid())
    }

    fn differentiate(&mut self, loss: impl FnOnce(&N) -> Tensor<1>) -> Backward {
        self.eval = OnceCell::new();
        let loss = loss(self.train());
        let mut all = loss.backward();
        let mut gradients = Vec::with_capacity(self.entries.len());
        walk::visit(self.train(), Some(&mut all), &mut |idx, flat| {
            gradients.extend(flat.gradient.map(|gradient| (self.entries[idx], gradient)));
        });
        Backward {
            loss: loss.without_autodiff(),
            gradients,
        }
    }

    fn edit(&mut self, edit: impl FnOnce(N) -> N) {
        // `valid` writes pending running statistics back before the edit.
        drop(self.train().valid());
        self.eval = OnceCell::new();
        self.train = self.train.take().map(edit);
    }
}

impl<N: EntryPoints> CaptionNet for Candidate<N> {
    fn spec(&self) -> Spec {
        self.facts.spec
    }

    fn state(&self) -> &'static [StateEntry] {
        self.facts.state
    }

    fn recipe(&self) -> Recipe {
        self.facts.recipe
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn encode(&self, images: Tensor<4>) -> Memory {
        Memory(Box::new(self.eval().encode(images)))
    }

    fn decode(&self, memory: &Memory, captions: Tensor<2, Int>) -> Tensor<3> {
        self.eval().decode(own::<N>(memory).clone(), captions)
    }

    fn session(&self, memory: &Memory) -> Option<Box<dyn Session + '_>> {
        self.eval().session(own::<N>(memory).clone())
    }

    fn regions(&self) -> Option<Regions> {
        let [channels, height, width] = self.facts.spec.image;
        let blank = Tensor::zeros([1, channels, height, width], &self.device);
        self.eval().regions(blank)
    }

    fn logits(&self, images: Tensor<4>, captions: Tensor<2, Int>) -> Tensor<3> {
        self.eval().logits(images, captions)
    }

    fn loss(&self, images: Tensor<4>, captions: Tensor<3, Int>) -> Tensor<1> {
        self.eval().loss(images, captions)
    }

    fn infer(&self, images: Tensor<4>) -> Option<Inference> {
        self.eval().infer(images)
    }

    fn backward(&mut self, images: Tensor<4>, captions: Tensor<3, Int>) -> Backward {
        if self.frozen_encoder().is_some() {
            let features = self.features(images);
            return self.backward_from(features, captions);
        }
        self.differentiate(|net| net.loss(images.autodiff(), captions.autodiff()))
    }

    fn frozen_encoder(&self) -> Option<&str> {
        self.train().frozen_encoder()
    }

    fn features(&self, images: Tensor<4>) -> Tensor<3> {
        self.eval().features(images)
    }

    fn memory(&self, features: Tensor<3>) -> Memory {
        Memory(Box::new(self.eval().memory(features)))
    }

    fn loss_from(&self, features: Tensor<3>, captions: Tensor<3, Int>) -> Tensor<1> {
        self.eval().loss_from(features, captions)
    }

    fn backward_from(&mut self, features: Tensor<3>, captions: Tensor<3, Int>) -> Backward {
        self.differentiate(|net| net.loss_from(features.autodiff(), captions.autodiff()))
    }

    fn backward_by(
        &mut self,
        features: Tensor<3>,
        captions: Tensor<2, Int>,
        loss: &dyn Fn(Tensor<3>) -> Tensor<1>,
    ) -> Backward {
        self.differentiate(|net| {
            let memory = net.memory(features.autodiff());
            loss(net.decode(memory, captions.autodiff()))
        })
    }

    fn set_dropout(&mut self, enabled: bool) {
        self.edit(|net| walk::set_dropout(net, enabled));
    }

    fn for_each_param(&self, each: &mut dyn FnMut(NamedParam)) {
        walk::visit(self.eval(), None, &mut |idx, flat| {
            each(NamedParam {
                entry: self.entries[idx],
                dims: flat.shape,
                value: flat.value,
            });
        });
    }

    fn set_params(
        &mut self,
        each: &mut dyn FnMut(&'static StateEntry, &[usize]) -> Option<Tensor<1>>,
    ) {
        let entries = self.entries.clone();
        let mut one = |idx: usize, dims: &[usize]| match each(entries[idx], dims) {
            Some(value) => Edit::Set(value),
            None => Edit::Keep,
        };
        self.edit(|net| walk::edit(net, &mut one));
    }
}

fn own<N: EntryPoints>(memory: &Memory) -> &N::Memory {
    memory
        .0
        .downcast_ref()
        .expect("the memory is this net's own")
}
