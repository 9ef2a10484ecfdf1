//! Comparisons, and the truth of a value.
use super::expr::Truth;
use super::interp::{Eval, Interp, raised, stop};
use super::value::{List, Value};
use crate::diagnostic::Span;
use crate::ir::{Binary, Dim};
use crate::rules::Rule;
use ruff_python_ast as ast;
use std::cmp::Ordering;

impl Interp<'_, '_> {
    /// Whether a value counts as true; nothing where only the data can tell.
    pub(super) fn truth(&self, value: &Value) -> Truth {
        match value {
            Value::None => Some(false),
            Value::Bool(flag) => Some(*flag),
            Value::Int(dim) => Some(self.compare_here(dim, &Dim::constant(0))? != Ordering::Equal),
            Value::Float(number) => Some(*number != 0.0),
            Value::Str(text) => Some(!text.is_empty()),
            Value::Tuple(items) => Some(!items.is_empty()),
            Value::List(id) => match &self.state.lists[*id] {
                List::Known { items, .. } => Some(!items.is_empty()),
                List::Grown(grown) => Some(grown.length.as_ref()?.is_at_least(1)),
            },
            Value::Dict(id) | Value::Set(id) => Some(!self.state.dicts[*id].is_empty()),
            Value::Tensor(_) | Value::Param(_) | Value::Unknown | Value::Range(_) => None,
            _ => Some(true),
        }
    }

    /// The truth of a condition, or a finding that says why it cannot be known.
    pub(super) fn decide(&self, value: &Value, span: Span) -> Eval<bool> {
        self.truth(value).ok_or_else(|| match value {
            Value::Int(dim) => {
                stop(Rule::UndecidableDim, span, format!("whether `{dim}` is zero depends on the data"))
            }
            other => {
                let found = self.describe(other);
                stop(Rule::DataDependentControl, span, format!("the condition is a {found}, known only at run time"))
                    .help("use `torch.where`, or break out of a bounded loop with `if (...).all(): break`")
            }
        })
    }

    pub(super) fn compare(
        &mut self,
        op: ast::CmpOp,
        left: &Value,
        right: &Value,
        span: Span,
    ) -> Eval<Value> {
        use ast::CmpOp::{Eq, Gt, GtE, In, Is, IsNot, Lt, LtE, NotEq, NotIn};
        match op {
            Is => return Ok(Value::Bool(same(left, right))),
            IsNot => return Ok(Value::Bool(!same(left, right))),
            In => return Ok(Value::Bool(self.contains(right, left, span)?)),
            NotIn => return Ok(Value::Bool(!self.contains(right, left, span)?)),
            _ => {}
        }
        if Self::is_tensor(left) || Self::is_tensor(right) {
            let op = match op {
                Eq => Binary::Equal,
                NotEq => Binary::NotEqual,
                Lt => Binary::Less,
                LtE => Binary::LessEqual,
                Gt => Binary::Greater,
                _ => Binary::GreaterEqual,
            };
            return self.tensor_binary(op, left, right, span);
        }
        if matches!(left, Value::Unknown) || matches!(right, Value::Unknown) {
            return Ok(Value::Unknown);
        }
        match op {
            Eq => self.equal(left, right, span).map(Value::Bool),
            NotEq => self
                .equal(left, right, span)
                .map(|equal| Value::Bool(!equal)),
            Lt | LtE | Gt | GtE => {
                let order = self.order(left, right, span)?;
                Ok(Value::Bool(match op {
                    Lt => order == Ordering::Less,
                    LtE => order != Ordering::Greater,
                    Gt => order == Ordering::Greater,
                    _ => order != Ordering::Less,
                }))
            }
            _ => Ok(Value::Bool(false)),
        }
    }

    /// `left == right`.
    pub(super) fn equal(&self, left: &Value, right: &Value, span: Span) -> Eval<bool> {
        if let (Some(a), Some(b)) = (left.as_int(), right.as_int()) {
            return match self.compare_here(&a, &b) {
                Some(order) => Ok(order == Ordering::Equal),
                None => Err(stop(
                    Rule::UndecidableDim,
                    span,
                    format!("whether `{a}` and `{b}` are equal depends on the data"),
                )),
            };
        }
        if let (Some(a), Some(b)) = (left.as_float(), right.as_float()) {
            #[expect(clippy::float_cmp, reason = "Python's own equality")]
            return Ok(a == b);
        }
        if let (Some(a), Some(b)) = (self.items(left), self.items(right)) {
            self.check_nesting(left, span)?;
            self.check_nesting(right, span)?;
            if a.len() != b.len() {
                return Ok(false);
            }
            for (x, y) in a.iter().zip(&b) {
                if !self.equal(x, y, span)? {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        Ok(left == right)
    }

    /// The order of two numbers or strings.
    pub(super) fn order(&self, left: &Value, right: &Value, span: Span) -> Eval<Ordering> {
        if let (Some(a), Some(b)) = (left.as_int(), right.as_int()) {
            return self.compare_here(&a, &b).ok_or_else(|| {
                stop(
                    Rule::UndecidableDim,
                    span,
                    format!("which of `{a}` and `{b}` is larger depends on the data"),
                )
            });
        }
        let order = match (left, right) {
            (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
            _ => left
                .as_float()
                .zip(right.as_float())
                .and_then(|(a, b)| a.partial_cmp(&b)),
        };
        order.ok_or_else(|| {
            let (a, b) = (self.describe(left), self.describe(right));
            raised("TypeError", span, format!("{a} and {b} have no order"))
        })
    }

    pub(super) fn contains(&self, container: &Value, item: &Value, span: Span) -> Eval<bool> {
        match (container, item) {
            (Value::Dict(id) | Value::Set(id), key) => {
                let pairs = &self.state.dicts[*id];
                self.charge(pairs.len());
                Ok(pairs.iter().any(|(k, _)| k == key))
            }
            (Value::Str(text), Value::Str(part)) => Ok(text.contains(part.as_ref())),
            (Value::Module(id), Value::Str(name)) => {
                Ok(self.state.modules[*id].children.contains_key(name.as_ref()))
            }
            _ => {
                let items = self.iterate_known(container, span)?;
                for candidate in &items {
                    if self.equal(candidate, item, span)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }
}

/// `a is b`.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    left == right
}
