//! Whether the net computes the same at each call: one that counts its calls and computes with the count does not, and a
//! Program has no place for what a call leaves for the next.
use std::collections::BTreeMap;

use super::arena::Handle;
use super::frame::Frame;
use super::interp::{Eval, Interp, State, Stop, stop};
use super::value::{CellId, ClassId, FnId, Value};
use crate::ir::{Block, Expr, FunctionId, ModuleId, Op, Stmt, Tree, Type, VarId};
use crate::rules::Rule;

/// How the next call differs from the first.
enum Next {
    Same,
    Other,
    /// It reads a tensor that the first left.
    Reads(Box<Stop>),
}

impl<'a> Interp<'a, '_> {
    /// Traces `forward` again where a traced function has written what it did not make, and compares. What follows from
    /// sizes alone, as a mask, may be kept for the next call: it is computed anew. `constructed` is the state before the
    /// first call.
    pub(super) fn check_stateless(
        &mut self,
        net: ModuleId,
        class: ClassId,
        logits: FunctionId,
        constructed: &State<'a>,
    ) -> Eval<()> {
        let forward = self.class_function(class, "forward");
        let Some(forward) = forward.filter(|_| self.has_written(constructed)) else {
            return Ok(());
        };
        let message = "`forward` computes something else at the next call";
        match self.next_call(net, forward, logits, Some(constructed)) {
            Next::Same => {}
            Next::Other => {
                let place = self.state.fns[forward].span;
                return Err(stop(Rule::StateBetweenCalls, place, message).help(
                    "compute with what `forward` is given, with parameters and with buffers, not with what it wrote",
                ));
            }
            Next::Reads(found) => {
                return Err(stop(Rule::StateBetweenCalls, found.span, message)
                    .help("this is a tensor of the call before; take what `forward` is given"));
            }
        }
        if let Next::Reads(found) = self.next_call(net, forward, logits, None) {
            let message = "a tensor that `forward` keeps for the next call is computed anew at each call here";
            self.diags
                .warn(Rule::StateBetweenCalls, found.span, message)
                .help("that is the same for what never changes, as a mask");
        }
        Ok(())
    }

    /// Whether a traced function wrote an attribute, a container or a global name of the constructor.
    fn has_written(&self, constructed: &State) -> bool {
        let (old, new) = (constructed, &self.state);
        let globals = self.globals;
        new.generation > 0
            || old.scopes[globals].vars != new.scopes[globals].vars
            || old.lists.iter().any(|(id, list)| *list != new.lists[id])
            || old.dicts.iter().any(|(id, dict)| *dict != new.dicts[id])
            || old
                .objects
                .iter()
                .any(|(id, item)| *item != new.objects[id])
    }

    /// Traces the next call. Given the state of the constructor, what the first call kept of sizes is forgotten.
    fn next_call(
        &mut self,
        net: ModuleId,
        forward: FnId,
        logits: FunctionId,
        constructed: Option<&State<'a>>,
    ) -> Next {
        let state = self.state.clone();
        // What was traced before is not taken again.
        self.state.generation += 1;
        if let Some(constructed) = constructed {
            self.forget_sizes(constructed);
        }
        for id in (0..self.state.cells.len()).map(CellId::new) {
            self.state.cells[id].stale = Some("the call before computed it");
        }
        let (captions, place) = (self.rank_of_captions(logits), self.state.fns[forward].span);
        let next = match self.trace_entry(net, forward, captions, place) {
            Ok(next) if self.listing(next) == self.listing(logits) => Next::Same,
            Ok(_) => Next::Other,
            Err(found) if found.rule == Rule::StaleView => Next::Reads(found),
            // What the constructor's state allows fails now, for another reason than a tensor.
            Err(_) => Next::Same,
        };
        self.state = state;
        next
    }

    /// Attributes that hold what follows from sizes become what the constructor made them.
    fn forget_sizes(&mut self, constructed: &State) {
        for id in (0..self.state.modules.len()).map(ModuleId::new) {
            for name in std::mem::take(&mut self.state.modules[id].of_sizes) {
                let first = constructed
                    .modules
                    .find(id)
                    .and_then(|module| module.attrs.get(&name));
                let attrs = &mut self.state.modules[id].attrs;
                match first {
                    Some(first) => attrs.insert(name, first.clone()),
                    None => attrs.shift_remove(&name),
                };
            }
        }
    }

    /// Whether a value holds tensors, and they follow from sizes, numbers and what is never trained.
    pub(super) fn is_of_sizes(&self, value: &Value) -> bool {
        let items = self.items(value).unwrap_or_default();
        match value {
            Value::Tensor(cell) => {
                let (cell, frame) = (&self.state.cells[*cell], self.state.frames.last());
                let here = frame.filter(|_| cell.level == self.level());
                here.is_some_and(|frame| self.all_fixed(cell.var, frame))
            }
            _ => !items.is_empty() && items.iter().all(|item| self.is_of_sizes(item)),
        }
    }

    /// Whether a variable is the same at each call: what it is computed from, back to the first.
    fn all_fixed(&self, var: VarId, frame: &Frame) -> bool {
        let mut made = BTreeMap::new();
        for stmt in frame.statements() {
            if let Stmt::Let { out, expr, .. } = stmt {
                made.extend(out.vars().into_iter().map(|var| (var, expr)));
            }
        }
        self.charge(made.len());
        let (mut left, seen) = (vec![var], Expr::List(Vec::new()));
        while let Some(var) = left.pop() {
            // What was looked at once need not be again.
            match made.insert(var, &seen) {
                Some(expr) if self.is_fixed(expr) => left.extend(expr.vars()),
                _ => return false,
            }
        }
        true
    }

    /// Whether it gives the same for the same operands at each call.
    fn is_fixed(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Op { op, .. } => !matches!(op, Op::Random { .. } | Op::Dropout(_)),
            Expr::Param(param) => !self.state.params[*param].trainable,
            Expr::Call { function, .. } => {
                let body = &self.state.functions[*function].body;
                body.iter()
                    .all(|stmt| matches!(stmt, Stmt::Let { expr, .. } if self.is_fixed(expr)))
            }
            Expr::List(_) => true,
            Expr::Layer { .. } => false,
        }
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
        renumber_symbols(&text)
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

/// Loops and counts, `i7` and `c7`, with numbers in the order in which they are met.
fn renumber_symbols(text: &str) -> String {
    let mut met = Vec::new();
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    let renamed = words.map(|word| {
        let end = word
            .trim_end_matches(|c: char| !c.is_ascii_alphanumeric())
            .len();
        let (name, rest) = word.split_at(end);
        match name.split_at_checked(1) {
            Some(("i" | "c", digits)) if digits.parse::<u32>().is_ok() => {
                format!("symbol {}{rest}", place(name, &mut met))
            }
            _ => word.to_owned(),
        }
    });
    renamed.collect()
}
