//! Methods of `nn.Module`.
use std::rc::Rc;

use super::super::call::Args;
use super::super::interp::{Eval, Interp, Mode, raised, unsupported};
use super::super::module::{INHERITED, ModuleClass};
use super::super::value::{Object, Value};
use crate::diagnostic::Span;
use crate::ir::{DType, Layer, ModuleId, ParamId, Role};

const METHODS: &[&str] = &[
    "parameters",
    "named_parameters",
    "children",
    "named_children",
    "modules",
    "named_modules",
    "to",
    "cuda",
    "cpu",
    "float",
    "half",
    "double",
    "type",
    "train",
    "eval",
    "apply",
    "register_buffer",
    "register_parameter",
    "register_module",
    "add_module",
    "append",
    "extend",
    "zero_grad",
    "requires_grad_",
    "forward",
    "items",
    "keys",
    "values",
    "state_dict",
    "load_state_dict",
    "reset_parameters",
    "__setattr__",
];

/// Methods of every `nn.Module` that are known not to be translated.
const FOREIGN: &[&str] = &[
    "bfloat16",
    "buffers",
    "compile",
    "extra_repr",
    "get_buffer",
    "get_extra_state",
    "get_parameter",
    "get_submodule",
    "ipu",
    "mtia",
    "named_buffers",
    "register_backward_hook",
    "register_forward_hook",
    "register_forward_pre_hook",
    "register_full_backward_hook",
    "register_full_backward_pre_hook",
    "register_load_state_dict_post_hook",
    "register_load_state_dict_pre_hook",
    "register_state_dict_post_hook",
    "register_state_dict_pre_hook",
    "set_extra_state",
    "set_submodule",
    "share_memory",
    "to_empty",
    "xpu",
];

/// Whether every `nn.Module` has the method, and it is not translated.
pub(in crate::elaborate) fn is_foreign_module_method(name: &str) -> bool {
    FOREIGN.contains(&name)
}

/// Whether every `nn.Module` has the method.
pub(in crate::elaborate) fn is_module_method(name: &str) -> bool {
    METHODS.contains(&name)
}

impl Interp<'_, '_> {
    pub(in crate::elaborate) fn module_method(
        &mut self,
        id: ModuleId,
        name: &str,
        args: Args,
        span: Span,
    ) -> Eval<Value> {
        let this = Value::Module(id);
        let first = args.positional.first().cloned();
        match (name, first) {
            ("parameters", _) => Ok(self.object(Object::Parameters(id))),
            ("named_parameters", _) => Ok(self.object(Object::NamedParameters(id))),
            (
                "children" | "named_children" | "modules" | "named_modules" | "items" | "keys"
                | "values",
                None,
            ) => {
                let listed = self.listed(id, name)?;
                self.new_list(listed, span)
            }
            ("to" | "cuda" | "cpu" | "float" | "half" | "double" | "type", _) => Ok(this),
            ("train" | "eval", flag) => {
                self.switch_mode(id, name, flag.as_ref(), span)?;
                Ok(this)
            }
            ("apply", Some(function)) => {
                for (_, module) in self.visible_modules(id)? {
                    self.call(&function, Args::of(vec![Value::Module(module)]), span)?;
                }
                Ok(this)
            }

            ("register_buffer", _) => self.register_buffer(id, args, span),
            ("reset_parameters", _)
                if matches!(self.state.modules[id].class, ModuleClass::Layer(_)) =>
            {
                self.reset_parameters(id);
                Ok(Value::None)
            }
            (
                "register_parameter" | "register_module" | "add_module" | "__setattr__",
                Some(key),
            ) => self.register(&this, &key, &args, span),
            ("append", Some(module)) => {
                self.add_children(id, vec![module], span)?;
                Ok(this)
            }
            ("extend", Some(modules)) => {
                let modules = self.iterate(&modules, span)?;
                self.add_children(id, modules, span)?;
                Ok(this)
            }
            ("zero_grad", _) => {
                self.state
                    .events
                    .push(super::super::interp::Event::ZeroGrad);
                Ok(Value::None)
            }
            ("requires_grad_", flag) => {
                let flag = flag.is_none_or(|flag| self.truth(&flag) != Some(false));
                for (_, param) in self.parameters_of(id) {
                    self.set_requires_grad(param, flag, span)?;
                }
                Ok(this)
            }
            ("forward", _) => self.call_module(id, args, span),
            _ => Err(unsupported(span, format!("the module method `{name}`"))),
        }
    }

    /// `train(flag)` and `eval()`.
    fn switch_mode(
        &mut self,
        id: ModuleId,
        name: &str,
        flag: Option<&Value>,
        span: Span,
    ) -> Eval<()> {
        let train = name == "train" && flag.is_none_or(|flag| self.truth(flag) == Some(true));
        let mode = if train { Mode::Train } else { Mode::Eval };
        let is_part = self
            .state
            .frames
            .first()
            .is_some_and(|frame| frame.home != id);
        if !is_part {
            self.warn_mode_switch(name, span);
            self.state.mode = mode;
        } else if mode != self.state.mode && self.has_modes(id) {
            let message = "a part of the net in another mode than the rest";
            return Err(
                unsupported(span, message).help("freeze parameters by `requires_grad = False`")
            );
        }
        Ok(())
    }

