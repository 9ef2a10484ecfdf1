//! `from torch.nn import *`: the names that the code uses take the star's place.
use std::collections::BTreeSet;

use ruff_python_ast::{Alias, Expr, Stmt, StmtImportFrom};

use super::tree::{bytes, expressions, import_from};
use super::{Context, Fix};
use crate::elaborate::names_of;
use crate::rules::Rule;

/// Names of torch that hide Python's own. Code that uses one means Python's: torch's refuses what is written.
const PYTHONS: &[&str] = &["bool", "compile", "complex", "float", "int", "range"];

/// Names that may be meant either way, with different results.
const EITHER: &[&str] = &["all", "any", "max", "min", "sum"];

pub(super) fn repair(cx: &Context<'_>) -> Option<Fix> {
    if cx.finding.rule != Rule::ForbiddenImport {
        return None;
    }
    let import = import_from(cx.body(), |import| cx.is_at(import.range))?;
    let [star] = import.names.as_slice() else {
        return None;
    };
    let used = used(cx.body(), import, star)?;
    let hidden: Vec<&str> = used
        .iter()
        .filter(|name| EITHER.contains(name))
        .copied()
        .collect();
    let is_pythons = |name: &&&str| !PYTHONS.contains(name) && !EITHER.contains(name);
    let named: Vec<&str> = used.iter().filter(is_pythons).copied().collect();
    let (title, edit) = if named.is_empty() {
        let title = "drop the import, of which nothing is wanted".to_owned();
        (title, (bytes(import), "pass".to_owned()))
    } else {
        let named = named.join(", ");
        (format!("import `{named}` by name"), (bytes(star), named))
    };
    if hidden.is_empty() {
        return Some(Fix::safe(title, vec![edit]));
    }
    let title = format!("{title}; `{}` is Python's", hidden.join(", "));
    Some(Fix::guess(title, vec![edit]))
}

/// The module's names that stand alone somewhere in the code.
fn used(body: &[Stmt], import: &StmtImportFrom, star: &Alias) -> Option<BTreeSet<&'static str>> {
    let module = import.module.as_ref().filter(|_| &star.name == "*")?;
    let known: BTreeSet<&'static str> = names_of(module.as_str())?.into_iter().collect();
    let names = expressions(body, Expr::is_name_expr).into_iter();
    let names = names.filter_map(Expr::as_name_expr);
    Some(
        names
            .filter(|name| name.ctx.is_load())
            .filter_map(|name| known.get(name.id.as_str()).copied())
            .collect(),
    )
}
