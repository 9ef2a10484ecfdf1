//! Whether the net computes the same at each call: one that counts its calls and computes with the count does not, and a
//! Program has no place for such a number.
use super::interp::{Eval, Interp, stop};
use super::value::ClassId;
use crate::diagnostic::Span;
use crate::ir::{Block, Expr, FunctionId, ModuleId, Stmt, Tree, Type};
use crate::rules::Rule;

impl Interp<'_, '_> {
    /// Traces `forward` again where a traced function has written attributes, and compares. A net that cannot be traced
    /// again reads a tensor of the call before, as one that keeps a mask for the next call does.
    pub(super) fn check_stateless(
        &mut self,
        net: ModuleId,
        class: ClassId,
        logits: FunctionId,
        span: Span,
    ) -> Eval<()> {
        let forward = self.class_function(class, "forward");
        let Some(forward) = forward.filter(|_| self.state.generation > 0) else {
            return Ok(());
        };
        let state = self.state.clone();
        // What was traced before is not taken again.
        self.state.generation += 1;
        let again = self.trace_entry(net, forward, self.rank_of_captions(logits), span);
        let is_same = again.map_or(true, |again| self.listing(again) == self.listing(logits));
        self.state = state;
        if is_same {
            return Ok(());
        }
        let place = self.state.fns[forward].span;
        let message = "`forward` computes something else at the next call, because of an attribute that is written";
        Err(stop(Rule::StateBetweenCalls, place, message)
            .help("compute with what `forward` is given, with parameters and with buffers"))
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
