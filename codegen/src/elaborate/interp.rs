//! The evaluator's state: everything Python can refer to, the functions being traced, and the fuel left.
use std::collections::BTreeMap;
use std::rc::Rc;

use indexmap::IndexMap;
use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};

use super::arena::{Arena, Handle};
use super::frame::Frame;
use super::limits::{MAX_ITEMS, MAX_SIZE};
use super::module::{ModuleState, ParamState};
use super::specialise::Specialisation;
use super::value::{
    Cell, CellId, Class, ClassId, DictId, FnId, List, ListId, Object, ObjectId, Scope, ScopeId,
    UserFn, Value,
};
use crate::diagnostic::{Cause, Diagnostics, Span};
use crate::extract::Block;
use crate::ir::{Dim, Function, FunctionId, ModuleId, ParamId, Sizes, VarId};
use crate::rules::Rule;

impl Handle for ModuleId {
    fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    fn index(self) -> usize {
        self.0 as usize
    }
}

impl Handle for VarId {
    fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    fn index(self) -> usize {
        self.0 as usize
    }
}

impl Handle for ParamId {
    fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    fn index(self) -> usize {
        self.0 as usize
    }
}

impl Handle for FunctionId {
    fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    fn index(self) -> usize {
        self.0 as usize
    }
}

/// Why evaluation stops: a finding, which Python's `except` may catch when it is an exception.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    pub(super) rule: Rule,
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// The Python exception it stands for, if Python itself would raise one.
    pub(super) exception: Option<String>,
    pub(super) labels: Vec<(Span, String)>,
    /// What a repair has to know.
    pub(super) cause: Option<Cause>,
}

impl Stop {
    pub(super) fn because(mut self: Box<Self>, cause: Cause) -> Box<Self> {
        self.cause = Some(cause);
        self
    }

    pub(super) fn help(mut self: Box<Self>, help: impl Into<String>) -> Box<Self> {
        self.help = Some(help.into());
        self
    }

    pub(super) fn raises(mut self: Box<Self>, exception: &str) -> Box<Self> {
        self.exception = Some(exception.to_owned());
        self
    }

    pub(super) fn label(mut self: Box<Self>, span: Span, message: impl Into<String>) -> Box<Self> {
        self.labels.push((span, message.into()));
        self
    }

    /// Hands the finding to the list of diagnostics.
    pub(super) fn report(self, diags: &mut Diagnostics) {
        let finding = diags.error(self.rule, self.span, self.message);
        if let Some(help) = self.help {
            finding.help(help);
        }
        for (span, message) in self.labels {
            finding.label(span, message);
        }
        finding.cause = self.cause;
    }
}

/// What evaluation gives.
pub(super) type Eval<T> = Result<T, Box<Stop>>;

/// What `learn` does with tensors, in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event {
    ZeroGrad,
    Backward {
        var: VarId,
        /// How many functions were being traced.
        level: usize,
        span: Span,
    },
    Clip {
        limit: f64,
        span: Span,
    },
    Step {
        optimizer: ObjectId,
        span: Span,
    },
}

/// Whether the net trains: what `self.training` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Train,
    Eval,
}

/// The part of the state that speculation may roll back.
#[derive(Clone)]
pub(super) struct State<'a> {
    pub(super) lists: Arena<ListId, List>,
    pub(super) dicts: Arena<DictId, Vec<(Value, Value)>>,
    pub(super) cells: Arena<CellId, Cell>,
    pub(super) objects: Arena<ObjectId, Object>,
    pub(super) classes: Arena<ClassId, Class<'a>>,
    pub(super) fns: Arena<FnId, UserFn<'a>>,
    pub(super) scopes: Arena<ScopeId, Scope>,
    pub(super) modules: Arena<ModuleId, ModuleState>,
    pub(super) params: Arena<ParamId, ParamState>,
    pub(super) functions: Arena<FunctionId, Function>,
    pub(super) specialisations: Vec<Rc<Specialisation>>,
    pub(super) frames: Vec<Frame>,
    /// What constructors compute, outside every traced function.
    pub(super) initial: Frame,
    /// The scopes of the Python functions being run.
    pub(super) call_scopes: Vec<ScopeId>,
    pub(super) events: Vec<Event>,
    pub(super) mode: Mode,
    /// The scope of torchvision's prelude, once it has run.
    pub(super) preludes: [Option<ScopeId>; 2],
    /// Counts writes to attributes during tracing; a traced function is only reused while it stands still.
    pub(super) generation: u32,
    /// Loops and run-time counts named so far.
    pub(super) n_symbols: u32,
}

/// The evaluator.
pub(super) struct Interp<'a, 'd> {
    pub(super) block: &'a Block,
    pub(super) diags: &'d mut Diagnostics,
    pub(super) sizes: Sizes,
    pub(super) state: State<'a>,
    /// Hyper-parameters that the net read, with the place.
    pub(super) prm_reads: BTreeMap<String, Span>,
    pub(super) prm: Option<DictId>,
    /// What the last attempt at a kept loop found to grow.
    pub(super) found_growth: super::carry::Growth,
    pub(super) steps: std::cell::Cell<u64>,
    pub(super) n_elements: usize,
    pub(super) depth: usize,
    pub(super) globals: ScopeId,
    /// Where the reply calls the prelude, while the prelude runs.
    pub(super) library_call: Option<Span>,
}

