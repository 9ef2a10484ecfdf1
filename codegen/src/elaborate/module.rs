//! Modules and parameters while Python builds them.
use std::collections::BTreeSet;
use std::rc::Rc;

use indexmap::IndexMap;

use super::value::{CellId, ClassId, Value};
use crate::diagnostic::Span;
use crate::ir::{DType, Layer, ModuleId, ParamId, Role, Start, StartRows};

/// The key of the child that is what a module inherits from a layer of torch; in no path, and no child to Python.
pub(super) const INHERITED: &str = "";

/// A module instance.
#[derive(Clone, Debug)]
pub(super) struct ModuleState {
    pub(super) class: ModuleClass,
    pub(super) class_name: String,
    /// Attributes that are neither modules nor parameters.
    pub(super) attrs: IndexMap<String, Value>,
    pub(super) children: IndexMap<String, ModuleId>,
    pub(super) params: IndexMap<String, ParamId>,
    pub(super) buffers: IndexMap<String, ParamId>,
    /// Tensors of the constructor that the traced functions read and no `state_dict` holds.
    pub(super) constants: IndexMap<String, ParamId>,
    /// Whether its numbers entered a traced function.
    pub(super) used: bool,
    /// The attributes in which a call left tensors that follow from sizes alone.
    pub(super) of_sizes: BTreeSet<String>,
    /// Whether it is made while the net is called.
    pub(super) is_fresh: bool,
    /// Whether it is what another module inherits: Python sees that one only.
    pub(super) is_inherited: bool,
    pub(super) span: Span,
}

/// What kind of module it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ModuleClass {
    /// A class of the reply.
    User(ClassId),
    /// A layer with numbers of its own.
    Layer(Layer),
    /// A layer that is only a function: the torch function and the arguments after the input.
    Function {
        path: Rc<str>,
        args: Vec<(Rc<str>, Value)>,
    },
    Sequential,
    ModuleList,
    ModuleDict,
}

impl ModuleState {
    pub(super) fn new(class: ModuleClass, class_name: &str, span: Span) -> Self {
        Self {
            class,
            class_name: class_name.to_owned(),
            attrs: IndexMap::new(),
            children: IndexMap::new(),
            params: IndexMap::new(),
            buffers: IndexMap::new(),
            constants: IndexMap::new(),
            used: false,
            of_sizes: BTreeSet::new(),
            is_fresh: false,
            is_inherited: false,
            span,
        }
    }
}

/// A parameter or buffer.
#[derive(Clone, Debug)]
pub(super) struct ParamState {
    pub(super) shape: Vec<usize>,
    pub(super) role: Role,
    pub(super) trainable: bool,
    /// Path in the Rust struct of the layer that made it; for a parameter of the reply's own, its attribute.
    pub(super) field: String,
    pub(super) transposed: bool,
    pub(super) dtype: DType,
    /// The tensor that a parameter of the reply's own starts as; its layer knows that of a layer's.
    pub(super) first: Option<CellId>,
    /// First values that the net chose instead.
    pub(super) start: Option<Start>,
    /// Rows that it set to a number afterwards.
    pub(super) start_rows: Option<StartRows>,
    /// What the constructor of its layer draws.
    pub(super) layers_own: Option<Start>,
}
