//! What a Python expression can be while a net is elaborated: known Python values, and tensors known by type.
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use ruff_python_ast as ast;

use super::arena::handles;
use crate::diagnostic::Span;
use crate::ir::{DType, Dim, ModuleId, ParamId, TensorType, VarId};

handles! {
    /// A Python list.
    ListId;
    /// A Python dict or set.
    DictId;
    /// A tensor handle: what Python aliases.
    CellId;
    /// An object that is neither a module nor a tensor.
    ObjectId;
    /// A class of the reply.
    ClassId;
    /// A function of the reply.
    FnId;
    /// A scope of names.
    ScopeId;
}

/// A Python value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    None,
    Ellipsis,
    Bool(bool),
    /// An integer, known or symbolic.
    Int(Dim),
    Float(f64),
    Str(Rc<str>),
    Tuple(Rc<[Value]>),
    List(ListId),
    Dict(DictId),
    Set(DictId),
    /// `range(start, stop, step)`.
    Range(Rc<[Dim; 3]>),
    /// `slice(start, stop, step)`.
    Slice(Rc<[Value; 3]>),
    Tensor(CellId),
    Param(ParamId),
    Module(ModuleId),
    Object(ObjectId),
    Class(ClassId),
    Function(FnId),
    /// A function bound to `self` (or, for a class method, to the class).
    Method(Rc<Value>, FnId),
    /// A name of torch, of Python or of a known package, dotted: `torch.nn.Conv2d`, `builtins.len`, `math.sqrt`.
    Native(Rc<str>),
    /// A method of a value that is not of the reply's own making.
    Bound(Rc<Value>, Rc<str>),
    DType(DType),
    Device,
    /// A number that exists only at run time (`loss.item()`); it may be printed, not decided upon.
    Unknown,
}

impl Eq for Value {}

/// Hashes what keys of dicts mostly are.
impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Str(text) => text.hash(state),
            Self::Int(dim) => dim.hash(state),
            Self::Tuple(items) => items.hash(state),
            other => std::mem::discriminant(other).hash(state),
        }
    }
}

impl Value {
    pub(super) fn int(value: usize) -> Self {
        Self::Int(Dim::from(value))
    }

    pub(super) fn str(text: &str) -> Self {
        Self::Str(text.into())
    }

    pub(super) fn tuple(items: Vec<Value>) -> Self {
        Self::Tuple(items.into())
    }

    /// The name of its type, for messages.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Ellipsis => "ellipsis",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::Tuple(_) => "tuple",
            Self::List(_) => "list",
            Self::Dict(_) => "dict",
            Self::Set(_) => "set",
            Self::Range(_) => "range",
            Self::Slice(_) => "slice",
            Self::Tensor(_) => "tensor",
            Self::Param(_) => "parameter",
            Self::Module(_) => "module",
            Self::Object(_) => "object",
            Self::Class(_) => "class",
            Self::Function(_) | Self::Method(..) | Self::Bound(..) => "function",
            Self::Native(_) => "name of a package",
            Self::DType(_) => "dtype",
            Self::Device => "device",
            Self::Unknown => "run-time number",
        }
    }

    /// Whether the value can be known at all: tensors and run-time numbers cannot.
    pub(super) fn as_int(&self) -> Option<Dim> {
        match self {
            Self::Int(dim) => Some(dim.clone()),
            Self::Bool(flag) => Some(Dim::constant(i64::from(*flag))),
            _ => None,
        }
    }

    pub(super) fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(*value),
            other => other.as_int()?.as_constant().map(|value| value as f64),
        }
    }
}

/// A tensor that Python holds: the variable it stands for now, and what it is a view of.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// The frame whose variable it is.
    pub(super) level: usize,
    pub(super) var: VarId,
    pub(super) ty: TensorType,
    /// The tensor whose memory it shares, with that tensor's version when the view was made.
    pub(super) base: Option<(CellId, u32)>,
    /// How many kept loops were open when it was made.
    pub(super) depth: usize,
    /// How often it was written in place.
    pub(super) version: u32,
    /// Why it may no longer be read.
    pub(super) stale: Option<&'static str>,
}

