//! What a kept loop hands from one iteration to the next.
use super::frame::{Candidate, OpenBlock, OpenLoop};
use super::interp::{Eval, Interp, stop, unsupported};
use super::loops::Counted;
use super::names::bound_names;
use super::tensor::shape_text;
use super::value::{ScopeId, Value};
use crate::diagnostic::Span;
use crate::ir::{Block, Carried, Dim, Loop, Stmt, Sym, Type, VarId};
use crate::rules::Rule;
use ruff_python_ast as ast;
use std::collections::{BTreeMap, BTreeSet};

impl<'a> Interp<'a, '_> {
    /// Opens the loop's block, with fresh variables for the tensors that its body may rebind.
    pub(super) fn open_loop(
        &mut self,
        repeat: &'a ast::StmtFor,
        scope: ScopeId,
        (index, count): (Sym, &Dim),
        growth: &Growth,
        span: Span,
    ) -> Eval<()> {
        let mut names = BTreeSet::new();
        bound_names(&repeat.body, &mut names);
        let frame = self.frame();
        frame.blocks.push(OpenBlock::default());
        frame.loops.push(OpenLoop {
            index: Some((index, count.clone())),
            ..OpenLoop::default()
        });
        for name in names {
            let Some(value) = self.state.scopes[scope].vars.get(&name).cloned() else {
                continue;
            };
            let mut position = 0;
            let fresh = self.map_tensors(&value, &mut |interp, tensor| {
                let grows = growth.get(&(name.clone(), position));
                let candidate = interp.candidate(&name, position, tensor, (index, grows), span)?;
                position += 1;
                Ok(candidate)
            })?;
            if let Some(open) = self.frame().loops.last_mut() {
                open.entry.push((name.clone(), fresh.clone()));
            }
            self.state.scopes[scope].vars.insert(name, fresh);
        }
        Ok(())
    }

    pub(super) fn candidate(
        &mut self,
        name: &str,
        position: usize,
        tensor: &Value,
        (index, grows): (Sym, Option<&Vec<i64>>),
        span: Span,
    ) -> Eval<Value> {
        let mut operand = self.operand(tensor, "a variable of the loop", span)?;
        let rates = grows.cloned().unwrap_or_else(|| vec![0; operand.rank()]);
        operand.ty.shape = grown_shape(operand.shape(), &rates, &Dim::symbol(index), span)?;
        let frame = self.frame();
        let current = frame.var(Type::Tensor(operand.ty.clone()));
        let python_name = frame
            .vars
            .find(operand.var)
            .and_then(|var| var.name.clone());
        frame.name_var(current, python_name.as_deref().unwrap_or(name));
        let fresh = self.new_cell(current, operand.ty);
        let cells = match (tensor, &fresh) {
            (Value::Tensor(outside), Value::Tensor(inside)) => Some((*outside, *inside)),
            _ => None,
        };
        let candidate = Candidate {
            name: name.to_owned(),
            position,
            init: operand.var,
            current,
            rates,
            cells,
        };
        if let Some(open) = self.frame().loops.last_mut() {
            open.candidates.push(candidate);
        }
        Ok(fresh)
    }

    /// The variables that the candidates' names hold now: at the end of an iteration, or at a `break`.
    pub(super) fn next_vars(
        &mut self,
        scope: ScopeId,
        at_end: bool,
        span: Span,
    ) -> Eval<Vec<VarId>> {
        let candidates = self
            .frame()
            .loops
            .last()
            .map(|open| open.candidates.clone())
            .unwrap_or_default();
        let mut next = Vec::with_capacity(candidates.len());
        for candidate in &candidates {
            next.push(self.next_var(candidate, scope, at_end, span)?);
        }
        Ok(next)
    }

    pub(super) fn next_var(
        &mut self,
        candidate: &Candidate,
        scope: ScopeId,
        at_end: bool,
        span: Span,
    ) -> Eval<VarId> {
        let value = self.state.scopes[scope]
            .vars
            .get(&candidate.name)
            .cloned()
            .unwrap_or(Value::None);
        let mut tensors = Vec::new();
        self.map_tensors(&value, &mut |_, tensor| {
            tensors.push(tensor.clone());
            Ok(tensor.clone())
        })?;
        let Some(tensor) = tensors.get(candidate.position) else {
            let message = format!(
                "`{}` holds a tensor when the loop starts and none after an iteration",
                candidate.name
            );
            return Err(stop(Rule::LoopTypeChanges, span, message));
        };
        let operand = self.operand(tensor, "a variable of the loop", span)?;
        let at_top = self.var_type(candidate.current, span)?;
        let mut at_bottom = at_top.clone();
        at_bottom.shape = grown_shape(&at_top.shape, &candidate.rates, &Dim::constant(1), span)?;
        if operand.ty == at_bottom || (!at_end && operand.ty == at_top) {
            return Ok(operand.var);
        }
        // It may grow by the same amount in every iteration: the next attempt will tell.
        if operand.ty.dtype == at_top.dtype
            && let Some(rates) = growth_rates(&at_top.shape, operand.shape())
        {
            self.found_growth
                .insert((candidate.name.clone(), candidate.position), rates);
        }
        let (before, after) = (shape_text(&at_top.shape), shape_text(operand.shape()));
        let message = format!(
            "`{}` is {before} when an iteration starts and {after} when it ends",
            candidate.name
        );
        Err(stop(Rule::LoopTypeChanges, span, message))
    }

    pub(super) fn var_type(&mut self, var: VarId, span: Span) -> Eval<crate::ir::TensorType> {
        match self.frame().vars.find(var).map(|var| var.ty.clone()) {
            Some(Type::Tensor(ty)) => Ok(ty),
            _ => Err(unsupported(span, "a list as a variable of the loop")),
        }
    }

    /// The scope of the function whose kept loop is open: the newest that is not a comprehension's.
    pub(super) fn loop_scope(&mut self, span: Span) -> Eval<ScopeId> {
        self.state
            .call_scopes
            .last()
            .copied()
            .ok_or_else(|| unsupported(span, "a loop outside a function"))
    }

    pub(super) fn close_loop(
        &mut self,
        repeat: &'a ast::StmtFor,
        counted: &Counted,
        index: Sym,
        scope: ScopeId,
        before: &BTreeSet<String>,
    ) -> Eval<()> {
        let span = self.span(repeat);
        let next = self.next_vars(scope, true, span)?;
        self.check_known_values(scope, span)?;
        let frame = self.frame();
        let open = frame.loops.pop().unwrap_or_default();
        let mut body = frame.blocks.pop().unwrap_or_default().into_items();
        let changed: Vec<bool> = open
            .candidates
            .iter()
            .zip(&next)
            .map(|(old, new)| old.current != *new)
            .collect();
        let counts = self.counts(counted, open.has_break);
        let mut carried = Vec::new();
        for ((candidate, next), changed) in open.candidates.iter().zip(&next).zip(&changed) {
            let result = if *changed {
                let result = self.result_var(candidate, &counts, &body, span)?;
                carried.push(Carried {
                    init: candidate.init,
                    current: candidate.current,
                    next: *next,
                    result,
                });
                result
            } else {
                super::rewrite::replace_var(&mut body, candidate.current, candidate.init);
                candidate.init
            };
            self.rebind(scope, candidate, result, span)?;
            self.mark_outside(candidate);
        }
        super::rewrite::keep_breaks(&mut body, &changed);
        self.settle_lists(&counts, span)?;
        let name = match repeat.target.as_ref() {
            ast::Expr::Name(name) => name.id.to_string(),
            _ => String::new(),
        };
        let kept = Loop {
            index,
            name,
            count: counted.count.clone(),
            carried,
            body,
            span,
        };
        self.frame().push(Stmt::Loop(kept));
        self.forget_names(scope, before);
        Ok(())
    }

    /// A tensor that the loop wrote in place under one name is out of date under every other.
    pub(super) fn mark_outside(&mut self, candidate: &Candidate) {
        if let Some((outside, inside)) = candidate.cells
            && self.state.cells[inside].version > 0
        {
            self.state.cells[outside].stale = Some("a loop wrote it in place under another name");
        }
    }

    /// How often what stands before and what stands after a `break` ran.
    pub(super) fn counts(&mut self, counted: &Counted, has_break: bool) -> Counts {
        if !has_break {
            return Counts {
                before_break: counted.count.clone(),
                after_break: counted.count.clone(),
            };
        }
        let mut unknown = || Dim::symbol(Sym::Count(self.fresh_symbol()));
        Counts {
            before_break: unknown(),
            after_break: unknown(),
        }
    }

    /// The variable that holds a candidate after the loop.
    pub(super) fn result_var(
        &mut self,
        candidate: &Candidate,
        counts: &Counts,
        body: &Block,
        span: Span,
    ) -> Eval<VarId> {
        let mut ty = self.var_type(candidate.init, span)?;
        let count = if grows_before_breaks(candidate, body) {
            counts.before_break.clone()
        } else {
            // Broken off in the first iteration, it has not grown at all.
            counts
                .after_break
                .sub(&Dim::constant(1))
                .unwrap_or_default()
        };
        ty.shape = grown_shape(&ty.shape, &candidate.rates, &count, span)?;
        let frame = self.frame();
        let name = frame
            .vars
            .find(candidate.current)
            .and_then(|var| var.name.clone());
        let result = frame.var(Type::Tensor(ty));
        if let Some(name) = name {
            frame.name_var(result, &name);
        }
        Ok(result)
    }

    /// Gives the candidate's place in its name's value the variable that holds it after the loop.
    pub(super) fn rebind(
        &mut self,
        scope: ScopeId,
        candidate: &Candidate,
        var: VarId,
        span: Span,
    ) -> Eval<()> {
        let value = self.state.scopes[scope]
            .vars
            .get(&candidate.name)
            .cloned()
            .unwrap_or(Value::None);
        let ty = self.var_type(var, span)?;
        let mut position = 0;
        let rebound = self.map_tensors(&value, &mut |interp, tensor| {
            position += 1;
            Ok(if position - 1 == candidate.position {
                interp.new_cell(var, ty.clone())
            } else {
                tensor.clone()
            })
        })?;
        self.state.scopes[scope]
            .vars
            .insert(candidate.name.clone(), rebound);
        Ok(())
    }

    /// Known values must be the same in every iteration: the body was run once for all of them.
    pub(super) fn check_known_values(&mut self, scope: ScopeId, span: Span) -> Eval<()> {
        let entry = self
            .frame()
            .loops
            .last()
            .map(|open| open.entry.clone())
            .unwrap_or_default();
        for (name, before) in entry {
            let after = self.state.scopes[scope]
                .vars
                .get(&name)
                .cloned()
                .unwrap_or(Value::None);
            if skeleton(&before) != skeleton(&after) {
                let (before, after) = (self.describe(&before), self.describe(&after));
                let message = format!(
                    "`{name}` is {before} when an iteration starts and {after} when it ends"
                );
                return Err(stop(Rule::LoopTypeChanges, span, message));
            }
        }
        Ok(())
    }

    /// Names that only the body binds hold nothing that can be read after the loop.
    pub(super) fn forget_names(&mut self, scope: ScopeId, before: &BTreeSet<String>) {
        let scope = &mut self.state.scopes[scope];
        let new: Vec<String> = scope
            .vars
            .keys()
            .filter(|name| !before.contains(*name))
            .cloned()
            .collect();
        for name in new {
            scope.vars.shift_remove(&name);
            scope.poisoned.push(name);
        }
    }
}

