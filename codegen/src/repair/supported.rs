//! No function `supported_hyperparameters` at module level: written as a set, inside `Net`, or not at all.
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

use super::tree::{bytes, method};
use super::{Context, Fix};
use crate::rules::Rule;

pub(super) fn repair(cx: &Context<'_>) -> Option<Fix> {
    if cx.finding.rule != Rule::MissingHyperparameters {
        return None;
    }
    cx.body()
        .iter()
        .find_map(|stmt| from_set(cx, stmt))
        .or_else(|| Some(appended(cx)))
}

/// `supported_hyperparameters = {...}` becomes a function.
fn from_set(cx: &Context<'_>, stmt: &Stmt) -> Option<Fix> {
    let assign = stmt.as_assign_stmt()?;
    let [Expr::Name(name)] = assign.targets.as_slice() else {
        return None;
    };
    let is_literal = matches!(
        &*assign.value,
        Expr::Set(_) | Expr::List(_) | Expr::Tuple(_)
    );
    if name.id.as_str() != "supported_hyperparameters" || !is_literal {
        return None;
    }
    let value = cx.block.code.get(bytes(&*assign.value))?;
    Some(Fix::safe(
        "make `supported_hyperparameters` a function",
        vec![(
            bytes(assign),
            format!("def supported_hyperparameters(): return {value}"),
        )],
    ))
}

/// What the method of `Net` returns, or the two that every net is asked for.
fn appended(cx: &Context<'_>) -> Fix {
    let inner = cx
        .class("Net")
        .and_then(|net| method(net, "supported_hyperparameters"));
    let returned = inner.and_then(|def| match def.body.last()? {
        Stmt::Return(last) => cx.block.code.get(bytes(last.value.as_deref()?)),
        _ => None,
    });
    let names = returned
        .filter(|text| text.starts_with('{'))
        .unwrap_or("{'lr', 'momentum'}");
    let end = cx.body().last().map_or(0, |stmt| stmt.end().to_usize());
    let line = format!("\n\n\ndef supported_hyperparameters(): return {names}\n");
    Fix::safe(
        "add `supported_hyperparameters` at module level",
        vec![(end..end, line)],
    )
}