/// A list: items while its length is known, a variable once a kept loop appends to it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum List {
    Known {
        items: Vec<Value>,
        /// How many kept loops were open when it was made.
        depth: usize,
    },
    Grown(Grown),
}

/// A list that a kept loop appends to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grown {
    pub(super) level: usize,
    pub(super) var: VarId,
    pub(super) item: TensorType,
    /// Items; unknown while the loop runs.
    pub(super) length: Option<Dim>,
    /// Items before the loop.
    pub(super) before: Dim,
    /// Appended by an iteration so far.
    pub(super) appended: i64,
    /// Whether that is behind a `break`.
    pub(super) after_break: bool,
    /// How many kept loops were open when it was made.
    pub(super) depth: usize,
}

/// A class of the reply.
#[derive(Clone, Debug)]
pub(super) struct Class<'a> {
    pub(super) name: &'a str,
    pub(super) bases: Vec<Value>,
    pub(super) scope: ScopeId,
    /// The annotated names of its body, where it is a dataclass.
    pub(super) fields: Option<Vec<&'a str>>,
    pub(super) span: Span,
}

/// A function, method or lambda of the reply.
#[derive(Clone, Debug)]
pub(super) struct UserFn<'a> {
    pub(super) name: &'a str,
    pub(super) params: Option<&'a ast::Parameters>,
    pub(super) defaults: Vec<(&'a str, Value)>,
    pub(super) body: Body<'a>,
    pub(super) scope: ScopeId,
    /// The class in whose body it is defined, for `super()`.
    pub(super) class: Option<ClassId>,
    pub(super) kind: FnKind,
    /// Whether it is defined in another function: then it is expanded where it is called.
    pub(super) nested: bool,
    /// Whether it is the prelude's.
    pub(super) is_library: bool,
    /// Whether gradients pass what it computes.
    pub(super) has_gradients: bool,
    pub(super) span: Span,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Body<'a> {
    Stmts(&'a [ast::Stmt]),
    Expr(&'a ast::Expr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FnKind {
    Plain,
    Static,
    Class,
    Property,
}

/// A scope: the names of a module, class body, function call or comprehension.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub(super) vars: indexmap::IndexMap<String, Value>,
    pub(super) parent: Option<ScopeId>,
    /// The method being run, for `super()`: its `self` and class.
    pub(super) method: Option<(Value, ClassId)>,
    /// Whether it is the body of a class: not seen from the methods.
    pub(super) is_class: bool,
    /// Names of a kept loop's body that hold nothing after it.
    pub(super) poisoned: Vec<String>,
    /// Names declared `global` or `nonlocal`.
    pub(super) outer: Vec<String>,
}

/// What `with` enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    /// `torch.no_grad()`.
    NoGradients,
    /// One that changes nothing here.
    Other,
}

/// An object that is neither module nor tensor.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Object {
    /// An instance of a class of the reply that is no module.
    Instance {
        class: ClassId,
        attrs: indexmap::IndexMap<String, Value>,
    },
    /// The parameters of a module: `self.parameters()`.
    Parameters(ModuleId),
    /// The named parameters of a module.
    NamedParameters(ModuleId),
    /// An optimizer.
    Optimizer {
        class: &'static str,
        groups: Vec<Group>,
    },
    /// A learning-rate scheduler, gradient scaler or progress bar: calls on it are dropped with a note.
    Inert(&'static str),
    /// `functools.partial`: a function and its first arguments.
    Partial(Box<Value>, super::call::Args),
    /// The batches that `learn` is given.
    Loader,
    /// The same, numbered by `enumerate`.
    NumberedLoader,
    /// A part of a layer's tensor, in a constructor: its rows from the first up to the last, where it is whole rows.
    Rows {
        param: ParamId,
        rows: Option<(usize, usize)>,
    },
    /// A `with` context or other helper without effect on a translated net.
    Context(Context),
}

/// A parameter group with its numbers by torch's names.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    /// None for all parameters of the net.
    pub(super) params: Option<Vec<ParamId>>,
    pub(super) numbers: Vec<(&'static str, f64)>,
}
