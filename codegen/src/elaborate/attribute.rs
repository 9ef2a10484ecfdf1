//! Attributes: of modules, tensors, classes, packages; and what assigning them does.
use std::collections::BTreeSet;

use super::expr::native;
use super::interp::{Eval, Interp, Mode, raised, rc, stop, unsupported};
use super::module::{ModuleClass, ModuleState};
use super::value::{ClassId, FnKind, Object, Value};
use crate::diagnostic::Span;
use crate::ir::{Dim, ModuleId, ParamId};
use crate::rules::Rule;

/// The parts of tuples that have names: what `max`, `min`, `sort` and `topk` give along a dimension, and what
/// torchvision's Inception v3 gives in training.
fn named_part(items: &[Value], name: &str) -> Option<Value> {
    match (items, name) {
        ([values @ Value::Tensor(_), Value::Tensor(_)], "values" | "logits") => {
            Some(values.clone())
        }
        ([Value::Tensor(_), indices @ Value::Tensor(_)], "indices" | "aux_logits") => {
            Some(indices.clone())
        }
        _ => None,
    }
}

impl Interp<'_, '_> {
    /// `object.name`
    pub(super) fn attribute(&mut self, object: &Value, name: &str, span: Span) -> Eval<Value> {
        match object {
            Value::Native(path) if name == "__name__" => {
                Ok(Value::str(super::expr::last_part(path)))
            }
            Value::Native(path) => Ok(self
                .supplied(&format!("{path}.{name}"))
                .unwrap_or_else(|| native_attribute(path, name))),
            Value::Module(id) => self.module_attribute(*id, name, span),
            Value::Tensor(_) | Value::Param(_) => self.tensor_attribute(object, name, span),
            Value::Class(class) => self.static_attribute(*class, object, name, span),
            Value::Object(id) => match self.state.objects[*id].clone() {
                Object::Instance { class, attrs } => match attrs.get(name) {
                    Some(value) => Ok(value.clone()),
                    None => self.instance_attribute(class, object, name, span),
                },
                Object::Rows { .. } if name == "data" => Ok(object.clone()),
                _ => Ok(bound(object, name)),
            },
            Value::Device => match name {
                "type" => Ok(Value::str("cpu")),
                _ => Err(unsupported(span, format!("`{name}` of a device"))),
            },
            Value::Function(id) if name == "__name__" => Ok(Value::str(self.state.fns[*id].name)),
            Value::Unknown => Ok(Value::Unknown),
            Value::Tuple(items) => {
                Ok(named_part(items, name).unwrap_or_else(|| bound(object, name)))
            }
            Value::None | Value::Int(_) | Value::Float(_) | Value::Bool(_) => {
                Err(self.no_attribute(object, name, span))
            }
            other => Ok(bound(other, name)),
        }
    }

    fn no_attribute(&self, object: &Value, name: &str, span: Span) -> Box<super::interp::Stop> {
        let found = self.describe(object);
        raised(
            "AttributeError",
            span,
            format!("{found} has no attribute `{name}`"),
        )
    }

    fn module_attribute(&mut self, id: ModuleId, name: &str, span: Span) -> Eval<Value> {
        if name == "training" {
            if let Some(frame) = self.state.frames.last_mut() {
                frame.reads_mode = true;
            }
            return Ok(Value::Bool(self.state.mode == Mode::Train));
        }
        let own = self.own_attribute(id, name);
        if let Some(Value::Tensor(first)) = own
            && self.is_initial(first)
            && !self.is_constructing()
        {
            return self.constant(id, name, first, span);
        }
        if let Some(value) = own {
            return Ok(value);
        }
        if let Some(inherited) = self.inherited(id)
            && let Some(value) = self.own_attribute(inherited, name)
        {
            // It computes with what it inherits.
            self.state.modules[inherited].used = true;
            return Ok(value);
        }
        if let ModuleClass::User(class) = self.state.modules[id].class {
            return self.instance_attribute(class, &Value::Module(id), name, span);
        }
        if super::torch::is_module_method(name) {
            return Ok(bound(&Value::Module(id), name));
        }
        if super::torch::is_foreign_module_method(name) {
            return Err(unsupported(span, format!("`{name}` of a module")));
        }
        Err(self.no_attribute(&Value::Module(id), name, span))
    }

    /// An attribute that a module holds itself.
    fn own_attribute(&self, id: ModuleId, name: &str) -> Option<Value> {
        let module = &self.state.modules[id];
        let own = module.attrs.get(name).cloned();
        let own = own.or_else(|| module.children.get(name).map(|child| Value::Module(*child)));
        let tensors = [&module.params, &module.buffers, &module.constants];
        let own = own.or_else(|| {
            let mut found = tensors.into_iter().filter_map(|tensors| tensors.get(name));
            found.next().map(|param| Value::Param(*param))
        });
        own.or_else(|| self.layer_argument(id, name))
    }

