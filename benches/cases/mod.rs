//! What is timed, by criterion (`models.rs`) and beside PyTorch (`peers/`): one table of cases, each with real shapes.
mod layers;
mod train;

use burn::tensor::Device;

/// Something to time.
pub struct Case {
    /// `<what>/<model>/<shape or mode>`
    pub id: String,
    /// Builds the models and inputs; what it returns is run and timed.
    pub prepare: Box<dyn Fn(&Device) -> Work>,
}

/// One run of a case. The device is idle when it returns.
pub type Work = Box<dyn FnMut()>;

/// All cases.
pub fn cases() -> Vec<Case> {
    layers::cases()
}

fn case(id: impl Into<String>, prepare: impl Fn(&Device) -> Work + 'static) -> Case {
    Case {
        id: id.into(),
        prepare: Box::new(prepare),
    }
}
