//! Attributes of torch's layers that are set after the layer was made: `conv.stride = (1, 1)`, `norm.eps = 1e-3`. The
//! layer is built again with the argument; its weights stay.
use std::rc::Rc;

use super::super::call::Args;
use super::super::interp::{Eval, Interp, unsupported};
use super::super::module::ModuleClass;
use super::super::value::Value;
use super::signature;
use crate::diagnostic::Span;
use crate::ir::ModuleId;

/// Arguments that a layer keeps and does not compute with.
const INFORMATIVE: [&str; 7] = [
    "in_channels",
    "out_channels",
    "in_features",
    "out_features",
    "num_features",
    "num_embeddings",
    "embedding_dim",
];

impl Interp<'_, '_> {
    /// `layer.name = value`, where the name is an argument of the layer; else gives false.
    pub(in crate::elaborate) fn change_layer(
        &mut self,
        id: ModuleId,
        name: &str,
        value: &Value,
        span: Span,
    ) -> Eval<bool> {
        let Some(old) = self.layer_argument(id, name) else {
            return Ok(false);
        };
        if let Value::Param(_) | Value::Module(_) = value {
            if name == "bias" && old == Value::None {
                // The bias of a layer that was made without one.
                self.rebuild_layer(id, name, &Value::Bool(true), span)?;
            }
            return Ok(false);
        }
        if old == *value || INFORMATIVE.contains(&name) {
            return Ok(false);
        }
        let what = format!(
            "changing `{name}` of a `{}`",
            self.state.modules[id].class_name
        );
        if !self.is_constructing() {
            return Err(unsupported(span, format!("{what} while the net is called")));
        }
        if let ModuleClass::Function { args, .. } = &mut self.state.modules[id].class {
            args.retain(|(known, _)| **known != *name);
            args.push((name.into(), value.clone()));
            return Ok(true);
        }
        self.rebuild_layer(id, name, value, span)?
            .then_some(true)
            .ok_or_else(|| unsupported(span, what))
    }

    /// What a layer was given for a parameter of its constructor.
    pub(in crate::elaborate) fn layer_argument(&self, id: ModuleId, name: &str) -> Option<Value> {
        let module = &self.state.modules[id];
        match &module.class {
            ModuleClass::Function { args, .. } => {
                let given = args.iter().find(|(known, _)| **known == *name);
                given.map(|(_, value)| value.clone())
            }
            ModuleClass::Layer(_) if name == "bias" && module.params.contains_key(name) => {
                Some(Value::Bool(true))
            }
            ModuleClass::Layer(_) => module.attrs.get(name).cloned(),
            _ => None,
        }
    }

    /// Whether a module is a layer of torch, with or without weights.
    pub(in crate::elaborate) fn is_layer(&self, id: ModuleId) -> bool {
        matches!(
            self.state.modules[id].class,
            ModuleClass::Layer(_) | ModuleClass::Function { .. }
        )
    }

    /// A finding where a layer of torch would get a part, or lose a tensor, that its code does not know of.
    pub(in crate::elaborate) fn check_layer_attribute(
        &self,
        id: ModuleId,
        name: &str,
        value: &Value,
        span: Span,
    ) -> Eval<()> {
        let module = &self.state.modules[id];
        let has_tensor = module.params.contains_key(name) || module.buffers.contains_key(name);
        let is_foreign = match value {
            Value::Module(_) => true,
            Value::Param(_) => !has_tensor,
            _ => has_tensor,
        };
        if is_foreign {
            let what = format!("setting `{name}` of a `{}`", module.class_name);
            return Err(unsupported(span, what));
        }
        Ok(())
    }

    /// Gives a layer the kind that it has with another argument; not where other weights would belong to it.
    fn rebuild_layer(&mut self, id: ModuleId, name: &str, value: &Value, span: Span) -> Eval<bool> {
        let path = format!("torch.nn.{}", self.state.modules[id].class_name);
        let Some(entry) = super::table().get(path.as_str()).copied() else {
            return Ok(false);
        };
        let mut args = Args::default();
        for param in signature::parse(entry.signature).unwrap_or_default() {
            let old = self.layer_argument(id, param.name);
            let given = if param.name == name {
                Some(value.clone())
            } else {
                old
            };
            let given = given.map(|given| match (param.name, given) {
                ("bias", Value::None) => Value::Bool(false),
                (_, given) => given,
            });
            args.keywords
                .extend(given.map(|given| (Rc::from(param.name), given)));
        }
        let Value::Module(new) = self.call_entry(entry, &path, args, span)? else {
            return Ok(false);
        };
        let rebuilt = self.state.modules[new].clone();
        let old = &self.state.modules[id];
        let shape = |param: &crate::ir::ParamId| &self.state.params[*param].shape;
        let fits = |(known, param)| match rebuilt.params.get(known) {
            Some(other) => shape(other) == shape(param),
            None => known == name,
        };
        let is_known = |param: &String| old.params.contains_key(param) || param == name;
        let is_same = rebuilt.params.keys().all(is_known)
            && old.params.iter().all(fits)
            && old.buffers.keys().eq(rebuilt.buffers.keys());
        if is_same {
            let module = &mut self.state.modules[id];
            for (known, param) in &rebuilt.params {
                module.params.entry(known.clone()).or_insert(*param);
            }
            module.class = rebuilt.class;
            module
                .params
                .retain(|known, _| rebuilt.params.contains_key(known));
            module.attrs = rebuilt.attrs;
        }
        Ok(is_same)
    }
}
