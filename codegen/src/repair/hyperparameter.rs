//! `prm['hidden_size']` of a name that nobody supplies: a usual number takes its place, a guess. The learning rate has
//! one name, `lr`.
use ruff_python_ast::Expr;

use super::tree::bytes;
use super::{Context, Fix};
use crate::rules::Rule;

/// Parts of names, and the number that nets of this kind use.
const USUAL: &[(&str, &str)] = &[
    ("drop", "0.1"),
    ("hidden", "640"),
    ("embed", "640"),
    ("dim", "640"),
    ("d_model", "640"),
    ("head", "8"),
    ("layer", "2"),
    ("batch", "16"),
    ("decay", "0.0001"),
    ("smooth", "0.1"),
    ("clip", "3.0"),
    ("max_len", "20"),
];

pub(super) fn repair(cx: &Context<'_>) -> Option<Fix> {
    if cx.finding.rule != Rule::PythonRaised {
        return None;
    }
    let place = cx.here(Expr::is_subscript_expr)?.as_subscript_expr()?;
    let is_prm = match &*place.value {
        Expr::Name(name) => name.id.as_str() == "prm",
        Expr::Attribute(attribute) => attribute.attr.as_str() == "prm",
        _ => false,
    };
    let name = place.slice.as_string_literal_expr()?.value.to_str();
    if is_prm && ["learning_rate", "LR", "Lr"].contains(&name) {
        return Some(Fix::safe(
            "read the learning rate from `prm['lr']`",
            vec![(bytes(&*place.slice), "'lr'".to_owned())],
        ));
    }
    let (_, number) = USUAL.iter().find(|(part, _)| name.contains(part))?;
    is_prm.then(|| {
        Fix::guess(
            format!("write the number {number} for `prm['{name}']`"),
            vec![(bytes(place), (*number).to_owned())],
        )
    })
}
