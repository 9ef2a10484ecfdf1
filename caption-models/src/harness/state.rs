//! The table from PyTorch's `state_dict` names to the module's own parameters.

use std::collections::BTreeMap;

use thiserror::Error;

use super::Start;

/// One entry of a `state_dict`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StateEntry {
    /// PyTorch's name.
    pub name: &'static str,
    /// Path of the Burn parameter; of the first one for a tied entry, empty for a counter.
    pub path: &'static str,
    /// What the entry holds.
    pub kind: Kind,
    /// How the Burn parameter lies beside PyTorch's.
    pub layout: Layout,
    /// First values that take the place of the layer's own.
    pub start: Option<Start>,
    /// Rows `first..end` that start as one number instead; only beside `start`.
    pub rows: Option<(usize, usize, f64)>,
}

/// What an entry of the `state_dict` holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A trainable parameter.
    Param,
    /// A trainable parameter of one of torch's normalisation layers (the probe's fill leaves it).
    Norm,
    /// A parameter with `requires_grad=False`.
    Frozen,
    /// A parameter of a torch normalisation layer with `requires_grad=False`.
    FrozenNorm,
    /// A persistent buffer.
    Buffer,
    /// `num_batches_tracked`: exists by name only.
    Counter,
    /// Another name of an earlier entry's parameter.
    Tied,
}

/// How a Burn parameter lies beside PyTorch's tensor of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// The same shape.
    Same,
    /// A matrix stored as `[in, out]` here and `[out, in]` in PyTorch.
    Transposed,
}

impl StateEntry {
    /// A trainable parameter.
    pub const fn param(name: &'static str, path: &'static str) -> Self {
        Self::new(name, path, Kind::Param)
    }

    /// A trainable parameter of a torch normalisation layer.
    pub const fn norm(name: &'static str, path: &'static str) -> Self {
        Self::new(name, path, Kind::Norm)
    }

    /// A parameter that PyTorch does not train.
    pub const fn frozen(name: &'static str, path: &'static str) -> Self {
        Self::new(name, path, Kind::Frozen)
    }

    /// A parameter of a torch normalisation layer that PyTorch does not train.
    pub const fn frozen_norm(name: &'static str, path: &'static str) -> Self {
        Self::new(name, path, Kind::FrozenNorm)
    }

    /// A persistent buffer.
    pub const fn buffer(name: &'static str, path: &'static str) -> Self {
        Self::new(name, path, Kind::Buffer)
    }

    /// A counter of batches, which exists by name only.
    pub const fn counter(name: &'static str) -> Self {
        Self::new(name, "", Kind::Counter)
    }

    /// Another name of the parameter at `path`, which an earlier entry owns.
    pub const fn tied(name: &'static str, path: &'static str) -> Self {
        Self::new(name, path, Kind::Tied)
    }

    /// The same entry for a matrix that Burn stores transposed.
    #[must_use]
    pub const fn transposed(self) -> Self {
        Self {
            layout: Layout::Transposed,
            ..self
        }
    }

    /// The same entry for a parameter that the net starts otherwise than its layer does; [`with_starts`](super::with_starts)
    /// draws it.
    #[must_use]
    pub const fn starting(self, start: Start) -> Self {
        Self {
            start: Some(start),
            ..self
        }
    }

    /// The same entry for a parameter whose rows `first..end`, along its first axis, start as one number.
    #[must_use]
    pub const fn with_rows(self, first: usize, end: usize, value: f64) -> Self {
        Self {
            rows: Some((first, end, value)),
            ..self
        }
    }

    const fn new(name: &'static str, path: &'static str, kind: Kind) -> Self {
        Self {
            name,
            path,
            kind,
            layout: Layout::Same,
            start: None,
            rows: None,
        }
    }

    /// PyTorch's shape of a parameter that has shape `dims` here.
    pub fn torch_shape(&self, dims: &[usize]) -> Vec<usize> {
        match self.layout {
            Layout::Same => dims.to_vec(),
            Layout::Transposed => dims.iter().rev().copied().collect(),
        }
    }
}

impl Kind {
    /// Whether the optimizer may change it.
    pub const fn is_trainable(self) -> bool {
        matches!(self, Self::Param | Self::Norm)
    }

    /// Whether it is a parameter under its first name, trainable or not.
    pub const fn is_parameter(self) -> bool {
        self.is_trainable() || matches!(self, Self::Frozen | Self::FrozenNorm)
    }

    /// Whether a parameter or buffer of the module stands behind it.
    pub const fn is_stored(self) -> bool {
        !matches!(self, Self::Counter | Self::Tied)
    }
}

