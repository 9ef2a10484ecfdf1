//! Python's functions that make sequences, and the extremes of one.
use super::call::Args;
use super::interp::{Eval, Interp, raised, unsupported};
use super::value::{Object, Value};
use crate::diagnostic::Span;
use crate::ir::Dim;
use std::cmp::Ordering;

impl Interp<'_, '_> {
    /// `max` and `min` of the arguments or of the items of one.
    pub(super) fn extreme(&mut self, name: &str, args: &Args, span: Span) -> Eval<Value> {
        if args.keywords.iter().any(|(key, _)| &**key == "key") {
            return Err(unsupported(span, format!("`{name}` with `key`")));
        }
        let items = match args.positional.as_slice() {
            [only] => self.iterate(only, span)?,
            many => many.to_vec(),
        };
        if items.iter().any(|item| matches!(item, Value::Unknown)) {
            return Ok(Value::Unknown);
        }
        let wanted = if name == "max" {
            Ordering::Greater
        } else {
            Ordering::Less
        };
        let mut items = items.into_iter();
        let mut best = items
            .next()
            .ok_or_else(|| raised("ValueError", span, format!("`{name}` of nothing")))?;
        for item in items {
            if self.order(&item, &best, span)? == wanted {
                best = item;
            }
        }
        Ok(best)
    }

    pub(super) fn builtin_range(&mut self, args: &[Value], span: Span) -> Eval<Value> {
        let mut dims = Vec::with_capacity(3);
        for arg in args.iter().take(3) {
            dims.push(self.known_dim(arg, "a bound of `range`", span)?);
        }
        let (zero, one) = (Dim::constant(0), Dim::constant(1));
        let range = match dims.as_slice() {
            [end] => [zero, end.clone(), one],
            [start, end] => [start.clone(), end.clone(), one],
            [start, end, step] => [start.clone(), end.clone(), step.clone()],
            _ => return Err(raised("TypeError", span, "`range` needs an argument")),
        };
        if range.last().and_then(Dim::as_constant) == Some(0) {
            return Err(raised("ValueError", span, "a range of step 0"));
        }
        Ok(Value::Range(range.into()))
    }

    pub(super) fn builtin_zip(&mut self, args: &Args, span: Span) -> Eval<Value> {
        let mut columns = Vec::with_capacity(args.positional.len());
        for arg in &args.positional {
            columns.push(self.iterate(arg, span)?);
        }
        let n_rows = columns.iter().map(Vec::len).min().unwrap_or(0);
        let row = |at: usize| {
            Value::tuple(
                columns
                    .iter()
                    .filter_map(|column| column.get(at).cloned())
                    .collect(),
            )
        };
        let rows = (0..n_rows).map(row).collect();
        self.new_list(rows, span)
    }

    pub(super) fn builtin_enumerate(
        &mut self,
        value: &Value,
        args: &Args,
        span: Span,
    ) -> Eval<Value> {
        if let Value::Object(id) = value
            && self.state.objects[*id] == Object::Loader
        {
            return Ok(self.object(Object::NumberedLoader));
        }
        let start = args
            .positional
            .get(1)
            .or(args.keywords.first().map(|(_, value)| value));
        let start = start.map_or(Ok(0), |start| self.known_int(start, "the start", span))?;
        let items = self.iterate(value, span)?;
        let numbered = (start..)
            .zip(items)
            .map(|(at, item)| Value::tuple(vec![Value::Int(Dim::constant(at)), item]));
        let numbered = numbered.collect();
        self.new_list(numbered, span)
    }

    pub(super) fn collect(
        &mut self,
        name: &str,
        value: &Value,
        args: &Args,
        span: Span,
    ) -> Eval<Value> {
        if let ("iter", Value::Object(id)) = (name, value)
            && matches!(
                self.state.objects[*id],
                Object::Loader | Object::NumberedLoader
            )
        {
            return Ok(value.clone());
        }
        let mut items = self.iterate(value, span)?;
        match name {
            "tuple" => return Ok(Value::tuple(items)),
            "set" | "frozenset" => return Ok(self.new_set(items)),
            "reversed" => items.reverse(),
            "sorted" if args.keywords.iter().any(|(key, _)| &**key == "key") => {
                return Err(unsupported(span, "`sorted` with `key`"));
            }
            "sorted" => self.sort(&mut items, span)?,
            _ => {}
        }
        self.new_list(items, span)
    }

    /// `sum(items, start)`; a start of 0 is left out, as it would add an operation to tensors.
    pub(super) fn sum(&mut self, items: &Value, start: Option<&Value>, span: Span) -> Eval<Value> {
        let items = self.iterate(items, span)?;
        let start = start.cloned().unwrap_or_else(|| Value::int(0));
        items.iter().try_fold(start, |sum, item| {
            if sum == Value::int(0) {
                Ok(item.clone())
            } else {
                self.binary(ruff_python_ast::Operator::Add, &sum, item, span)
            }
        })
    }

    pub(super) fn any_or_all(&mut self, name: &str, items: &Value, span: Span) -> Eval<Value> {
        let decisive = name == "any";
        for item in self.iterate(items, span)? {
            if self.decide(&item, span)? == decisive {
                return Ok(Value::Bool(decisive));
            }
        }
        Ok(Value::Bool(!decisive))
    }

    /// Insertion sort: comparing may fail, and lists here are short.
    pub(super) fn sort(&mut self, items: &mut Vec<Value>, span: Span) -> Eval<()> {
        let mut sorted: Vec<Value> = Vec::with_capacity(items.len());
        for item in items.drain(..) {
            self.step(span)?;
            let mut at = sorted.len();
            while let Some(before) = at.checked_sub(1).and_then(|position| sorted.get(position)) {
                if self.order(&item, before, span)? != Ordering::Less {
                    break;
                }
                at -= 1;
            }
            sorted.insert(at, item);
        }
        *items = sorted;
        Ok(())
    }

    pub(super) fn map_or_filter(
        &mut self,
        name: &str,
        function: &Value,
        items: &Value,
        span: Span,
    ) -> Eval<Value> {
        let mut out = Vec::new();
        for item in self.iterate(items, span)? {
            let value = match function {
                Value::None => item.clone(),
                function => self.call(function, Args::of(vec![item.clone()]), span)?,
            };
            if name == "map" {
                out.push(value);
            } else if self.decide(&value, span)? {
                out.push(item);
            }
        }
        self.new_list(out, span)
    }

    pub(super) fn builtin_dict(&mut self, args: Args, span: Span) -> Eval<Value> {
        let mut pairs = Vec::new();
        match args.positional.first() {
            Some(Value::Dict(id)) => pairs.extend(self.pairs(*id)),
            Some(other) => {
                for item in self.iterate(other, span)? {
                    match self.items(&item).as_deref() {
                        Some([key, value]) => pairs.push((key.clone(), value.clone())),
                        _ => return Err(raised("TypeError", span, "a dict is made of pairs")),
                    }
                }
            }
            None => {}
        }
        pairs.extend(
            args.keywords
                .into_iter()
                .map(|(key, value)| (Value::Str(key), value)),
        );
        Ok(self.new_dict(super::expr::dedup(pairs)))
    }
}
