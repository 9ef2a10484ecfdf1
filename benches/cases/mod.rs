//! What is timed, by criterion (`models.rs`) and beside PyTorch (`peers/`): one table of cases, each with real shapes.
mod decoders;
mod encoders;
mod layers;
mod train;

use burn::tensor::Device;

/// Captions in a batch.
const BATCH: usize = 16;
/// Words of a caption.
const LENGTH: usize = 20;
/// Of words, states and memory.
const WIDTH: usize = 512;
/// Words that are scored.
const VOCAB: usize = 10_000;

/// Something to time.
pub(crate) struct Case {
    /// `<what>/<model>/<mode>`
    pub(crate) id: String,
    /// Builds the models and inputs; what it returns is run and timed.
    pub(crate) prepare: Box<dyn Fn(&Device) -> Work>,
}

/// One run of a case. The device is idle when it returns.
pub(crate) type Work = Box<dyn FnMut()>;

/// All cases.
pub(crate) fn cases() -> Vec<Case> {
    let families = [layers::cases(), decoders::cases(), encoders::cases()];
    families.into_iter().flatten().collect()
}

fn case(id: impl Into<String>, prepare: impl Fn(&Device) -> Work + 'static) -> Case {
    Case {
        id: id.into(),
        prepare: Box::new(prepare),
    }
}
