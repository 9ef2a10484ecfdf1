//! Lists of tensors: of known length, or grown by a kept loop.
use super::carry::Counts;
use super::interp::{Eval, Interp, raised, stop, unsupported};
use super::limits::MAX_ITEMS;
use super::tensor::shape_text;
use super::value::{Grown, List, ListId, Value};
use crate::diagnostic::Span;
use crate::ir::{Dim, Expr, Stmt, Tree, Type};
use crate::rules::Rule;

impl Interp<'_, '_> {
    /// `list.append(item)`.
    pub(super) fn append(&mut self, id: ListId, item: Value, span: Span) -> Eval<()> {
        let depth = self.n_open_loops();
        match &mut self.state.lists[id] {
            List::Known {
                items,
                depth: made_at,
            } if *made_at >= depth => {
                items.push(item);
                if items.len() > MAX_ITEMS {
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
    pub(super) fn grow(
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
        let level = self.level();
        let name = self.name_of_list(id);
        let frame = self.frame();
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
            level,
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

    pub(super) fn name_of_list(&self, id: ListId) -> Option<String> {
        let scope = &self.state.scopes[*self.state.call_scopes.last()?];
        scope
            .vars
            .iter()
            .find(|(_, value)| **value == Value::List(id))
            .map(|(name, _)| name.clone())
    }

    pub(super) fn push_grown(
        &mut self,
        id: ListId,
        item: &Value,
        depth: usize,
        span: Span,
    ) -> Eval<()> {
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
        self.frame().push(Stmt::Push {
            list,
            item: operand.var,
            span,
        });
        Ok(())
    }

    /// Fixes the lengths of the lists that the closed loop filled.
    pub(super) fn settle_lists(&mut self, counts: &Counts, span: Span) -> Eval<()> {
        let level = self.level();
        let depth = self.n_open_loops();
        let ids: Vec<ListId> = self.state.lists.iter().map(|(id, _)| id).collect();
        for id in ids {
            let List::Grown(grown) = &mut self.state.lists[id] else {
                continue;
            };
            if grown.level != level || grown.length.is_some() || grown.depth != depth {
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
            self.frame().set_list_length(var, length);
        }
        Ok(())
    }

    /// The value with each tensor in its tuples and lists replaced.
    pub(super) fn map_tensors(
        &mut self,
        value: &Value,
        replace: &mut dyn FnMut(&mut Self, &Value) -> Eval<Value>,
    ) -> Eval<Value> {
        self.check_nesting(value, Span::default())?;
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
                let pairs = self.pairs(*id);
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

pub(super) fn holds_tensor(value: &Value) -> bool {
    match value {
        Value::Tensor(_) => true,
        Value::Tuple(items) => items.iter().any(holds_tensor),
        _ => false,
    }
}

/// The numbers of a range.
pub(super) fn range_items(range: &[Dim; 3], span: Span) -> Eval<Vec<Value>> {
    let [start, stop_at, step] = range;
    let (Some(start), Some(end), Some(step)) = (
        start.as_constant(),
        stop_at.as_constant(),
        step.as_constant(),
    ) else {
        let message = format!("`range` up to `{stop_at}` has no known length here");
        return Err(stop(Rule::UndecidableDim, span, message));
    };
    let mut items = Vec::new();
    let mut at = start;
    while (step > 0 && at < end) || (step < 0 && at > end) {
        if items.len() >= MAX_ITEMS {
            return Err(stop(
                Rule::LimitExceeded,
                span,
                format!("a range of more than {MAX_ITEMS} numbers"),
            ));
        }
        items.push(Value::Int(Dim::constant(at)));
        at = match at.checked_add(step) {
            Some(next) => next,
            None => break,
        };
    }
    Ok(items)
}
