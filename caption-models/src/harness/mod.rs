//! What a captioning net says about itself, and what runs it.
//!
//! A net (emitted by codegen or written by hand) implements [`Captioner`]; [`Candidate`] wraps it
//! once and for all into the object-safe [`CaptionNet`], which is everything that the trainer, the
//! decoder, the probe and the checks see. Only [`Candidate`] is compiled anew for each net.

mod attention;
mod candidate;
mod caption_job;
mod classifier;
mod entry_points;
mod eval_job;
mod event;
mod job;
mod net;
mod process;
mod progress;
mod recipe;
mod scoring;
mod spec;
mod start;
mod state;
mod train_job;
mod training;
mod verify_job;
mod walk;

pub use attention::{AttentionMaps, Regions, WordAttention};
pub use candidate::Candidate;
pub(crate) use candidate::Facts;
pub use classifier::{ClassSpec, Classifier};
pub use entry_points::{EntryPoints, Session};
pub use event::{CaptionLine, Event, Events, Stage};
pub use job::{
    CaptionJob, EvalJob, Job, JobFile, ProbeJob, ScoreOptions, Task, TrainJob, VerifyJob,
};
pub(crate) use net::from_torch;
pub use net::{Backward, CaptionNet, Memory, NamedParam};
pub use process::{main, run, run_system};
pub use recipe::{Optimizer, ParamGroup, Recipe};
pub use spec::{Alignment, Inference, Spec};
pub use start::{Start, with_starts};
pub use state::{Kind, Layout, StateEntry, StateError};

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};

/// A captioning net in the words of the Net API: its sizes, its parameters under their PyTorch
/// names, its training recipe and its entry points.
///
/// Modes follow Burn: on an autodiff device batch norm uses the batch and dropout drops, without
/// autodiff (`Module::valid`) both are inert. Every dropout must be a Burn `Dropout` module (or a
/// module whose type name starts with `Dropout`) so that [`CaptionNet::set_dropout`] finds it.
pub trait Captioner: Module + 'static {
    /// What the decoder needs of the images.
    type Memory: Clone + 'static;

    /// Vocabulary, image shape, alignment of the logits.
    const SPEC: Spec;
    /// The PyTorch `state_dict`, in its order.
    const STATE: &'static [StateEntry];
    /// How the net trains itself.
    const RECIPE: Recipe;

    /// Builds the net with its own initial values, and PyTorch's where it chooses none ([`with_starts`]).
    fn new(device: &Device) -> Self;

    /// The images as the decoder wants them.
    ///
    /// # Shapes
    ///
    /// - images: `[batch, channels, height, width]`
    fn encode(&self, images: Tensor<4>) -> Self::Memory;

    /// Teacher forcing over encoded images; the rows follow [`Spec::alignment`].
    ///
    /// # Shapes
    ///
    /// - captions: `[batch, length]`
    /// - output: `[batch, length - n_dropped, vocab]`
    fn decode(&self, memory: Self::Memory, captions: Tensor<2, Int>) -> Tensor<3>;

    /// Teacher forcing from the images; equals `decode(encode(images), captions)`.
    ///
    /// # Shapes
    ///
    /// - images: `[batch, channels, height, width]`, captions: `[batch, length]`
    /// - output: `[batch, length - n_dropped, vocab]`
    fn logits(&self, images: Tensor<4>, captions: Tensor<2, Int>) -> Tensor<3>;

    /// The training loss of a batch. Where the net's Python asks `self.training`, it does here what it does in training;
    /// layers (dropout, batch norm) follow the mode that the module is in.
    ///
    /// # Shapes
    ///
    /// - images: `[batch, channels, height, width]`
    /// - captions, all of each image: `[batch, n_captions, length]`
    /// - output: `[1]`
    fn loss(&self, images: Tensor<4>, captions: Tensor<3, Int>) -> Tensor<1>;

    /// The net's own `captions=None` path; `None` when it has none.
    fn infer(&self, images: Tensor<4>) -> Option<Inference>;
}
