//! A name that nets use by habit, without its import: `F.relu(x)`.
use super::{Context, Fix};
use crate::elaborate::suggest_import;
use crate::rules::Rule;

pub(super) fn repair(cx: &Context<'_>) -> Option<Fix> {
    if !matches!(
        cx.finding.rule,
        Rule::UndefinedName | Rule::InferNotTranslatable | Rule::NoInferencePath
    ) {
        return None;
    }
    let name = cx.here(ruff_python_ast::Expr::is_name_expr)?;
    let import = suggest_import(name.as_name_expr()?.id.as_str())?;
    let top = cx.top();
    Some(Fix::safe(
        format!("add `{import}`"),
        vec![(top..top, format!("{import}\n"))],
    ))
}
