//! Loops: run out over known items, or kept as loops of the Program.
//!
//! A loop is kept when its count is symbolic or when the data may break it; a loop of constant count over tensors is kept
//! when one pass over its body is enough to know all passes, and unrolled otherwise. A kept loop is evaluated once, on
//! variables that stand for the values at the start of any iteration; the values at its end must have the same types.
use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast as ast;
use ruff_python_ast::Stmt as Syntax;

use super::frame::{Candidate, OpenLoop};
use super::interp::{Eval, Interp, State, raised, root_name, stop, unsupported};
use super::stmt::Flow;
use super::tensor::shape_text;
use super::value::{Grown, List, ListId, Object, ScopeId, Value};
use crate::diagnostic::Span;
use crate::ir::{Block, Carried, DType, Dim, Expr, Loop, Stmt, Sym, Tree, Type, VarId};
use crate::rules::Rule;

/// A counted loop: `start, start + step, ...`, `count` numbers.
struct Counted {
    start: Dim,
    step: Dim,
    count: Dim,
}

/// How much each axis of a carried tensor grows in an iteration, by name and position.
pub(super) type Growth = BTreeMap<(String, usize), Vec<i64>>;

impl<'a> Interp<'a, '_> {
    pub(super) fn exec_for(&mut self, repeat: &'a ast::StmtFor, scope: ScopeId) -> Eval<Flow> {
        let iterable = self.eval(&repeat.iter, scope)?;
        let span = self.span(repeat.target.as_ref());
        if let Value::Object(id) = &iterable
            && matches!(
                self.state.objects[*id],
                Object::Loader | Object::NumberedLoader
            )
        {
            let numbered = self.state.objects[*id] == Object::NumberedLoader;
            return self.exec_batches(repeat, numbered, scope);
        }
        if let Value::Range(range) = &iterable
            && !self.state.frames.is_empty()
        {
            let counted = self.counted(range, span)?;
            if let Some(flow) = self.exec_counted(repeat, &counted, scope)? {
                return Ok(flow);
            }
        }
        let items = self.iterate(&iterable, span)?;
        self.exec_items(repeat, items, scope)
    }

    /// Runs the body for each item.
    fn exec_items(
        &mut self,
        repeat: &'a ast::StmtFor,
        items: Vec<Value>,
        scope: ScopeId,
    ) -> Eval<Flow> {
        let span = self.span(repeat.target.as_ref());
        for item in items {
            self.step(span)?;
            self.assign(&repeat.target, item, scope)?;
            match self.exec_block(&repeat.body, scope)? {
                Flow::Break => return Ok(Flow::Next),
                Flow::Return(value) => return Ok(Flow::Return(value)),
                Flow::Next | Flow::Continue => {}
            }
        }
        self.exec_block(&repeat.orelse, scope)
    }

    /// `learn` over its batches: the body runs once, on a batch that stands for all.
    fn exec_batches(
        &mut self,
        repeat: &'a ast::StmtFor,
        numbered: bool,
        scope: ScopeId,
    ) -> Eval<Flow> {
        let span = self.span(repeat.target.as_ref());
        let mut batch = self.abstract_batch(span)?;
        if numbered {
            batch = Value::tuple(vec![Value::Unknown, batch]);
        }
        self.assign(&repeat.target, batch, scope)?;
        match self.exec_block(&repeat.body, scope)? {
            Flow::Next | Flow::Continue => Ok(Flow::Next),
            Flow::Break => Err(stop(
                Rule::LearnNotUnderstood,
                span,
                "`learn` stops after its first batch",
            )),
            Flow::Return(_) => Err(stop(
                Rule::LearnNotUnderstood,
                span,
                "`learn` returns after its first batch",
            )),
        }
    }

    fn counted(&self, range: &[Dim; 3], span: Span) -> Eval<Counted> {
        let [start, end, step] = range;
        let length = end.sub(start).ok_or_else(|| super::expr::overflow(span))?;
        let count = match (length.as_constant(), step.as_constant()) {
            (_, Some(1)) => length,
            (Some(length), Some(step)) if step != 0 => {
                let steps = if step > 0 {
                    (length + step - 1).div_euclid(step)
                } else {
                    (length + step + 1) / step
                };
                Dim::constant(steps.max(0))
            }
            _ => {
                return Err(stop(
                    Rule::UndecidableDim,
                    span,
                    "the length of this `range` is not known",
                ));
            }
        };
        Ok(Counted {
            start: start.clone(),
            step: step.clone(),
            count,
        })
    }

    /// Keeps a counted loop, if it must or can be; nothing where it is to be unrolled.
    fn exec_counted(
        &mut self,
        repeat: &'a ast::StmtFor,
        counted: &Counted,
        scope: ScopeId,
    ) -> Eval<Option<Flow>> {
        let count = counted.count.as_constant();
        if count.is_some_and(|count| count < 2) {
            return Ok(None);
        }
        let saved: State<'a> = self.state.clone();
        let mut growth = Growth::new();
        loop {
            self.found_growth.clear();
            let finding = match self.exec_kept(repeat, counted, scope, &growth) {
                Ok(flow) => return Ok(Some(flow)),
                Err(finding) => finding,
            };
            self.state = saved.clone();
            let found = std::mem::take(&mut self.found_growth);
            if found.keys().any(|key| !growth.contains_key(key)) {
                growth.extend(found);
            } else if count.is_none()
                || (has_data_break(&repeat.body) && finding.rule != Rule::DataDependentControl)
            {
                // What only a kept loop can do says so; everything else may work unrolled.
                return Err(finding);
            } else {
                return Ok(None);
            }
        }
    }

    fn exec_kept(
        &mut self,
        repeat: &'a ast::StmtFor,
        counted: &Counted,
        scope: ScopeId,
        growth: &Growth,
    ) -> Eval<Flow> {
        let span = self.span(repeat);
        if !repeat.orelse.is_empty() {
            return Err(unsupported(span, "`else` of a loop that stays a loop"));
        }
        if !counted.count.is_at_least(0) {
            return Err(stop(
                Rule::UndecidableDim,
                span,
                format!(
                    "the loop runs `{}` times, which may be negative",
                    counted.count
                ),
            ));
        }
        let index = Sym::Index(self.fresh_symbol());
        let before: Vec<String> = self.state.scopes[scope].vars.keys().cloned().collect();
        self.open_loop(repeat, scope, index, growth, span)?;
        let position = Dim::symbol(index)
            .mul(&counted.step)
            .and_then(|offset| offset.add(&counted.start));
        let position = position.ok_or_else(|| super::expr::overflow(span))?;
        self.assign(&repeat.target, Value::Int(position), scope)?;
        match self.exec_block(&repeat.body, scope)? {
            Flow::Next => {}
            Flow::Return(_) => {
                return Err(unsupported(span, "`return` in a loop that stays a loop"));
            }
            Flow::Break | Flow::Continue => {
                return Err(unsupported(
                    span,
                    "`break` or `continue` for all iterations",
                ));
            }
        }
        self.close_loop(repeat, counted, index, scope, &before)?;
        Ok(Flow::Next)
    }

    /// Opens the loop's block, with fresh variables for the tensors that its body may rebind.
    fn open_loop(
        &mut self,
        repeat: &'a ast::StmtFor,
        scope: ScopeId,
        index: Sym,
        growth: &Growth,
        span: Span,
    ) -> Eval<()> {
        let mut names = BTreeSet::new();
        bound_names(&repeat.body, &mut names);
        let frame = self.frame(span)?;
        frame.blocks.push(Block::new());
        frame.loops.push(OpenLoop::default());
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
            if let Some(open) = self.frame(span)?.loops.last_mut() {
                open.entry.push((name.clone(), fresh.clone()));
            }
            self.state.scopes[scope].vars.insert(name, fresh);
        }
        Ok(())
    }

    fn candidate(
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
        let frame = self.frame(span)?;
        let current = frame.var(Type::Tensor(operand.ty.clone()));
        let python_name = frame
            .vars
            .get(operand.var.index())
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
        if let Some(open) = self.frame(span)?.loops.last_mut() {
            open.candidates.push(candidate);
        }
        Ok(fresh)
    }

    /// The variables that the candidates' names hold now: at the end of an iteration, or at a `break`.
    fn next_vars(&mut self, scope: ScopeId, at_end: bool, span: Span) -> Eval<Vec<VarId>> {
        let candidates = self
            .frame(span)?
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

    fn next_var(
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

    fn var_type(&mut self, var: VarId, span: Span) -> Eval<crate::ir::TensorType> {
        match self
            .frame(span)?
            .vars
            .get(var.index())
            .map(|var| var.ty.clone())
        {
            Some(Type::Tensor(ty)) => Ok(ty),
            _ => Err(unsupported(span, "a list as a variable of the loop")),
        }
    }

    /// `if cond: break` on a tensor, in the body of a kept loop. False where the statement is something else.
    pub(super) fn break_if(
        &mut self,
        test: &Value,
        branch: &'a ast::StmtIf,
        span: Span,
    ) -> Eval<bool> {
        let only_break = matches!(branch.body.as_slice(), [Syntax::Break(_)])
            && branch.elif_else_clauses.is_empty();
        if !only_break
            || !Self::is_tensor(test)
            || self
                .state
                .frames
                .last()
                .is_none_or(|frame| frame.loops.is_empty())
        {
            return Ok(false);
        }
        let condition = self.operand(test, "the condition", span)?;
        if self.n_elements(condition.shape(), span)? != Dim::constant(1) {
            let message = format!(
                "the condition is a tensor {}, and a truth needs one element",
                shape_text(condition.shape())
            );
            return Err(stop(Rule::DataDependentControl, span, message)
                .help("reduce it with `.all()` or `.any()`"));
        }
        let condition = self.cast(condition, DType::Bool, span)?;
        let scope = self.loop_scope(span)?;
        let next = self.next_vars(scope, false, span)?;
        let frame = self.frame(span)?;
        frame.push(Stmt::BreakIf {
            cond: condition.var,
            next,
            span,
        });
        if let Some(open) = frame.loops.last_mut() {
            open.has_break = true;
        }
        Ok(true)
    }

    /// The scope of the function whose kept loop is open: the newest that is not a comprehension's.
    fn loop_scope(&mut self, span: Span) -> Eval<ScopeId> {
        self.state
            .call_scopes
            .last()
            .copied()
            .ok_or_else(|| unsupported(span, "a loop outside a function"))
    }

    fn close_loop(
        &mut self,
        repeat: &'a ast::StmtFor,
        counted: &Counted,
        index: Sym,
        scope: ScopeId,
        before: &[String],
    ) -> Eval<()> {
        let span = self.span(repeat);
        let next = self.next_vars(scope, true, span)?;
        self.check_known_values(scope, span)?;
        let frame = self.frame(span)?;
        let open = frame.loops.pop().unwrap_or_default();
        let mut body = frame.blocks.pop().unwrap_or_default();
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
        self.frame(span)?.push(Stmt::Loop(kept));
        self.forget_names(scope, before);
        Ok(())
    }

    /// A tensor that the loop wrote in place under one name is out of date under every other.
    fn mark_outside(&mut self, candidate: &Candidate) {
        if let Some((outside, inside)) = candidate.cells
            && self.state.cells[inside].version > 0
        {
            self.state.cells[outside].stale = Some("a loop wrote it in place under another name");
        }
    }

    /// How often what stands before and what stands after a `break` ran.
    fn counts(&mut self, counted: &Counted, has_break: bool) -> Counts {
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
    fn result_var(
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
        let frame = self.frame(span)?;
        let name = frame
            .vars
            .get(candidate.current.index())
            .and_then(|var| var.name.clone());
        let result = frame.var(Type::Tensor(ty));
        if let Some(name) = name {
            frame.name_var(result, &name);
        }
        Ok(result)
    }

    /// Gives the candidate's place in its name's value the variable that holds it after the loop.
    fn rebind(
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
    fn check_known_values(&mut self, scope: ScopeId, span: Span) -> Eval<()> {
        let entry = self
            .frame(span)?
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
    fn forget_names(&mut self, scope: ScopeId, before: &[String]) {
        let scope = &mut self.state.scopes[scope];
        let new: Vec<String> = scope
            .vars
            .keys()
            .filter(|name| !before.contains(name))
            .cloned()
            .collect();
        for name in new {
            scope.vars.shift_remove(&name);
            scope.poisoned.push(name);
        }
    }

    /// `list.append(item)`.
    pub(super) fn append(&mut self, id: ListId, item: Value, span: Span) -> Eval<()> {
        let depth = self.n_open_loops();
        match &mut self.state.lists[id] {
            List::Known {
                items,
                depth: made_at,
            } if *made_at >= depth => {
                items.push(item);
                if items.len() > super::interp::MAX_ITEMS {
                    return Err(stop(
                        Rule::LimitExceeded,
                        span,
                        "a list grows beyond its limit",
                    ));
                }
                Ok(())
            }
            List::Known {
                items,
                depth: made_at,
            } => {
                let (items, made_at) = (items.clone(), *made_at);
                self.grow(id, &items, made_at, &item, span)?;
                self.append(id, item, span)
            }
            List::Grown(_) => self.push_grown(id, &item, depth, span),
        }
    }

    /// Turns a list into a variable, because a kept loop appends to it.
    fn grow(
        &mut self,
        id: ListId,
        items: &[Value],
        depth: usize,
        item: &Value,
        span: Span,
    ) -> Eval<()> {
        let ty = self.operand(item, "an item of the list", span)?.ty;
        let mut first = Vec::new();
        for item in items {
            let operand = self.operand(item, "an item of the list", span)?;
            if operand.ty != ty {
                let (a, b) = (shape_text(operand.shape()), shape_text(&ty.shape));
                return Err(stop(
                    Rule::ShapeMismatch,
                    span,
                    format!("the list holds tensors {a} and gets one {b}"),
                ));
            }
            first.push(operand.var);
        }
        let before = Dim::from(items.len());
        let frame_idx = self.state.frames.len().saturating_sub(1);
        let name = self.name_of_list(id);
        let frame = self.frame(span)?;
        let var = frame.var(Type::List {
            item: ty.clone(),
            length: before.clone(),
        });
        if let Some(name) = name {
            frame.name_var(var, &name);
        }
        frame.push_at(
            depth,
            Stmt::Let {
                out: Tree::Var(var),
                expr: Expr::List(first),
                span,
            },
        );
        let grown = Grown {
            frame: frame_idx,
            var,
            item: ty,
            length: None,
            before,
            appended: 0,
            after_break: false,
            depth,
        };
        self.state.lists[id] = List::Grown(grown);
        Ok(())
    }

    fn name_of_list(&self, id: ListId) -> Option<String> {
        let scope = &self.state.scopes[*self.state.call_scopes.last()?];
        scope
            .vars
            .iter()
            .find(|(_, value)| **value == Value::List(id))
            .map(|(name, _)| name.clone())
    }

    fn push_grown(&mut self, id: ListId, item: &Value, depth: usize, span: Span) -> Eval<()> {
        let operand = self.operand(item, "an item of the list", span)?;
        let List::Grown(grown) = &mut self.state.lists[id] else {
            return Ok(());
        };
        if grown.item != operand.ty {
            let (a, b) = (shape_text(&grown.item.shape), shape_text(operand.shape()));
            return Err(stop(
                Rule::ShapeMismatch,
                span,
                format!("the list holds tensors {a} and gets one {b}"),
            ));
        }
        if grown.length.is_some() || depth != grown.depth + 1 {
            return Err(unsupported(
                span,
                "appending to this list again, in or after another loop",
            ));
        }
        let after_break = self
            .state
            .frames
            .last()
            .and_then(|frame| frame.loops.last())
            .is_some_and(|open| open.has_break);
        if grown.appended > 0 && grown.after_break != after_break {
            return Err(unsupported(
                span,
                "appending to a list before and after a `break`",
            ));
        }
        grown.appended += 1;
        grown.after_break = after_break;
        let list = grown.var;
        self.frame(span)?.push(Stmt::Push {
            list,
            item: operand.var,
            span,
        });
        Ok(())
    }

    /// Fixes the lengths of the lists that the closed loop filled.
    fn settle_lists(&mut self, counts: &Counts, span: Span) -> Eval<()> {
        let frame_idx = self.state.frames.len().saturating_sub(1);
        let depth = self.n_open_loops();
        let ids: Vec<ListId> = self.state.lists.iter().map(|(id, _)| id).collect();
        for id in ids {
            let List::Grown(grown) = &mut self.state.lists[id] else {
                continue;
            };
            if grown.frame != frame_idx || grown.length.is_some() || grown.depth != depth {
                continue;
            }
            let count = if grown.after_break {
                &counts.after_break
            } else {
                &counts.before_break
            };
            let added = count
                .mul(&Dim::constant(grown.appended))
                .and_then(|added| added.add(&grown.before));
            let length = added.ok_or_else(|| super::expr::overflow(span))?;
            grown.length = Some(length.clone());
            let var = grown.var;
            self.frame(span)?.set_list_length(var, length);
        }
        Ok(())
    }

    /// The value with each tensor in its tuples and lists replaced.
    pub(super) fn map_tensors(
        &mut self,
        value: &Value,
        replace: &mut dyn FnMut(&mut Self, &Value) -> Eval<Value>,
    ) -> Eval<Value> {
        match value {
            Value::Tensor(_) => replace(self, value),
            Value::Tuple(items) => {
                let items: Eval<Vec<Value>> = items
                    .iter()
                    .map(|item| self.map_tensors(item, replace))
                    .collect();
                Ok(Value::tuple(items?))
            }
            Value::List(id) => match self.state.lists[*id].clone() {
                List::Known { items, .. } if items.iter().any(holds_tensor) => {
                    let items: Eval<Vec<Value>> = items
                        .iter()
                        .map(|item| self.map_tensors(item, replace))
                        .collect();
                    self.new_list(items?, Span::default())
                }
                _ => Ok(value.clone()),
            },
            Value::Dict(id)
                if self.state.dicts[*id]
                    .iter()
                    .any(|(_, item)| holds_tensor(item)) =>
            {
                let pairs = self.state.dicts[*id].clone();
                let pairs: Eval<Vec<(Value, Value)>> = pairs
                    .into_iter()
                    .map(|(key, item)| Ok((key, self.map_tensors(&item, replace)?)))
                    .collect();
                Ok(self.new_dict(pairs?))
            }
            other => Ok(other.clone()),
        }
    }

    /// The rows of a tensor whose first dimension is known.
    pub(super) fn rows(&mut self, value: &Value, span: Span) -> Eval<Vec<Value>> {
        let ty = self
            .type_of(value)
            .ok_or_else(|| raised("TypeError", span, "not iterable"))?;
        let first = ty
            .shape
            .first()
            .ok_or_else(|| raised("TypeError", span, "a tensor without dimensions"))?;
        let Some(count) = first.as_constant() else {
            let message = format!("iterating over the `{first}` rows of a tensor");
            return Err(unsupported(span, message));
        };
        (0..count)
            .map(|row| self.subscript(value, &Value::Int(Dim::constant(row)), span))
            .collect()
    }
}

/// How often the parts of a loop's body ran.
struct Counts {
    before_break: Dim,
    after_break: Dim,
}

/// A shape whose axes grew `count` times.
fn grown_shape(shape: &[Dim], rates: &[i64], count: &Dim, span: Span) -> Eval<Vec<Dim>> {
    let grown = shape
        .iter()
        .zip(rates)
        .map(|(size, rate)| count.mul(&Dim::constant(*rate))?.add(size));
    grown
        .collect::<Option<Vec<Dim>>>()
        .ok_or_else(|| super::expr::overflow(span))
}

/// By how much each axis grew, when all grew by known amounts and none shrank.
fn growth_rates(before: &[Dim], after: &[Dim]) -> Option<Vec<i64>> {
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
fn grows_before_breaks(candidate: &Candidate, body: &Block) -> bool {
    !body
        .iter()
        .any(|stmt| matches!(stmt, Stmt::BreakIf { next, .. } if next.contains(&candidate.current)))
}

/// The value with every tensor forgotten.
fn skeleton(value: &Value) -> Value {
    match value {
        Value::Tensor(_) => Value::Ellipsis,
        Value::Tuple(items) => Value::tuple(items.iter().map(skeleton).collect()),
        other => other.clone(),
    }
}

fn holds_tensor(value: &Value) -> bool {
    match value {
        Value::Tensor(_) => true,
        Value::Tuple(items) => items.iter().any(holds_tensor),
        _ => false,
    }
}

/// Whether an `if` in the body may break out of the loop.
fn has_data_break(body: &[Syntax]) -> bool {
    body.iter().any(|stmt| match stmt {
        Syntax::If(branch) => matches!(branch.body.as_slice(), [Syntax::Break(_)]),
        _ => false,
    })
}

/// The names that a block may bind or write in place.
fn bound_names(body: &[Syntax], names: &mut BTreeSet<String>) {
    for stmt in body {
        match stmt {
            Syntax::Assign(assign) => assign
                .targets
                .iter()
                .for_each(|target| target_names(target, names)),
            Syntax::AugAssign(assign) => target_names(&assign.target, names),
            Syntax::AnnAssign(assign) => target_names(&assign.target, names),
            Syntax::Expr(expr) => method_receiver(&expr.value, names),
            Syntax::For(inner) => {
                target_names(&inner.target, names);
                bound_names(&inner.body, names);
            }
            Syntax::While(inner) => bound_names(&inner.body, names),
            Syntax::If(branch) => {
                bound_names(&branch.body, names);
                branch
                    .elif_else_clauses
                    .iter()
                    .for_each(|clause| bound_names(&clause.body, names));
            }
            Syntax::With(with) => bound_names(&with.body, names),
            Syntax::Try(attempt) => bound_names(&attempt.body, names),
            _ => {}
        }
    }
}

/// `x.add_(y)` writes `x`.
fn method_receiver(expr: &ast::Expr, names: &mut BTreeSet<String>) {
    if let ast::Expr::Call(call) = expr
        && let ast::Expr::Attribute(attribute) = &*call.func
        && attribute.attr.ends_with('_')
        && let Some(name) = root_name(&attribute.value)
    {
        names.insert(name.to_owned());
    }
}

fn target_names(target: &ast::Expr, names: &mut BTreeSet<String>) {
    match target {
        ast::Expr::Tuple(tuple) => tuple.elts.iter().for_each(|item| target_names(item, names)),
        ast::Expr::List(list) => list.elts.iter().for_each(|item| target_names(item, names)),
        ast::Expr::Starred(starred) => target_names(&starred.value, names),
        ast::Expr::Attribute(_) => {}
        other => {
            if let Some(name) = root_name(other) {
                names.insert(name.to_owned());
            }
        }
    }
}
