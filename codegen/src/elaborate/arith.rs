//! Arithmetic of known and symbolic numbers, strings and lists.
use ruff_python_ast::Operator;

use super::expr::overflow;
use super::interp::{Eval, Interp, raised, stop, unsupported};
use super::limits::MAX_ITEMS;
use super::value::Value;
use crate::diagnostic::Span;
use crate::ir::{Binary, Dim};
use crate::rules::Rule;

impl Interp<'_, '_> {
    /// `left op right`.
    pub(super) fn binary(
        &mut self,
        op: Operator,
        left: &Value,
        right: &Value,
        span: Span,
    ) -> Eval<Value> {
        if Self::is_tensor(left) || Self::is_tensor(right) {
            return self.tensor_operator(op, left, right, span);
        }
        if matches!(left, Value::Unknown) || matches!(right, Value::Unknown) {
            return Ok(Value::Unknown);
        }
        if let (Operator::Mod, Value::Str(text)) = (op, left) {
            return self.percent_str(text, right, span);
        }
        if let (Some(a), Some(b)) = (left.as_int(), right.as_int()) {
            return self.int_operator(op, &a, &b, span);
        }
        if let (Some(a), Some(b)) = (left.as_float(), right.as_float()) {
            return float_operator(op, a, b, span);
        }
        match op {
            Operator::Add => self.concatenate(left, right, span),
            Operator::Mult => self.repeat_items(left, right, span),
            Operator::BitOr | Operator::BitAnd | Operator::Sub => {
                self.set_operator(op, left, right, span)
            }
            _ => Err(self.no_operator(op, left, right, span)),
        }
    }

    fn tensor_operator(
        &mut self,
        op: Operator,
        left: &Value,
        right: &Value,
        span: Span,
    ) -> Eval<Value> {
        let op = match op {
            Operator::Add => Binary::Add,
            Operator::Sub => Binary::Sub,
            Operator::Mult => Binary::Mul,
            Operator::Div => Binary::Div,
            Operator::Pow => Binary::Pow,
            Operator::BitAnd => Binary::And,
            Operator::BitOr => Binary::Or,
            Operator::MatMult => return self.matmul(left, right, span),
            other => {
                return Err(unsupported(
                    span,
                    format!("`{}` of tensors", other.as_str()),
                ));
            }
        };
        self.tensor_binary(op, left, right, span)
    }

    fn int_operator(&mut self, op: Operator, a: &Dim, b: &Dim, span: Span) -> Eval<Value> {
        let dim = match op {
            Operator::Add => a.add(b),
            Operator::Sub => a.sub(b),
            Operator::Mult => a.mul(b),
            Operator::FloorDiv => return floor_div(a, b, span).map(Value::Int),
            _ => return self.known_int_operator(op, a, b, span),
        };
        dim.map(Value::Int).ok_or_else(|| overflow(span))
    }

    fn known_int_operator(&mut self, op: Operator, a: &Dim, b: &Dim, span: Span) -> Eval<Value> {
        let (Some(x), Some(y)) = (a.as_constant(), b.as_constant()) else {
            let message = format!("`{a} {} {b}` is no polynomial of the sizes", op.as_str());
            return Err(stop(Rule::UndecidableDim, span, message));
        };
        let value = match op {
            Operator::Div if y == 0 => {
                return Err(raised("ZeroDivisionError", span, "division by zero"));
            }
            Operator::Div => return Ok(Value::Float(x as f64 / y as f64)),
            Operator::Mod if y == 0 => {
                return Err(raised("ZeroDivisionError", span, "modulo by zero"));
            }
            Operator::Mod => Some(
                x.wrapping_rem(y)
                    .checked_add(y)
                    .map_or(0, |sum| sum.wrapping_rem(y)),
            ),
            Operator::Pow if y < 0 => return Ok(Value::Float((x as f64).powf(y as f64))),
            Operator::Pow => u32::try_from(y).ok().and_then(|power| x.checked_pow(power)),
            Operator::LShift => u32::try_from(y).ok().and_then(|bits| x.checked_shl(bits)),
            Operator::RShift => u32::try_from(y).ok().and_then(|bits| x.checked_shr(bits)),
            Operator::BitOr => Some(x | y),
            Operator::BitXor => Some(x ^ y),
            Operator::BitAnd => Some(x & y),
            _ => None,
        };
        value
            .map(|value| Value::Int(Dim::constant(value)))
            .ok_or_else(|| overflow(span))
    }

    fn concatenate(&mut self, left: &Value, right: &Value, span: Span) -> Eval<Value> {
        if let (Value::Str(a), Value::Str(b)) = (left, right) {
            if a.len() + b.len() > MAX_ITEMS {
                return Err(stop(
                    Rule::LimitExceeded,
                    span,
                    format!("a string is longer than {MAX_ITEMS} bytes"),
                ));
            }
            return Ok(Value::str(&format!("{a}{b}")));
        }
        match (self.items(left), self.items(right), left, right) {
            (Some(a), Some(b), Value::Tuple(_), Value::Tuple(_)) => {
                Ok(Value::tuple([a, b].concat()))
            }
            (Some(a), Some(b), Value::List(_), Value::List(_)) => {
                self.new_list([a, b].concat(), span)
            }
            _ => Err(self.no_operator(Operator::Add, left, right, span)),
        }
    }

