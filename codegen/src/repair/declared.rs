//! The declared hyper-parameters become those that are used. Leaving one out is a guess: the net may have been asked to
//! declare it.
use ruff_python_ast::{Expr, Stmt};

use super::tree::{bytes, function};
use super::{Context, Fix};
use crate::diagnostic::Cause;
use crate::rules::Rule;

pub(super) fn repair(cx: &Context<'_>) -> Option<Fix> {
    let Some(Cause::Declared { wanted }) = &cx.finding.cause else {
        return None;
    };
    let def = function(cx.body(), "supported_hyperparameters")?;
    let Some(Stmt::Return(last)) = def.body.last() else {
        return None;
    };
    let value = last.value.as_deref()?;
    if !matches!(value, Expr::Set(_) | Expr::List(_)) {
        return None;
    }
    let quoted: Vec<String> = wanted.iter().map(|name| format!("'{name}'")).collect();
    let set = format!("{{{}}}", quoted.join(", "));
    Some(Fix {
        title: format!("declare `{set}`"),
        edits: vec![(bytes(value), set)],
        safe: cx.finding.rule == Rule::HyperparametersOutOfStep,
    })
}
