//! A name that is an attribute of the class: `hidden_size` where `self.hidden_size` was meant.
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

use super::tree::{bytes, expressions};
use super::{Context, Fix};
use crate::rules::Rule;

pub(super) fn repair(cx: &Context<'_>) -> Option<Fix> {
    if cx.finding.rule != Rule::UndefinedName {
        return None;
    }
    let place = cx.here(Expr::is_name_expr)?;
    let name = place.as_name_expr()?.id.as_str();
    let class = cx.class_around(place)?;
    let def = class.body.iter().find_map(|stmt| match stmt {
        Stmt::FunctionDef(def) if def.range().contains_range(place.range()) => Some(def),
        _ => None,
    })?;
    let has_self = def.parameters.args.first()?.name().as_str() == "self";
    let is_attribute = |expr: &Expr| {
        expr.as_attribute_expr().is_some_and(|attribute| {
            attribute.ctx.is_store()
                && attribute.attr.as_str() == name
                && attribute
                    .value
                    .as_name_expr()
                    .is_some_and(|value| value.id.as_str() == "self")
        })
    };
    if !has_self || expressions(&class.body, is_attribute).is_empty() {
        return None;
    }
    let start = bytes(place).start;
    Some(Fix::safe(
        format!("write `self.{name}`, which the class sets"),
        vec![(start..start, "self.".to_owned())],
    ))
}