/// The table and the module disagree.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateError {
    /// The module holds a parameter that no entry describes.
    #[error("the parameter `{path}` {shape:?} of the module has no entry in STATE")]
    NoEntry {
        /// Path in the module.
        path: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// An entry describes a parameter that the module does not hold.
    #[error("STATE maps `{name}` to `{path}`, which the module does not hold")]
    NoParameter {
        /// PyTorch's name.
        name: &'static str,
        /// The path asked for.
        path: &'static str,
    },
    /// Two entries describe one parameter.
    #[error("STATE maps both `{first}` and `{second}` to `{path}`; the second must be `tied`")]
    TwoEntries {
        /// The earlier name.
        first: &'static str,
        /// The later name.
        second: &'static str,
        /// The path of both.
        path: &'static str,
    },
    /// Two entries have one name.
    #[error("STATE names `{name}` twice")]
    TwoNames {
        /// The repeated name.
        name: &'static str,
    },
    /// A transposed entry that is no matrix.
    #[error("STATE says that `{name}` is transposed, but `{path}` has shape {shape:?}")]
    NoMatrix {
        /// PyTorch's name.
        name: &'static str,
        /// Path in the module.
        path: &'static str,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A parameter of another type than float.
    #[error("the module holds `{path}`, whose values are not floats")]
    NoFloat {
        /// Path in the module.
        path: String,
    },
}

/// A float parameter that a walk over the module met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Met {
    pub(crate) path: String,
    pub(crate) shape: Vec<usize>,
}

/// Entry of each parameter in the order of the walk.
pub(crate) fn entries_in_walk_order(
    state: &'static [StateEntry],
    met: &[Met],
) -> Result<Vec<&'static StateEntry>, StateError> {
    check_names(state)?;
    let mut by_path = entries_by_path(state)?;
    let mut order = Vec::with_capacity(met.len());
    for Met { path, shape } in met {
        let no_entry = || StateError::NoEntry {
            path: path.clone(),
            shape: shape.clone(),
        };
        let entry = by_path.remove(path.as_str()).ok_or_else(no_entry)?;
        if entry.layout == Layout::Transposed && shape.len() != 2 {
            let (name, path, shape) = (entry.name, entry.path, shape.clone());
            return Err(StateError::NoMatrix { name, path, shape });
        }
        order.push(entry);
    }
    let missing = by_path
        .into_values()
        .next()
        .or_else(|| dangling_tie(state, met));
    match missing {
        None => Ok(order),
        Some(entry) => Err(StateError::NoParameter {
            name: entry.name,
            path: entry.path,
        }),
    }
}

fn check_names(state: &'static [StateEntry]) -> Result<(), StateError> {
    let mut names = std::collections::BTreeSet::new();
    for entry in state {
        if !names.insert(entry.name) {
            return Err(StateError::TwoNames { name: entry.name });
        }
    }
    Ok(())
}

fn entries_by_path(
    state: &'static [StateEntry],
) -> Result<BTreeMap<&'static str, &'static StateEntry>, StateError> {
    let mut by_path = BTreeMap::new();
    for entry in state.iter().filter(|entry| entry.kind.is_stored()) {
        if let Some(first) = by_path.insert(entry.path, entry) {
            let (first, second, path) = (first.name, entry.name, entry.path);
            return Err(StateError::TwoEntries {
                first,
                second,
                path,
            });
        }
    }
    Ok(by_path)
}

fn dangling_tie(state: &'static [StateEntry], met: &[Met]) -> Option<&'static StateEntry> {
    let is_met = |path: &str| met.iter().any(|met| met.path == path);
    state
        .iter()
        .find(|entry| entry.kind == Kind::Tied && !is_met(entry.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &[StateEntry] = &[
        StateEntry::param("fc.weight", "fc.weight").transposed(),
        StateEntry::counter("bn.num_batches_tracked"),
        StateEntry::tied("head.weight", "fc.weight"),
    ];

    fn met(path: &str, shape: &[usize]) -> Met {
        Met {
            path: path.to_owned(),
            shape: shape.to_vec(),
        }
    }

    #[test]
    fn counters_and_ties_need_no_parameter_of_their_own() {
        let order = entries_in_walk_order(STATE, &[met("fc.weight", &[2, 3])]).unwrap();
        assert_eq!(order[0].name, "fc.weight");
        assert_eq!(order[0].torch_shape(&[2, 3]), [3, 2]);
    }

    #[test]
    fn a_parameter_without_an_entry_is_named() {
        let met = [met("fc.weight", &[2, 3]), met("fc.bias", &[3])];
        let error = entries_in_walk_order(STATE, &met).unwrap_err();
        assert!(error.to_string().contains("`fc.bias` [3]"), "{error}");
    }

    #[test]
    fn an_entry_without_a_parameter_is_named() {
        let error = entries_in_walk_order(STATE, &[]).unwrap_err();
        assert!(
            error.to_string().contains("which the module does not hold"),
            "{error}"
        );
    }

    #[test]
    fn one_parameter_may_not_have_two_owners() {
        const TWICE: &[StateEntry] = &[StateEntry::param("a", "x"), StateEntry::norm("b", "x")];
        let error = entries_in_walk_order(TWICE, &[met("x", &[1])]).unwrap_err();
        assert_eq!(
            error,
            StateError::TwoEntries {
                first: "a",
                second: "b",
                path: "x"
            }
        );
    }

    #[test]
    fn only_a_matrix_can_be_transposed() {
        const VECTOR: &[StateEntry] = &[StateEntry::param("a", "x").transposed()];
        assert!(entries_in_walk_order(VECTOR, &[met("x", &[4])]).is_err());
    }
}