    /// Whether a layer at or below the module does something else in training.
    fn has_modes(&self, id: ModuleId) -> bool {
        self.all_modules(id).into_iter().any(|module| {
            matches!(
                self.state.modules[module].class,
                ModuleClass::Layer(
                    Layer::BatchNorm { .. }
                        | Layer::Dropout { .. }
                        | Layer::MultiheadAttention(_)
                        | Layer::TransformerEncoderLayer(_)
                        | Layer::TransformerDecoderLayer(_)
                        | Layer::TransformerEncoder(_)
                        | Layer::TransformerDecoder(_)
                )
            )
        })
    }

    /// The layer starts as layers of its kind do.
    fn reset_parameters(&mut self, layer: ModuleId) {
        let params = self.state.modules[layer].params.clone();
        for param in params.values() {
            self.state.params[*param].start = None;
        }
    }

    /// `register_buffer(name, tensor, persistent=True)`: a buffer, or a constant that no `state_dict` holds. Integers are
    /// constants too: PyTorch stores them, and nothing can change them here.
    fn register_buffer(&mut self, id: ModuleId, args: Args, span: Span) -> Eval<Value> {
        let signature = "name, tensor, persistent=True";
        let call = self.bind_signature(signature, "register_buffer", args, span)?;
        let (name, value) = (self.to_str(call.arg(0)), call.arg(1).clone());
        let is_float = self
            .type_of(&value)
            .is_some_and(|ty| ty.dtype == DType::Float);
        if is_float && self.decide(call.arg(2), span)? {
            let param = self.keep_tensor(&value, Role::Buffer, false, span)?;
            self.state.modules[id].buffers.insert(name, param);
        } else {
            self.set_attribute(&Value::Module(id), &name, value, span)?;
        }
        Ok(Value::None)
    }

    /// `register_parameter(key, parameter)` and its like.
    fn register(&mut self, this: &Value, key: &Value, args: &Args, span: Span) -> Eval<Value> {
        let named = |(name, _): &&(Rc<str>, Value)| matches!(&**name, "param" | "module" | "value");
        let by_name = args.keywords.iter().find(named).map(|(_, value)| value);
        let value = args.positional.get(1).or(by_name).cloned();
        let key = self.to_str(key);
        self.set_attribute(this, &key, value.unwrap_or(Value::None), span)?;
        Ok(Value::None)
    }

    fn listed(&mut self, id: ModuleId, what: &str) -> Eval<Vec<Value>> {
        let modules = match what {
            "modules" | "named_modules" => self.visible_modules(id)?,
            _ => {
                let children = self.state.modules[id].children.iter();
                let children = children.filter(|(name, _)| *name != INHERITED);
                children
                    .map(|(name, child)| (name.clone(), *child))
                    .collect()
            }
        };
        let shown = |(name, module): (String, ModuleId)| match what {
            "keys" => Value::str(&name),
            "named_modules" | "named_children" | "items" => {
                Value::tuple(vec![Value::str(&name), Value::Module(module)])
            }
            _ => Value::Module(module),
        };
        Ok(modules.into_iter().map(shown).collect())
    }

    /// The module and all below it, each once.
    pub(in crate::elaborate) fn all_modules(&self, id: ModuleId) -> Vec<ModuleId> {
        self.named_modules(id, "")
            .into_iter()
            .map(|(_, module)| module)
            .collect()
    }

    /// The module and all below it, each once, under its first name.
    pub(in crate::elaborate) fn named_modules(
        &self,
        id: ModuleId,
        prefix: &str,
    ) -> Vec<(String, ModuleId)> {
        let mut found: Vec<(String, ModuleId)> = Vec::new();
        let mut open = vec![(prefix.to_owned(), id)];
        while let Some((name, module)) = open.pop() {
            if found.iter().any(|(_, known)| *known == module) {
                continue;
            }
            found.push((name.clone(), module));
            let children = self.state.modules[module].children.iter().rev();
            open.extend(children.map(|(child_name, child)| (join(&name, child_name), *child)));
        }
        found
    }

    /// The learnt parameters below a module in torch's order, each once, under its first name.
    pub(in crate::elaborate) fn parameters_of(&self, id: ModuleId) -> Vec<(String, ParamId)> {
        let mut found: Vec<(String, ParamId)> = Vec::new();
        for (prefix, module) in self.named_modules(id, "") {
            for (name, param) in &self.state.modules[module].params {
                if !found.iter().any(|(_, known)| known == param) {
                    found.push((join(&prefix, name), *param));
                }
            }
        }
        found
    }

    /// `nn.Sequential`: each module on what the one before gave. Runs in the function being traced.
    pub(in crate::elaborate) fn run_sequential(
        &mut self,
        id: ModuleId,
        input: Value,
        span: Span,
    ) -> Eval<Value> {
        let children: Vec<ModuleId> = self.state.modules[id].children.values().copied().collect();
        children.into_iter().try_fold(input, |value, child| {
            self.call_module(child, Args::of(vec![value]), span)
        })
    }

    pub(in crate::elaborate) fn call_sequential(
        &mut self,
        id: ModuleId,
        args: &Args,
        span: Span,
    ) -> Eval<Value> {
        match args.positional.as_slice() {
            [input] if args.keywords.is_empty() => {
                self.call_traced_sequential(id, input.clone(), span)
            }
            _ => Err(raised("TypeError", span, "a `Sequential` takes one input")),
        }
    }
}

/// A name below a prefix.
pub(in crate::elaborate) fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else if name == INHERITED {
        prefix.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}
