//! `in_shape[0]` where the channels `in_shape[1]` were meant, and `out_shape[1]` for the vocabulary `out_shape[0]`.
use ruff_python_ast::{Expr, ExprSubscript};

use super::tree::{bytes, expressions};
use super::{Context, Fix};
use crate::rules::Rule;

pub(super) fn repair(cx: &Context<'_>) -> Option<Fix> {
    match cx.finding.rule {
        Rule::PythonRaised => vocabulary(cx),
        Rule::ShapeMismatch => channels(cx),
        _ => None,
    }
}

/// `out_shape` has one item: every other index raises.
fn vocabulary(cx: &Context<'_>) -> Option<Fix> {
    cx.here(|expr| index_of(expr, "out_shape").is_some())?;
    let wrong = expressions(cx.body(), |expr| index_of(expr, "out_shape") == Some(1));
    replaced(wrong, "0", "read the vocabulary from `out_shape[0]`")
}

/// The first item of `in_shape` is the batch, which no layer is built for.
fn channels(cx: &Context<'_>) -> Option<Fix> {
    let wrong = expressions(cx.body(), |expr| index_of(expr, "in_shape") == Some(0));
    replaced(
        wrong,
        "1",
        "read the channels from `in_shape[1]`; `in_shape[0]` is the batch",
    )
}

fn replaced(wrong: Vec<&Expr>, index: &str, title: &str) -> Option<Fix> {
    let subscripts = wrong.into_iter().filter_map(Expr::as_subscript_expr);
    let edits: Vec<_> = subscripts
        .map(|subscript: &ExprSubscript| (bytes(&*subscript.slice), index.to_owned()))
        .collect();
    (!edits.is_empty()).then(|| Fix::safe(title, edits))
}

/// The number in `shape[number]` or `self.shape[number]`.
fn index_of(expr: &Expr, shape: &str) -> Option<u64> {
    let subscript = expr.as_subscript_expr()?;
    let is_shape = match &*subscript.value {
        Expr::Name(name) => name.id.as_str() == shape,
        Expr::Attribute(attribute) => attribute.attr.as_str() == shape,
        _ => false,
    };
    let number = subscript
        .slice
        .as_number_literal_expr()?
        .value
        .as_int()?
        .as_u64();
    number.filter(|_| is_shape)
}
