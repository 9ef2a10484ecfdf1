//! Loops: run out over known items, or kept as loops of the Program.
//!
//! A loop is kept when its count is symbolic or when the data may break it; a loop of constant count over tensors is kept
//! when one pass over its body is enough to know all passes, and unrolled otherwise. A kept loop is evaluated once, on
//! variables that stand for the values at the start of any iteration; the values at its end must have the same types.
use std::collections::BTreeSet;

use super::carry::Growth;
use super::names::has_data_break;

use ruff_python_ast as ast;
use ruff_python_ast::Stmt as Syntax;

use super::interp::{Eval, Interp, State, Stop, stop, unsupported};
use super::stmt::Flow;
use super::tensor::shape_text;
use super::value::{Object, ScopeId, Value};
use crate::diagnostic::Span;
use crate::ir::{DType, Dim, Stmt, Sym};
use crate::rules::Rule;

/// A counted loop: `start, start + step, ...`, `count` numbers.
pub(super) struct Counted {
    pub(super) start: Dim,
    pub(super) step: Dim,
    pub(super) count: Dim,
}

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
            && !self.is_constructing()
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
            } else if count.is_none() {
                return self.exec_peeled(repeat, counted, scope, finding).map(Some);
            } else if has_data_break(&repeat.body) && finding.rule != Rule::DataDependentControl {
                // What only a kept loop can do says so; everything else may work unrolled.
                return Err(finding);
            } else {
                return Ok(None);
            }
        }
    }

    /// The first iteration by itself, and the others as a loop: `if t == 0` is decided then, and a state that was `None`
    /// is a tensor from there on. Where that does not help, what was found before stands.
    fn exec_peeled(
        &mut self,
        repeat: &'a ast::StmtFor,
        counted: &Counted,
        scope: ScopeId,
        finding: Box<Stop>,
    ) -> Eval<Flow> {
        let depends_on_first = matches!(finding.rule, Rule::UndecidableDim | Rule::LoopTypeChanges);
        let rest = || {
            Some(Counted {
                start: counted.start.add(&counted.step)?,
                step: counted.step.clone(),
                count: counted.count.sub(&Dim::constant(1))?,
            })
        };
        let Some(rest) = rest().filter(|_| depends_on_first && counted.count.is_at_least(1)) else {
            return Err(finding);
        };
        let saved: State<'a> = self.state.clone();
        let first = vec![Value::Int(counted.start.clone())];
        let flow = match self.exec_items(repeat, first, scope) {
            Ok(Flow::Next) => self.exec_counted(repeat, &rest, scope),
            _ => Ok(None),
        };
        if let Ok(Some(flow)) = flow {
            return Ok(flow);
        }
        self.state = saved;
        Err(finding)
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
        let before: BTreeSet<String> = self.state.scopes[scope].vars.keys().cloned().collect();
        self.open_loop(repeat, scope, (index, &counted.count), growth, span)?;
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
        let frame = self.frame();
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
}