/// How much each axis of a carried tensor grows in an iteration, by name and position.
pub(super) type Growth = BTreeMap<(String, usize), Vec<i64>>;

/// How often the parts of a loop's body ran.
pub(super) struct Counts {
    pub(super) before_break: Dim,
    pub(super) after_break: Dim,
}

/// A shape whose axes grew `count` times.
pub(super) fn grown_shape(shape: &[Dim], rates: &[i64], count: &Dim, span: Span) -> Eval<Vec<Dim>> {
    let grown = shape
        .iter()
        .zip(rates)
        .map(|(size, rate)| count.mul(&Dim::constant(*rate))?.add(size));
    grown
        .collect::<Option<Vec<Dim>>>()
        .ok_or_else(|| super::expr::overflow(span))
}

/// By how much each axis grew, when all grew by known amounts and none shrank.
pub(super) fn growth_rates(before: &[Dim], after: &[Dim]) -> Option<Vec<i64>> {
    if before.len() != after.len() {
        return None;
    }
    let rates = before
        .iter()
        .zip(after)
        .map(|(before, after)| after.sub(before)?.as_constant().filter(|rate| *rate >= 0));
    rates.collect()
}

/// Whether every `break` of the body leaves with what the iteration made of the candidate.
pub(super) fn grows_before_breaks(candidate: &Candidate, body: &Block) -> bool {
    !body
        .iter()
        .any(|stmt| matches!(stmt, Stmt::BreakIf { next, .. } if next.contains(&candidate.current)))
}

/// The value with every tensor forgotten.
pub(super) fn skeleton(value: &Value) -> Value {
    match value {
        Value::Tensor(_) => Value::Ellipsis,
        Value::Tuple(items) => Value::tuple(items.iter().map(skeleton).collect()),
        other => other.clone(),
    }
}
