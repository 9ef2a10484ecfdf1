//! `copy.deepcopy`: modules with parameters of their own, and what Python's containers hold.
use std::collections::BTreeMap;

use super::interp::{Eval, Interp, unsupported};
use super::value::Value;
use crate::diagnostic::Span;
use crate::ir::{ModuleId, ParamId};

/// What was copied already: two names of one module stay two names of one copy.
#[derive(Default)]
struct Copied {
    modules: BTreeMap<ModuleId, ModuleId>,
    params: BTreeMap<ParamId, ParamId>,
}

impl Interp<'_, '_> {
    /// A copy that shares nothing. The copies of a layer draw first values of their own, where Python copies numbers.
    pub(super) fn deep_copy(&mut self, value: &Value, span: Span) -> Eval<Value> {
        self.copied(value, &mut Copied::default(), span)
    }

    fn copied(&mut self, value: &Value, copied: &mut Copied, span: Span) -> Eval<Value> {
        self.step(span)?;
        self.check_nesting(value, span)?;
        match value {
            Value::Module(id) => Ok(Value::Module(self.copied_module(*id, copied, span)?)),
            Value::Param(id) => Ok(Value::Param(self.copied_param(*id, copied, span)?)),
            Value::Tuple(items) => {
                let items = items.iter().map(|item| self.copied(item, copied, span));
                Ok(Value::tuple(items.collect::<Eval<Vec<Value>>>()?))
            }
            Value::List(_) => {
                let items = self.iterate_known(value, span)?;
                let items = items.iter().map(|item| self.copied(item, copied, span));
                let items = items.collect::<Eval<Vec<Value>>>()?;
                self.new_list(items, span)
            }
            Value::Dict(id) => {
                let pairs = self.pairs(*id).into_iter();
                let pairs = pairs.map(|(key, item)| Ok((key, self.copied(&item, copied, span)?)));
                let pairs = pairs.collect::<Eval<Vec<(Value, Value)>>>()?;
                Ok(self.new_dict(pairs))
            }
            Value::Tensor(_) | Value::Object(_) => {
                let found = self.describe(value);
                Err(unsupported(span, format!("`copy.deepcopy` of {found}")))
            }
            other => Ok(other.clone()),
        }
    }

    fn copied_module(&mut self, id: ModuleId, copied: &mut Copied, span: Span) -> Eval<ModuleId> {
        if let Some(known) = copied.modules.get(&id) {
            return Ok(*known);
        }
        let original = self.state.modules[id].clone();
        let new = self.new_module(original.class.clone(), &original.class_name, original.span)?;
        copied.modules.insert(id, new);
        let mut copy = original.clone();
        for child in copy.children.values_mut() {
            *child = self.copied_module(*child, copied, span)?;
        }
        for param in copy.params.values_mut().chain(copy.buffers.values_mut()) {
            *param = self.copied_param(*param, copied, span)?;
        }
        for value in copy.attrs.values_mut() {
            if !Self::is_tensor(value) {
                *value = self.copied(&value.clone(), copied, span)?;
            }
        }
        self.state.modules[new] = copy;
        Ok(new)
    }

    fn copied_param(&mut self, id: ParamId, copied: &mut Copied, span: Span) -> Eval<ParamId> {
        if let Some(known) = copied.params.get(&id) {
            return Ok(*known);
        }
        let param = self.state.params[id].clone();
        self.count_elements(&param.shape, span)?;
        let new = self.state.params.push(param);
        copied.params.insert(id, new);
        Ok(new)
    }
}
