//! Instances of classes, `isinstance`, and what a class inherits from one of torch.
use std::rc::Rc;

use super::call::Args;
use super::container::Container;
use super::expr::last_part;
use super::interp::{Eval, Interp, Stop, raised, unsupported};
use super::module::ModuleClass;
use super::value::{ClassId, Object, Value};
use crate::diagnostic::Span;

/// Whether a value is an instance of a class of Python.
fn is_of_python(value: &Value, class: &str) -> bool {
    match class {
        "bool" => matches!(value, Value::Bool(_)),
        "int" | "Integral" | "Rational" => matches!(value, Value::Int(_) | Value::Bool(_)),
        "float" => matches!(value, Value::Float(_)),
        "Number" | "Complex" | "Real" => {
            matches!(value, Value::Int(_) | Value::Bool(_) | Value::Float(_))
        }
        "str" => matches!(value, Value::Str(_)),
        "tuple" => matches!(value, Value::Tuple(_)),
        "range" => matches!(value, Value::Range(_)),
        "list" | "MutableSequence" => matches!(value, Value::List(_)),
        "set" | "Set" => matches!(value, Value::Set(_)),
        "dict" | "Mapping" | "MutableMapping" => matches!(value, Value::Dict(_)),
        "Sequence" => matches!(
            value,
            Value::Str(_) | Value::Tuple(_) | Value::Range(_) | Value::List(_)
        ),
        "Iterable" | "Collection" | "Container" | "Sized" => {
            is_of_python(value, "Sequence")
                || matches!(
                    value,
                    Value::Set(_) | Value::Dict(_) | Value::Tensor(_) | Value::Param(_)
                )
        }
        "Callable" => matches!(
            value,
            Value::Function(_)
                | Value::Method(..)
                | Value::Bound(..)
                | Value::Native(_)
                | Value::Class(_)
                | Value::Module(_)
        ),
        "FunctionType" | "LambdaType" => matches!(value, Value::Function(_)),
        "type" => matches!(value, Value::Class(_)),
        _ => false,
    }
}

impl Interp<'_, '_> {
    /// An instance of a class of the reply.
    pub(super) fn construct(&mut self, class: ClassId, args: Args, span: Span) -> Eval<Value> {
        self.check_bases(class, span)?;
        let this = if self.is_module_class(class) {
            self.new_user_module(class, span)?
        } else {
            self.instance(class)
        };
        match self.class_function(class, "__init__") {
            Some(init) => {
                self.call_user(init, args.with_first(this.clone()), span)?;
            }
            None if self.container_of(class).is_some() => {
                if let (Value::Module(id), Some(container)) = (&this, self.container_of(class)) {
                    self.container_method(*id, container, "__init__", args, span)?;
                }
            }
            None if self.is_dataclass(class) => self.fill_fields(class, &this, args, span)?,
            None if self.layer_of(class).is_some() => {
                if let (Value::Module(id), Some(layer)) = (&this, self.layer_of(class)) {
                    self.inherited_method(*id, &layer, "__init__", args, span)?;
                }
            }
            None if args.positional.is_empty() && args.keywords.is_empty() => {}
            None => {
                let name = self.state.classes[class].name;
                let message = format!("`{name}` has no `__init__` that takes arguments");
                return Err(self.lacks(class, span, raised("TypeError", span, message)));
            }
        }
        Ok(this)
    }

    pub(super) fn is_module_class(&self, class: ClassId) -> bool {
        self.state.classes[class]
            .bases
            .iter()
            .any(|base| match base {
                Value::Native(path) => {
                    &**path == "torch.nn.Module"
                        || Container::of(path).is_some()
                        || super::derived::may_be_base(path)
                }
                Value::Class(base) => self.is_module_class(*base),
                _ => false,
            })
    }

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
            (value, name) if is_of_python(value, name) => true,
            (Value::Tensor(_), "Tensor")
            | (Value::Param(_), "Tensor" | "Parameter")
            | (Value::Device, "device") => true,
            // A name of torch with a capital letter is a class.
            (Value::Native(own), "type") => {
                last_part(own).starts_with(|first: char| first.is_ascii_uppercase())
            }
            (Value::Object(id), "partial") => {
                matches!(self.state.objects[*id], Object::Partial(..))
            }
            (Value::Module(id), "Iterable" | "Sized") => self.container_of_module(*id).is_some(),
            (Value::Module(id), name) => {
                let module = &self.state.modules[*id];
                path == "torch.nn.Module"
                    || match module.class {
                        ModuleClass::User(class) => {
                            let container = self.container_of(class);
                            (container.is_some() && container == Container::of(path))
                                || self.derives_from(class, path)
                                || self.is_of_prelude(class, path)
                        }
                        _ => module.class_name == name || is_base_of(name, &module.class_name),
                    }
            }
            _ => false,
        }
    }

    /// A finding for a class that would get weights from one of torch whose constructor is not known.
    pub(super) fn check_bases(&self, class: ClassId, span: Span) -> Eval<()> {
        match self.foreign_base(class) {
            Some(base) if base.starts_with("torch.nn.") => Err(self.inherits(class, &base, span)),
            _ => Ok(()),
        }
    }

    fn inherits(&self, class: ClassId, base: &str, span: Span) -> Box<Stop> {
        let name = self.state.classes[class].name;
        unsupported(span, format!("what `{name}` inherits from `{base}`"))
    }

    /// `raised`, which says that a class lacks something, or that what it inherits is not known:
    /// a class of torch that it extends may have it.
    pub(super) fn lacks(&self, class: ClassId, span: Span, raised: Box<Stop>) -> Box<Stop> {
        match self.foreign_base(class) {
            Some(base) => self.inherits(class, &base, span),
            None => raised,
        }
    }

    /// A base that is neither the reply's own, nor one whose methods are known.
    fn foreign_base(&self, class: ClassId) -> Option<Rc<str>> {
        let bases = &self.state.classes[class].bases;
        bases.iter().find_map(|base| match base {
            Value::Class(base) => self.foreign_base(*base),
            Value::Native(path) => {
                let known = &**path == "torch.nn.Module"
                    || Container::of(path).is_some()
                    || super::derived::may_be_base(path);
                (path.starts_with("torch.") && !known).then(|| path.clone())
            }
            _ => None,
        })
    }
}

/// Whether torch's class of this name is one that others of its layers derive from.
pub(super) fn is_base_of(base: &str, class: &str) -> bool {
    match base {
        "_BatchNorm" | "_NormBase" => class.starts_with("BatchNorm"),
        "_ConvNd" => class.starts_with("Conv"),
        "RNNBase" => matches!(class, "LSTM" | "GRU" | "RNN"),
        "RNNCellBase" => matches!(class, "LSTMCell" | "GRUCell" | "RNNCell"),
        "_DropoutNd" => class.contains("Dropout"),
        "_MaxPoolNd" => class.starts_with("MaxPool"),
        "_AvgPoolNd" => class.starts_with("AvgPool"),
        "_AdaptiveAvgPoolNd" => class.starts_with("AdaptiveAvgPool"),
        "_AdaptiveMaxPoolNd" => class.starts_with("AdaptiveMaxPool"),
        "Hardtanh" => class == "ReLU6",
        "_WeightedLoss" | "_Loss" => class.ends_with("Loss"),
        _ => false,
    }
}
