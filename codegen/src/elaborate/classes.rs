//! `isinstance`, and what a class inherits from one of torch.
use std::rc::Rc;

use super::container::Container;
use super::expr::last_part;
use super::interp::{Eval, Interp, Stop, raised, unsupported};
use super::module::ModuleClass;
use super::value::{ClassId, Object, Value};
use crate::diagnostic::Span;

impl Interp<'_, '_> {
    pub(super) fn isinstance(&mut self, value: &Value, class: &Value, span: Span) -> Eval<bool> {
        if let Some(classes) = self.items(class) {
            for class in &classes {
                if self.isinstance(value, class, span)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        match class {
            Value::Class(class) => Ok(match value {
                Value::Module(id) => match self.state.modules[*id].class {
                    ModuleClass::User(own) => self.is_subclass(own, *class),
                    _ => false,
                },
                Value::Object(id) => match &self.state.objects[*id] {
                    Object::Instance { class: own, .. } => self.is_subclass(*own, *class),
                    _ => false,
                },
                Value::Class(own) => self.is_subclass(*own, *class),
                _ => false,
            }),
            Value::Native(path) => Ok(self.is_native_instance(value, path)),
            other => {
                let found = self.describe(other);
                Err(raised("TypeError", span, format!("{found} is no class")))
            }
        }
    }

    pub(super) fn is_subclass(
        &self,
        own: super::value::ClassId,
        wanted: super::value::ClassId,
    ) -> bool {
        own == wanted
            || self.state.classes[own].bases.iter().any(|base| match base {
                Value::Class(base) => self.is_subclass(*base, wanted),
                _ => false,
            })
    }

    pub(super) fn is_native_instance(&self, value: &Value, path: &str) -> bool {
        match (value, last_part(path)) {
            (Value::Bool(_), "bool" | "int")
            | (Value::Int(_), "int")
            | (Value::Float(_), "float")
            | (Value::Str(_), "str")
            | (Value::Set(_), "set")
            | (Value::Tuple(_), "tuple" | "Sequence" | "Iterable")
            | (Value::List(_), "list" | "Sequence" | "Iterable")
            | (Value::Dict(_), "dict" | "Mapping")
            | (Value::Tensor(_), "Tensor")
            | (Value::Param(_), "Tensor" | "Parameter")
            | (Value::Function(_) | Value::Method(..) | Value::Class(_), "Callable")
            | (Value::Function(_), "FunctionType" | "LambdaType")
            | (Value::Class(_), "type")
            | (Value::Device, "device") => true,
            // A name of torch with a capital letter is a class.
            (Value::Native(own), "type") => {
                last_part(own).starts_with(|first: char| first.is_ascii_uppercase())
            }
            (Value::Object(id), "partial") => {
                matches!(self.state.objects[*id], Object::Partial(..))
            }
            (Value::Module(id), name) => {
                let module = &self.state.modules[*id];
                path == "torch.nn.Module"
                    || match module.class {
                        ModuleClass::User(class) => {
                            let container = self.container_of(class);
                            (container.is_some() && container == Container::of(path))
                                || self.is_of_prelude(class, path)
                        }
                        _ => module.class_name == name,
                    }
            }
            _ => false,
        }
    }

    /// `raised`, which says that a class lacks something, or that what it inherits is not known:
    /// a class of torch that it extends may have it.
    pub(super) fn lacks(&self, class: ClassId, span: Span, raised: Box<Stop>) -> Box<Stop> {
        match self.foreign_base(class) {
            Some(base) => {
                let name = self.state.classes[class].name;
                unsupported(span, format!("what `{name}` inherits from `{base}`"))
            }
            None => raised,
        }
    }

    /// A base that is neither the reply's own, nor one whose methods are known.
    fn foreign_base(&self, class: ClassId) -> Option<Rc<str>> {
        let bases = &self.state.classes[class].bases;
        bases.iter().find_map(|base| match base {
            Value::Class(base) => self.foreign_base(*base),
            Value::Native(path) => {
                let known = &**path == "torch.nn.Module" || Container::of(path).is_some();
                (path.starts_with("torch.") && !known).then(|| path.clone())
            }
            _ => None,
        })
    }
}