    fn repeat_items(&mut self, left: &Value, right: &Value, span: Span) -> Eval<Value> {
        let (sequence, count) = if right.as_int().is_some() {
            (left, right)
        } else {
            (right, left)
        };
        if count.as_int().is_none() {
            return Err(self.no_operator(Operator::Mult, left, right, span));
        }
        let count = usize::try_from(self.known_int(count, "the repetition", span)?).unwrap_or(0);
        let too_long = |length: usize| length.saturating_mul(count) > MAX_ITEMS;
        let limit = || {
            stop(
                Rule::LimitExceeded,
                span,
                format!("more than {MAX_ITEMS} items"),
            )
        };
        match (sequence, self.items(sequence)) {
            (Value::Str(text), _) if too_long(text.len()) => Err(limit()),
            (Value::Str(text), _) => Ok(Value::str(&text.repeat(count))),
            (_, Some(items)) if too_long(items.len()) => Err(limit()),
            (Value::Tuple(_), Some(items)) => Ok(Value::tuple(vec![items; count].concat())),
            (_, Some(items)) => self.new_list(vec![items; count].concat(), span),
            _ => Err(self.no_operator(Operator::Mult, left, right, span)),
        }
    }

    fn set_operator(
        &mut self,
        op: Operator,
        left: &Value,
        right: &Value,
        span: Span,
    ) -> Eval<Value> {
        let pairs = |value: &Value| match value {
            Value::Set(id) | Value::Dict(id) => Some(self.pairs(*id)),
            _ => None,
        };
        let (Some(a), Some(b)) = (pairs(left), pairs(right)) else {
            return Err(self.no_operator(op, left, right, span));
        };
        self.charge(a.len().saturating_mul(b.len()));
        let has = |pairs: &[(Value, Value)], key: &Value| pairs.iter().any(|(k, _)| k == key);
        let merged = match op {
            Operator::BitOr => super::expr::dedup([a, b].concat()),
            Operator::BitAnd => a.into_iter().filter(|(key, _)| has(&b, key)).collect(),
            _ => a.into_iter().filter(|(key, _)| !has(&b, key)).collect(),
        };
        let id = self.state.dicts.push(merged);
        Ok(if matches!(left, Value::Set(_)) {
            Value::Set(id)
        } else {
            Value::Dict(id)
        })
    }

    fn no_operator(
        &self,
        op: Operator,
        left: &Value,
        right: &Value,
        span: Span,
    ) -> Box<super::interp::Stop> {
        let (left, right) = (self.describe(left), self.describe(right));
        raised(
            "TypeError",
            span,
            format!("`{}` of {left} and {right}", op.as_str()),
        )
    }
}

/// Python's floor division; of symbols only where it is exact.
fn floor_div(a: &Dim, b: &Dim, span: Span) -> Eval<Dim> {
    match (a.as_constant(), b.as_constant()) {
        (_, Some(0)) => Err(raised("ZeroDivisionError", span, "division by zero")),
        (Some(x), Some(y)) => Ok(Dim::constant(
            x.wrapping_div_euclid(y) - i64::from(y < 0 && x.wrapping_rem_euclid(y) != 0),
        )),
        _ => a.div_exact(b).ok_or_else(|| {
            stop(
                Rule::UndecidableDim,
                span,
                format!("`{a} // {b}` is no polynomial of the sizes"),
            )
        }),
    }
}

fn float_operator(op: Operator, a: f64, b: f64, span: Span) -> Eval<Value> {
    let value = match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div | Operator::FloorDiv | Operator::Mod if b == 0.0 => {
            return Err(raised("ZeroDivisionError", span, "division by zero"));
        }
        Operator::Div => a / b,
        Operator::FloorDiv => (a / b).floor(),
        Operator::Mod => a - b * (a / b).floor(),
        Operator::Pow => a.powf(b),
        _ => {
            return Err(raised(
                "TypeError",
                span,
                format!("`{}` of floats", op.as_str()),
            ));
        }
    };
    Ok(Value::Float(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floor(a: i64, b: i64) -> Option<i64> {
        floor_div(&Dim::constant(a), &Dim::constant(b), Span::default())
            .unwrap()
            .as_constant()
    }

    #[test]
    fn floor_division_rounds_down_as_python_does() {
        assert_eq!(
            [floor(7, 2), floor(-7, 2), floor(7, -2), floor(-7, -2)],
            [Some(3), Some(-4), Some(-4), Some(3)]
        );
    }
}
