//! The modules that `modules()` and `apply` meet, with the layers inside of torch's attention and transformers: loops that
//! choose first values by `isinstance(m, nn.Linear)` reach those too.
use indexmap::IndexMap;

use super::super::interp::{Eval, Interp};
use super::super::module::ModuleClass;
use super::join;
use crate::ir::{ModuleId, ParamId};

type Parts = IndexMap<String, IndexMap<String, ParamId>>;

impl Interp<'_, '_> {
    /// The module and all below it with their names, each once, as Python sees them.
    pub(super) fn visible_modules(&mut self, id: ModuleId) -> Eval<Vec<(String, ModuleId)>> {
        let mut visible = Vec::new();
        for (name, module) in self.named_modules(id, "") {
            if !self.state.modules[module].is_inherited {
                visible.push((name.clone(), module));
            }
            for (path, params) in self.parts(module) {
                visible.push((join(&name, &path), self.part(module, &path, params)?));
            }
        }
        Ok(visible)
    }

    /// The tensors of a layer whose names have several parts (`linear1.weight`), by the path of the layer inside.
    fn parts(&self, id: ModuleId) -> Parts {
        let module = &self.state.modules[id];
        let mut parts = Parts::new();
        if matches!(module.class, ModuleClass::Layer(_)) {
            for (name, param) in &module.params {
                if let Some((path, own)) = name.rsplit_once('.') {
                    let part = parts.entry(path.to_owned()).or_default();
                    part.insert(own.to_owned(), *param);
                }
            }
        }
        parts
    }

    /// A layer inside of another, to be asked for its class and its weights.
    fn part(
        &mut self,
        of: ModuleId,
        path: &str,
        params: IndexMap<String, ParamId>,
    ) -> Eval<ModuleId> {
        let name = path.rsplit('.').next().unwrap_or(path);
        let class = if name.ends_with("attn") {
            "MultiheadAttention"
        } else if name.contains("norm") {
            "LayerNorm"
        } else {
            "Linear"
        };
        let span = self.state.modules[of].span;
        let kind = ModuleClass::Function {
            path: format!("torch.nn.{class}").into(),
            args: Vec::new(),
        };
        let part = self.new_module(kind, class, span)?;
        self.state.modules[part].params = params;
        Ok(part)
    }
}