    /// An attribute that an instance has from its class.
    fn instance_attribute(
        &mut self,
        class: ClassId,
        this: &Value,
        name: &str,
        span: Span,
    ) -> Eval<Value> {
        match name {
            "__class__" => return Ok(Value::Class(class)),
            "__module__" => return Ok(Value::str("net")),
            _ => {}
        }
        match self.class_attribute(class, name) {
            Some(Value::Function(function)) => match self.state.fns[function].kind {
                FnKind::Plain => Ok(Value::Method(this.clone().into(), function)),
                FnKind::Static => Ok(Value::Function(function)),
                FnKind::Class => Ok(Value::Method(Value::Class(class).into(), function)),
                FnKind::Property => {
                    self.call_user(function, super::call::Args::of(vec![this.clone()]), span)
                }
            },
            Some(value) => Ok(value),
            None if self.is_module_class(class) && super::torch::is_module_method(name) => {
                Ok(bound(this, name))
            }
            None if self.is_module_class(class) && super::torch::is_foreign_module_method(name) => {
                Err(unsupported(span, format!("`{name}` of a module")))
            }
            None => {
                let class_name = self.state.classes[class].name;
                let message = format!("`{class_name}` has no attribute `{name}`");
                let raised = raised("AttributeError", span, message);
                let raised = raised.label(self.state.classes[class].span, "the class");
                Err(self.lacks(class, span, raised))
            }
        }
    }

    fn static_attribute(
        &mut self,
        class: ClassId,
        this: &Value,
        name: &str,
        span: Span,
    ) -> Eval<Value> {
        match self.class_attribute(class, name) {
            Some(Value::Function(function)) if self.state.fns[function].kind == FnKind::Class => {
                Ok(Value::Method(this.clone().into(), function))
            }
            Some(value) => Ok(value),
            None if name == "__name__" => Ok(Value::str(self.state.classes[class].name)),
            None => Err(self.lacks(class, span, self.no_attribute(this, name, span))),
        }
    }

    fn tensor_attribute(&mut self, tensor: &Value, name: &str, span: Span) -> Eval<Value> {
        let Some(ty) = self.type_of(tensor) else {
            return Err(self.no_attribute(tensor, name, span));
        };
        match name {
            "shape" => Ok(Value::tuple(ty.shape.into_iter().map(Value::Int).collect())),
            "ndim" => Ok(Value::int(ty.shape.len())),
            "dtype" => Ok(Value::DType(ty.dtype)),
            "device" => Ok(Value::Device),
            "is_cuda" => Ok(Value::Unknown),
            "data" => Ok(tensor.clone()),
            "requires_grad" => Ok(Value::Bool(match tensor {
                Value::Param(id) => self.state.params[*id].trainable,
                _ => true,
            })),
            "T" | "mT" => {
                let last = Dim::constant(-1);
                let before = Dim::constant(-2);
                self.call_method(
                    tensor,
                    "transpose",
                    vec![Value::Int(before), Value::Int(last)],
                    span,
                )
            }
            "grad" => Err(unsupported(span, "reading a gradient")),
            _ => Ok(bound(tensor, name)),
        }
    }

    /// A torch method of a value, called.
    pub(super) fn call_method(
        &mut self,
        this: &Value,
        name: &str,
        args: Vec<Value>,
        span: Span,
    ) -> Eval<Value> {
        self.call_bound(this, name, super::call::Args::of(args), span)
    }

    /// `object.name = value`
    pub(super) fn set_attribute(
        &mut self,
        object: &Value,
        name: &str,
        value: Value,
        span: Span,
    ) -> Eval<()> {
        match object {
            Value::Module(id) => self.set_module_attribute(*id, name, value, span),
            Value::Object(id) => {
                if let Object::Instance { attrs, .. } = &mut self.state.objects[*id] {
                    attrs.insert(name.to_owned(), value);
                }
                Ok(())
            }
            Value::Param(id) if name == "requires_grad" => {
                let flag = self.decide(&value, span)?;
                self.set_requires_grad(*id, flag, span)
            }
            Value::Param(_) if name == "data" => Err(unsupported(span, "overwriting a parameter")),
            Value::Class(class) => {
                let scope = self.state.classes[*class].scope;
                self.state.scopes[scope].vars.insert(name.to_owned(), value);
                Ok(())
            }
            other => {
                let found = self.describe(other);
                Err(unsupported(
                    span,
                    format!("setting an attribute of {found}"),
                ))
            }
        }
    }

    /// `hasattr`, `getattr` and `setattr`; the last argument is the default, or the new value.
    pub(super) fn attribute_function(
        &mut self,
        function: &str,
        object: &Value,
        name: &str,
        last: Option<&Value>,
        span: Span,
    ) -> Eval<Value> {
        if function == "setattr" {
            let new = last.cloned().unwrap_or(Value::None);
            self.set_attribute(object, name, new, span)?;
            return Ok(Value::None);
        }
        let found = self.attribute_or_none(object, name, span)?;
        match (found, last) {
            (found, _) if function == "hasattr" => Ok(Value::Bool(found.is_some())),
            (Some(found), _) => Ok(found),
            (None, Some(default)) => Ok(default.clone()),
            (None, None) => self.attribute(object, name, span),
        }
    }

