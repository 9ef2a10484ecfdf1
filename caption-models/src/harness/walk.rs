//! Walks over a module's parameters, with the rank erased: all that is compiled per net.

use burn::module::{Flag, Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Bool, Gradients, Int, Tensor};

use super::state::{Met, StateError};

/// A parameter as a walk meets it: flat, in the module's own layout, without autodiff.
pub(crate) struct Flat {
    pub(crate) shape: Vec<usize>,
    pub(crate) value: Tensor<1>,
    /// Present when the walk carries gradients and the parameter has one.
    pub(crate) gradient: Option<Tensor<1>>,
}

/// What an edit does to a parameter.
#[expect(clippy::large_enum_variant, reason = "lives for one call")]
pub(crate) enum Edit {
    Keep,
    /// A new value, flat in the module's own layout.
    Set(Tensor<1>),
    Trainable(bool),
}

/// Calls `each` with every float parameter and its place in the walk.
pub(crate) fn visit<M: Module>(
    module: &M,
    gradients: Option<&mut Gradients>,
    each: &mut dyn FnMut(usize, Flat),
) {
    let mut n_met = 0;
    let mut count = |_: &[String], flat: Flat| {
        each(n_met, flat);
        n_met += 1;
    };
    module.visit(&mut Visit::new(gradients, &mut count));
}

/// Paths and shapes of all float parameters; initialises lazy ones in the order of the walk.
pub(crate) fn survey<M: Module>(module: &M) -> Result<Vec<Met>, StateError> {
    let mut met = Vec::new();
    let mut note = |path: &[String], flat: Flat| {
        met.push(Met {
            path: path.join("."),
            shape: flat.shape,
        });
    };
    let mut walk = Visit::new(None, &mut note);
    module.visit(&mut walk);
    match walk.no_float {
        Some(path) => Err(StateError::NoFloat { path }),
        None => Ok(met),
    }
}

/// Edits every float parameter.
pub(crate) fn edit<M: Module>(module: M, each: &mut dyn FnMut(usize, &[usize]) -> Edit) -> M {
    module.map(&mut Map::new(None, each))
}

/// Turns the dropout layers of a module on or off.
pub(crate) fn set_dropout<M: Module>(module: M, enabled: bool) -> M {
    module.map(&mut Map::new(Some(enabled), &mut |_, _| Edit::Keep))
}

struct Visit<'a> {
    path: Vec<String>,
    gradients: Option<&'a mut Gradients>,
    each: &'a mut dyn FnMut(&[String], Flat),
    no_float: Option<String>,
}

impl<'a> Visit<'a> {
    fn new(gradients: Option<&'a mut Gradients>, each: &'a mut dyn FnMut(&[String], Flat)) -> Self {
        Self {
            path: Vec::new(),
            gradients,
            each,
            no_float: None,
        }
    }
}

impl ModuleVisitor for Visit<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let value = param.val();
        let gradients = self.gradients.as_mut().filter(|_| value.is_require_grad());
        let gradient = gradients.and_then(|gradients| value.grad_remove(gradients));
        let flat = Flat {
            shape: value.dims().to_vec(),
            value: flatten(value.without_autodiff()),
            gradient: gradient.map(flatten),
        };
        (self.each)(&self.path, flat);
    }

    fn visit_int<const D: usize>(&mut self, _param: &Param<Tensor<D, Int>>) {
        self.no_float = Some(self.path.join("."));
    }

    fn visit_bool<const D: usize>(&mut self, _param: &Param<Tensor<D, Bool>>) {
        self.no_float = Some(self.path.join("."));
    }
}

fn flatten<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let n_elements = tensor.shape().num_elements();
    tensor.reshape([n_elements])
}

struct Map<'a> {
    n_met: usize,
    each: &'a mut dyn FnMut(usize, &[usize]) -> Edit,
    /// The new flag of dropout layers.
    dropout: Option<bool>,
    in_dropout: bool,
}

impl<'a> Map<'a> {
    fn new(dropout: Option<bool>, each: &'a mut dyn FnMut(usize, &[usize]) -> Edit) -> Self {
        Self {
            n_met: 0,
            each,
            dropout,
            in_dropout: false,
        }
    }
}

impl ModuleMapper for Map<'_> {
    fn enter_module(&mut self, _name: &str, container_type: &str) {
        self.in_dropout = container_type.starts_with("Struct:Dropout");
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let shape = param.dims();
        let edit = (self.each)(self.n_met, &shape);
        self.n_met += 1;
        match edit {
            Edit::Keep => param,
            Edit::Set(flat) => param.map(|old| replace(&old, flat.reshape(shape))),
            Edit::Trainable(trainable) => param.set_require_grad(trainable),
        }
    }

    fn map_flag(&mut self, flag: Param<Flag>) -> Param<Flag> {
        match self.dropout {
            Some(enabled) if self.in_dropout => flag.with_value(enabled),
            _ => flag,
        }
    }
}

/// A new leaf in the autodiff state of the old one.
fn replace<const D: usize>(old: &Tensor<D>, new: Tensor<D>) -> Tensor<D> {
    if old.is_autodiff() {
        new.autodiff().set_require_grad(old.is_require_grad())
    } else {
        new
    }
}
