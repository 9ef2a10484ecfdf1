//! Classes of the reply that derive from torch's containers: `class Block(nn.Sequential)`.
use super::call::Args;
use super::interp::{Eval, Interp, unsupported};
use super::module::ModuleClass;
use super::torch::is_module_method;
use super::value::{ClassId, Value};
use crate::diagnostic::Span;
use crate::ir::ModuleId;

/// A container of `torch.nn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Sequential,
    ModuleList,
    ModuleDict,
}

impl Container {
    /// The container of this name.
    pub(super) fn of(path: &str) -> Option<Self> {
        match path.strip_prefix("torch.nn.")? {
            "Sequential" => Some(Self::Sequential),
            "ModuleList" => Some(Self::ModuleList),
            "ModuleDict" => Some(Self::ModuleDict),
            _ => None,
        }
    }
}

impl Interp<'_, '_> {
    /// The container that a class derives from.
    pub(super) fn container_of(&self, class: ClassId) -> Option<Container> {
        let bases = &self.state.classes[class].bases;
        bases.iter().find_map(|base| match base {
            Value::Native(path) => Container::of(path),
            Value::Class(base) => self.container_of(*base),
            _ => None,
        })
    }

    /// What kind of container a module is, if any.
    pub(super) fn container_of_module(&self, id: ModuleId) -> Option<Container> {
        match self.state.modules[id].class {
            ModuleClass::User(class) => self.container_of(class),
            ModuleClass::Sequential => Some(Container::Sequential),
            ModuleClass::ModuleList => Some(Container::ModuleList),
            ModuleClass::ModuleDict => Some(Container::ModuleDict),
            ModuleClass::Layer(_) | ModuleClass::Function { .. } => None,
        }
    }

    /// A method of the container, called on a module of a derived class.
    pub(super) fn container_method(
        &mut self,
        id: ModuleId,
        container: Container,
        method: &str,
        args: Args,
        span: Span,
    ) -> Eval<Value> {
        match method {
            "__init__" => self.fill_container(id, container, &args, span),
            "forward" if container == Container::Sequential => {
                self.call_sequential(id, &args, span)
            }
            _ if is_module_method(method) => self.module_method(id, method, args, span),
            _ => Err(unsupported(span, format!("`super().{method}`"))),
        }
    }

    /// The children that the container's constructor is given: modules, a list or a dict of them.
    pub(super) fn fill_container(
        &mut self,
        id: ModuleId,
        container: Container,
        args: &Args,
        span: Span,
    ) -> Eval<Value> {
        let items = match (container, args.positional.as_slice()) {
            (Container::Sequential | Container::ModuleDict, [Value::Dict(dict)]) => {
                for (key, module) in self.pairs(*dict) {
                    let name = self.to_str(&key);
                    self.set_attribute(&Value::Module(id), &name, module, span)?;
                }
                return Ok(Value::None);
            }
            (Container::Sequential, items) => items.to_vec(),
            (_, []) => Vec::new(),
            (_, [first, ..]) => self.iterate(first, span)?,
        };
        self.add_children(id, items, span)?;
        Ok(Value::None)
    }
}
