//! The table of a system's parameters, and its recipe over them.
//!
//! Names live as long as the process: a net's table is `'static` because a generated net's is a constant.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use nn_core::{StateDictEntry, state_dict};

use super::{CaptionSystem, Training};
use crate::harness::{Kind, Optimizer, ParamGroup, Recipe, StateEntry};

/// First part of the names that the heads of `nn-core`'s encoders have: what turns features into classes.
const HEADS: [&str; 5] = ["fc", "classifier", "head", "heads", "AuxLogits"];

/// Whether a parameter of an encoder is its head's, which captioning does not use.
pub(crate) fn is_head(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or(name);
    HEADS.contains(&first)
}

/// The table of a system.
pub(super) fn state_of(system: &CaptionSystem) -> &'static [StateEntry] {
    let mut trained = Trained::default();
    system.visit(&mut trained);
    let entries = state_dict(system);
    let entries = entries.into_iter().zip(trained.0);
    let entries = entries.map(|(entry, trained)| state_entry(entry, trained));
    entries.collect::<Vec<_>>().leak()
}

fn state_entry(entry: StateDictEntry, trained: bool) -> StateEntry {
    let kind = match entry.name.strip_prefix("encoder.") {
        _ if entry.buffer => Kind::Buffer,
        Some(name) if is_head(name) => Kind::Frozen,
        _ if !trained => Kind::Frozen,
        _ => Kind::Param,
    };
    let state = StateEntry {
        kind,
        ..StateEntry::param(entry.name.leak(), entry.path.leak())
    };
    if entry.transposed {
        state.transposed()
    } else {
        state
    }
}

/// Which parameters a module trains, in the order of its fields.
#[derive(Default)]
struct Trained(Vec<bool>);

impl ModuleVisitor for Trained {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.push(param.val().is_require_grad());
    }
}

/// `AdamW` with a learning rate for the encoder and one for the rest.
pub(super) fn recipe(state: &'static [StateEntry], training: &Training) -> Recipe {
    let encoder: Vec<&'static str> = state
        .iter()
        .map(|entry| entry.name)
        .filter(|name| name.starts_with("encoder."))
        .collect();
    let optimizer = |lr| Optimizer::AdamW {
        lr,
        betas: [0.9, 0.999],
        eps: 1e-8,
        weight_decay: training.weight_decay,
    };
    let groups = vec![
        ParamGroup {
            params: Some(encoder.leak()),
            optimizer: optimizer(training.encoder_lr),
        },
        ParamGroup {
            params: None,
            optimizer: optimizer(training.lr),
        },
    ];
    Recipe {
        groups: groups.leak(),
        clip_norm: training.clip_norm,
    }
}
