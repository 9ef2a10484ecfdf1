//! Classes of the reply that derive from a layer of torch: `class LayerNorm2d(nn.LayerNorm)`. What such a module inherits
//! is a layer of its own, a child that Python does not see, with the module's own path in the `state_dict`.
use std::rc::Rc;

use super::call::Args;
use super::expr::last_part;
use super::interp::{Eval, Interp, unsupported};
use super::module::{INHERITED, ModuleClass};
use super::torch::{is_function_layer, is_module_method};
use super::value::{ClassId, Value};
use crate::diagnostic::Span;
use crate::ir::ModuleId;

/// Layers whose `forward` calls no method that a class may override, but for [`OVERRIDDEN`]; beside those that only apply
/// a function.
const LAYERS: [&str; 16] = [
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool2d",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv2d",
    "Dropout",
    "Dropout2d",
    "Embedding",
    "GRU",
    "GRUCell",
    "LSTM",
    "LSTMCell",
    "LayerNorm",
    "Linear",
    "MaxPool2d",
];

/// The method that `Conv2d` calls on itself.
const OVERRIDDEN: &str = "_conv_forward";

/// Whether a class may derive from what has this name.
pub(super) fn may_be_base(path: &str) -> bool {
    let name = path.strip_prefix("torch.nn.");
    name.is_some_and(|name| LAYERS.contains(&name) || is_function_layer(path))
}

impl Interp<'_, '_> {
    /// The layer of torch that a class derives from.
    pub(super) fn layer_of(&self, class: ClassId) -> Option<Rc<str>> {
        let bases = &self.state.classes[class].bases;
        bases.iter().find_map(|base| match base {
            Value::Native(path) => may_be_base(path).then(|| Rc::clone(path)),
            Value::Class(base) => self.layer_of(*base),
            _ => None,
        })
    }

    /// What a module inherits from a layer, once its constructor has run.
    pub(super) fn inherited(&self, id: ModuleId) -> Option<ModuleId> {
        self.state.modules[id].children.get(INHERITED).copied()
    }

    /// Whether a class derives from the layer of torch at this path.
    pub(super) fn derives_from(&self, class: ClassId, path: &str) -> bool {
        self.layer_of(class)
            .is_some_and(|layer| last_part(&layer) == last_part(path))
    }

    /// A method of the layer, called on a module of a derived class.
    pub(super) fn inherited_method(
        &mut self,
        id: ModuleId,
        layer: &Rc<str>,
        method: &str,
        args: Args,
        span: Span,
    ) -> Eval<Value> {
        if method == "__init__" {
            return self.inherit(id, layer, args, span);
        }
        match (method, self.inherited(id)) {
            ("forward" | "__call__", Some(inherited)) => self.call_module(inherited, args, span),
            ("reset_parameters", Some(inherited)) => {
                self.module_method(inherited, method, args, span)
            }
            _ if is_module_method(method) => self.module_method(id, method, args, span),
            _ => Err(unsupported(span, format!("`super().{method}`"))),
        }
    }

    /// The layer's constructor: it makes the layer, and draws its weights by the method that the class may override.
    fn inherit(&mut self, id: ModuleId, layer: &Rc<str>, args: Args, span: Span) -> Eval<Value> {
        let ModuleClass::User(class) = self.state.modules[id].class else {
            return Ok(Value::None);
        };
        if self.class_function(class, OVERRIDDEN).is_some() {
            let what = format!("overriding `{OVERRIDDEN}` of `{layer}`");
            return Err(unsupported(span, what));
        }
        if let Value::Module(inherited) = self.call_native(layer, args, span)? {
            let module = &mut self.state.modules[id];
            module.children.insert(INHERITED.to_owned(), inherited);
            self.state.modules[inherited].is_inherited = true;
            let draw = self.class_function(class, "reset_parameters");
            if let Some(draw) = draw.filter(|_| !self.state.modules[inherited].params.is_empty()) {
                self.call_user(draw, Args::of(vec![Value::Module(id)]), span)?;
            }
        }
        Ok(Value::None)
    }
}
