//! Whether the net computes the same at each call: one that counts its calls and computes with the count does not, and a
//! Program has no place for such a number.
use super::arena::Arena;
use super::interp::{Eval, Interp, stop};
use super::module::ModuleState;
use super::value::{ClassId, FnId, Value};
use crate::ir::{Block, Expr, FunctionId, ModuleId, Stmt, Tree, Type};
use crate::rules::Rule;

type Modules = Arena<ModuleId, ModuleState>;

impl Interp<'_, '_> {
    /// Traces `forward` again where a traced function has written attributes, and compares. A tensor that a call leaves
    /// for the next is worked out anew: most nets keep what does not change, as a mask. `constructed` are the modules
    /// before the first call.
    pub(super) fn check_stateless(
        &mut self,
        net: ModuleId,
        class: ClassId,
        logits: FunctionId,
        constructed: &Modules,
    ) -> Eval<()> {
        let forward = self.class_function(class, "forward");
        let Some(forward) = forward.filter(|_| self.state.generation > 0) else {
            return Ok(());
        };
        let place = self.state.fns[forward].span;
        if self.differs(net, forward, logits, Some(constructed)) {
            let message = "`forward` computes something else at the next call, because of an attribute that is written";
            return Err(stop(Rule::StateBetweenCalls, place, message)
                .help("compute with what `forward` is given, with parameters and with buffers"));
        }
        if self.differs(net, forward, logits, None) {
            let message = "a tensor that `forward` leaves for the next call is computed anew at each call here";
            self.diags
                .warn(Rule::StateBetweenCalls, place, message)
                .help("that is the same for what never changes, as a mask");
        }
        Ok(())
    }

    /// Whether the next call computes something else; with the tensors that the calls left, or without.
    fn differs(
        &mut self,
        net: ModuleId,
        forward: FnId,
        logits: FunctionId,
        constructed: Option<&Modules>,
    ) -> bool {
        let state = self.state.clone();
        // What was traced before is not taken again.
        self.state.generation += 1;
        if let Some(constructed) = constructed {
            self.forget_tensors(constructed);
        }
        let (captions, place) = (self.rank_of_captions(logits), self.state.fns[forward].span);
        let again = self.trace_entry(net, forward, captions, place);
        let differs = again.is_ok_and(|again| self.listing(again) != self.listing(logits));
        self.state = state;
        differs
    }

    /// Attributes that hold tensors become what the constructor made them.
    fn forget_tensors(&mut self, constructed: &Modules) {
        let written: Vec<(ModuleId, String)> = self
            .state
            .modules
            .iter()
            .flat_map(|(id, module)| {
                module
                    .attrs
                    .iter()
                    .map(move |(name, value)| (id, name, value))
            })
            .filter(|(.., value)| self.holds_tensor(value))
            .map(|(id, name, _)| (id, name.clone()))
            .collect();
        for (id, name) in written {
            let first = constructed
                .find(id)
                .and_then(|module| module.attrs.get(&name));
            let attrs = &mut self.state.modules[id].attrs;
            match first {
                Some(first) => attrs.insert(name, first.clone()),
                None => attrs.shift_remove(&name),
            };
        }
    }

    fn holds_tensor(&self, value: &Value) -> bool {
        let items = self.items(value).unwrap_or_default();
        matches!(value, Value::Tensor(_)) || items.iter().any(|item| self.holds_tensor(item))
    }

    fn rank_of_captions(&self, logits: FunctionId) -> Option<usize> {
        let function = &self.state.functions[logits];
        let Tree::Var(captions) = function.params.get(1)?.tree else {
            return None;
        };
        match &function.vars.get(captions.index())?.ty {
            Type::Tensor(ty) => Some(ty.shape.len()),
            Type::List { .. } => None,
        }
    }

    /// A function and what it calls as text, in which functions and the layers that calls make have numbers of their own.
    fn listing(&self, root: FunctionId) -> String {
        let (mut text, mut met) = (String::new(), Met::default());
        met.functions.push(root);
        let mut at = 0;
        while let Some(id) = met.functions.get(at).copied() {
            let mut function = self.state.functions[id].clone();
            function.variant = None;
            self.number(&mut function.body, &mut met);
            text.push_str(&function.to_string());
            at += 1;
        }
        text
    }

    fn number(&self, block: &mut Block, met: &mut Met) {
        for stmt in block {
            match stmt {
                Stmt::Let { expr, .. } => match expr {
                    Expr::Call { function, .. } => {
                        function.0 = place(*function, &mut met.functions);
                    }
                    Expr::Layer { layer, .. } if self.state.modules[*layer].is_fresh => {
                        layer.0 = u32::MAX - place(*layer, &mut met.layers);
                    }
                    _ => {}
                },
                Stmt::Loop(inner) => self.number(&mut inner.body, met),
                Stmt::BreakIf { .. } | Stmt::Push { .. } => {}
            }
        }
    }
}

/// In the order in which they are met.
#[derive(Default)]
struct Met {
    functions: Vec<FunctionId>,
    layers: Vec<ModuleId>,
}

fn place<T: PartialEq>(item: T, met: &mut Vec<T>) -> u32 {
    let found = met.iter().position(|known| *known == item);
    let at = found.unwrap_or_else(|| {
        met.push(item);
        met.len() - 1
    });
    u32::try_from(at).unwrap_or(u32::MAX)
}