impl<'a, 'd> Interp<'a, 'd> {
    pub(super) fn new(block: &'a Block, sizes: Sizes, diags: &'d mut Diagnostics) -> Self {
        let mut scopes = Arena::default();
        let globals = scopes.push(Scope::default());
        let state = State {
            lists: Arena::default(),
            dicts: Arena::default(),
            cells: Arena::default(),
            objects: Arena::default(),
            classes: Arena::default(),
            fns: Arena::default(),
            scopes,
            modules: Arena::default(),
            params: Arena::default(),
            functions: Arena::default(),
            specialisations: Vec::new(),
            frames: Vec::new(),
            initial: Frame::new("initial", None, ModuleId(0), Span::default()),
            call_scopes: Vec::new(),
            events: Vec::new(),
            mode: Mode::Eval,
            preludes: [None; 2],
            generation: 0,
            n_symbols: 0,
        };
        Self {
            block,
            diags,
            sizes,
            state,
            prm_reads: BTreeMap::new(),
            prm: None,
            found_growth: super::carry::Growth::new(),
            steps: std::cell::Cell::default(),
            n_elements: 0,
            depth: 0,
            globals,
            library_call: None,
        }
    }

    /// The place of a syntax node in the reply; of the prelude's nodes, the call that leads there.
    pub(super) fn span(&self, node: &impl Ranged) -> Span {
        self.span_of(node.range())
    }

    pub(super) fn span_of(&self, range: TextRange) -> Span {
        self.library_call.unwrap_or_else(|| {
            self.block
                .span(range.start().to_u32()..range.end().to_u32())
        })
    }

    /// The keys and values of a dict, or the members of a set with themselves.
    pub(super) fn pairs(&self, id: DictId) -> Vec<(Value, Value)> {
        let pairs = &self.state.dicts[id];
        self.charge(pairs.len());
        pairs.clone()
    }

    pub(super) fn new_list(&mut self, items: Vec<Value>, span: Span) -> Eval<Value> {
        self.charge(items.len());
        for tuple in items.iter().filter(|item| matches!(item, Value::Tuple(_))) {
            self.check_nesting(tuple, span)?;
        }
        if items.len() > MAX_ITEMS {
            return Err(stop(
                Rule::LimitExceeded,
                span,
                format!("a list of {} items is longer than {MAX_ITEMS}", items.len()),
            ));
        }
        let depth = self.n_open_loops();
        Ok(Value::List(
            self.state.lists.push(List::Known { items, depth }),
        ))
    }

    pub(super) fn new_dict(&mut self, items: Vec<(Value, Value)>) -> Value {
        Value::Dict(self.state.dicts.push(items))
    }

    pub(super) fn object(&mut self, object: Object) -> Value {
        Value::Object(self.state.objects.push(object))
    }

    pub(super) fn instance(&mut self, class: ClassId) -> Value {
        self.object(Object::Instance {
            class,
            attrs: IndexMap::new(),
        })
    }

    /// Looks a name up: the scope, the functions around it (not classes), the module, Python's own names.
    pub(super) fn lookup(&self, scope: ScopeId, name: &str) -> Option<Value> {
        let mut at = Some(scope);
        let mut first = true;
        while let Some(id) = at {
            let scope = &self.state.scopes[id];
            if (first || !scope.is_class)
                && let Some(value) = scope.vars.get(name)
            {
                return Some(value.clone());
            }
            first = false;
            at = scope.parent;
        }
        super::builtins::is_builtin(name).then(|| Value::Native(format!("builtins.{name}").into()))
    }

    pub(super) fn assign_name(&mut self, scope: ScopeId, name: &str, value: Value) {
        let mut target = scope;
        if self.state.scopes[scope]
            .outer
            .iter()
            .any(|outer| outer == name)
        {
            while let Some(parent) = self.state.scopes[target].parent {
                target = parent;
                if self.state.scopes[target].vars.contains_key(name) {
                    break;
                }
            }
        }
        let scope = &mut self.state.scopes[target];
        scope.poisoned.retain(|poisoned| poisoned != name);
        scope.vars.insert(name.to_owned(), value);
    }

    pub(super) fn child_scope(&mut self, parent: ScopeId) -> ScopeId {
        self.state.scopes.push(Scope {
            parent: Some(parent),
            ..Scope::default()
        })
    }

    /// A fresh number for a loop or a run-time count.
    pub(super) fn fresh_symbol(&mut self) -> u32 {
        self.state.n_symbols += 1;
        self.state.n_symbols - 1
    }