    /// An attribute, or nothing where Python raises `AttributeError`.
    fn attribute_or_none(&mut self, value: &Value, attr: &str, span: Span) -> Eval<Option<Value>> {
        match self.attribute(value, attr, span) {
            Ok(found) if matches!(found, Value::Bound(..)) && !self.has_method(value, attr) => {
                Ok(None)
            }
            Ok(found) => Ok(Some(found)),
            Err(finding) if finding.exception.as_deref() == Some("AttributeError") => Ok(None),
            Err(finding) => Err(finding),
        }
    }

    /// A finding where a module would become a part of itself.
    pub(super) fn check_no_cycle(&self, id: ModuleId, child: ModuleId, span: Span) -> Eval<()> {
        let mut left = vec![child];
        let mut seen = BTreeSet::new();
        while let Some(part) = left.pop() {
            if part == id {
                let message = "a module becomes a part of itself, and `train()` never ends";
                return Err(raised("RecursionError", span, message));
            }
            if seen.insert(part) {
                left.extend(self.state.modules[part].children.values());
            }
        }
        self.charge(seen.len());
        Ok(())
    }

    /// Whether a parameter is trained, which is settled before the net is called.
    pub(super) fn set_requires_grad(&mut self, id: ParamId, flag: bool, span: Span) -> Eval<()> {
        let param = &self.state.params[id];
        let trainable = flag && param.role.is_learnt();
        if param.trainable != trainable && self.state.frames.len() > 1 {
            let what = "freezing a parameter while the net is called";
            return Err(unsupported(span, what).help("set `requires_grad` in `__init__`"));
        }
        self.state.params[id].trainable = trainable;
        Ok(())
    }

    fn set_module_attribute(
        &mut self,
        id: ModuleId,
        name: &str,
        value: Value,
        span: Span,
    ) -> Eval<()> {
        if !self.is_constructing() {
            self.state.generation += 1;
            if self.is_of_sizes(&value) {
                self.state.modules[id].of_sizes.insert(name.to_owned());
            } else {
                self.state.modules[id].of_sizes.remove(name);
            }
        }
        if let Some(inherited) = self.inherited(id)
            && self.own_attribute(inherited, name).is_some()
        {
            return self.set_module_attribute(inherited, name, value, span);
        }
        if self.is_layer(id) {
            if self.change_layer(id, name, &value, span)? {
                return Ok(());
            }
            self.check_layer_attribute(id, name, &value, span)?;
            if let Value::Param(param) = value {
                self.adopt(id, name, param, span)?;
            }
        }
        if let Value::Module(child) = value {
            self.check_no_cycle(id, child, span)?;
        }
        let module = &mut self.state.modules[id];
        match value {
            Value::Module(child) => {
                module.attrs.shift_remove(name);
                module.children.insert(name.to_owned(), child);
            }
            Value::Param(param) => self.set_param(id, name, param, span)?,
            other => {
                module.children.shift_remove(name);
                module.attrs.insert(name.to_owned(), other);
            }
        }
        Ok(())
    }

    /// `module.name = parameter`: a new parameter of the module, or one that another module has too.
    fn set_param(
        &mut self,
        id: ModuleId,
        name: &str,
        param: crate::ir::ParamId,
        span: Span,
    ) -> Eval<()> {
        if let Some(old) = self.state.modules[id].params.get(name).copied() {
            let (old, new) = (
                &self.state.params[old].shape,
                &self.state.params[param].shape,
            );
            if old != new {
                let message =
                    format!("a weight of shape {new:?} takes the place of one of shape {old:?}");
                return Err(stop(Rule::ShapeMismatch, span, message));
            }
        }
        let learnt = self.state.params[param].role.is_learnt();
        let module = &mut self.state.modules[id];
        module.attrs.shift_remove(name);
        if learnt {
            module.params.insert(name.to_owned(), param);
        } else {
            module.buffers.insert(name.to_owned(), param);
        }
        Ok(())
    }

    pub(super) fn new_user_module(&mut self, class: ClassId, span: Span) -> Eval<Value> {
        let name = self.state.classes[class].name;
        self.new_module(ModuleClass::User(class), name, span)
            .map(Value::Module)
    }

    pub(super) fn new_module(
        &mut self,
        class: ModuleClass,
        name: &str,
        span: Span,
    ) -> Eval<ModuleId> {
        if self.state.modules.len() >= super::limits::MAX_MODULES {
            let message = format!("more than {} modules", super::limits::MAX_MODULES);
            return Err(stop(Rule::LimitExceeded, span, message));
        }
        let is_fresh = !self.is_constructing();
        let module = ModuleState::new(class, name, span);
        Ok(self.state.modules.push(ModuleState { is_fresh, ..module }))
    }
}

/// A name below a package: a constant, or a name to be called.
fn native_attribute(path: &str, name: &str) -> Value {
    super::torch::constant(&format!("{path}.{name}")).unwrap_or_else(|| native(path, name))
}

pub(super) fn bound(object: &Value, name: &str) -> Value {
    Value::Bound(object.clone().into(), rc(name))
}