    /// The number a value must have, or a finding that says what it has.
    pub(super) fn known_int(&self, value: &Value, what: &str, span: Span) -> Eval<i64> {
        if let Some(dim) = value.as_int() {
            dim.as_constant().ok_or_else(|| {
                stop(
                    Rule::UndecidableDim,
                    span,
                    format!("{what} is `{dim}`, and must be a known number"),
                )
            })
        } else {
            let found = self.describe(value);
            Err(stop(
                Rule::WrongArgument,
                span,
                format!("{what} must be an int, found {found}"),
            )
            .raises("TypeError"))
        }
    }

    pub(super) fn known_size(&self, value: &Value, what: &str, span: Span) -> Eval<usize> {
        let number = self.known_int(value, what, span)?;
        match usize::try_from(number) {
            Ok(size) if size <= MAX_SIZE => Ok(size),
            Ok(size) => Err(stop(
                Rule::LimitExceeded,
                span,
                format!("{what} is {size}, and may be {MAX_SIZE} at most"),
            )),
            Err(_) => Err(stop(
                Rule::WrongArgument,
                span,
                format!("{what} is {number}, and must not be negative"),
            )),
        }
    }

    pub(super) fn known_float(&self, value: &Value, what: &str, span: Span) -> Eval<f64> {
        value.as_float().ok_or_else(|| {
            let found = self.describe(value);
            stop(
                Rule::WrongArgument,
                span,
                format!("{what} must be a known number, found {found}"),
            )
            .raises("TypeError")
        })
    }

    pub(super) fn known_dim(&self, value: &Value, what: &str, span: Span) -> Eval<Dim> {
        value.as_int().ok_or_else(|| {
            let found = self.describe(value);
            stop(
                Rule::WrongArgument,
                span,
                format!("{what} must be an int, found {found}"),
            )
            .raises("TypeError")
        })
    }

    /// The items of a list or tuple of known length.
    pub(super) fn items(&self, value: &Value) -> Option<Vec<Value>> {
        let items: Vec<Value> = match value {
            Value::Tuple(items) => items.to_vec(),
            Value::List(id) => match &self.state.lists[*id] {
                List::Known { items, .. } => items.clone(),
                List::Grown(_) => return None,
            },
            Value::Set(id) => {
                let members = self.state.dicts[*id].iter();
                members.map(|(key, _)| key.clone()).collect()
            }
            _ => return None,
        };
        self.charge(items.len());
        Some(items)
    }

    /// A value in words, for messages.
    pub(super) fn describe(&self, value: &Value) -> String {
        match value {
            Value::None | Value::Ellipsis => format!("`{}`", value.type_name()),
            Value::Bool(flag) => format!("`{}`", if *flag { "True" } else { "False" }),
            Value::Int(dim) => format!("int `{dim}`"),
            Value::Float(number) => format!("float `{number:?}`"),
            Value::Str(text) => format!("str of {} characters", text.chars().count()),
            Value::Tensor(cell) => {
                let ty = &self.state.cells[*cell].ty;
                format!(
                    "{} tensor {}",
                    super::tensor::dtype_name(ty.dtype),
                    super::tensor::shape_text(&ty.shape)
                )
            }
            Value::Native(path) => format!("`{path}`"),
            Value::Class(id) => format!("class `{}`", self.state.classes[*id].name),
            Value::Module(id) => format!("module `{}`", self.state.modules[*id].class_name),
            other => other.type_name().to_owned(),
        }
    }

    pub(super) fn note_dropped(&mut self, span: Span, what: &str) {
        self.diags.note(
            Rule::DroppedStatement,
            span,
            format!("{what} has no effect on the translated net and is dropped"),
        );
    }
}

/// A finding that ends evaluation.
pub(super) fn stop(rule: Rule, span: Span, message: impl Into<String>) -> Box<Stop> {
    Box::new(Stop {
        rule,
        span,
        message: message.into(),
        help: None,
        exception: None,
        labels: Vec::new(),
        cause: None,
    })
}

/// Python that is known and not translated.
pub(super) fn unsupported(span: Span, what: impl std::fmt::Display) -> Box<Stop> {
    stop(
        Rule::UnsupportedConstruct,
        span,
        format!("{what} is not supported"),
    )
}

/// An exception that Python itself would raise.
pub(super) fn raised(exception: &str, span: Span, message: impl std::fmt::Display) -> Box<Stop> {
    stop(
        Rule::PythonRaised,
        span,
        format!("this raises `{exception}`: {message}"),
    )
    .raises(exception)
}

/// The name a call or attribute chain starts from, if it starts from a name.
pub(super) fn root_name(expr: &ast::Expr) -> Option<&str> {
    match expr {
        ast::Expr::Name(name) => Some(name.id.as_str()),
        ast::Expr::Subscript(subscript) => root_name(&subscript.value),
        ast::Expr::Attribute(attribute) => root_name(&attribute.value),
        _ => None,
    }
}

/// A shared string.
pub(super) fn rc(text: impl AsRef<str>) -> Rc<str> {
    text.as_ref().into()
}
