//! The names that a block of Python may bind or write in place.
use super::interp::root_name;
use ruff_python_ast as ast;
use ruff_python_ast::Stmt as Syntax;
use std::collections::BTreeSet;

/// Whether an `if` in the body may break out of the loop.
pub(super) fn has_data_break(body: &[Syntax]) -> bool {
    body.iter().any(|stmt| match stmt {
        Syntax::If(branch) => matches!(branch.body.as_slice(), [Syntax::Break(_)]),
        _ => false,
    })
}

/// The names that a block may bind or write in place.
pub(super) fn bound_names(body: &[Syntax], names: &mut BTreeSet<String>) {
    for stmt in body {
        match stmt {
            Syntax::Assign(assign) => assign
                .targets
                .iter()
                .for_each(|target| target_names(target, names)),
            Syntax::AugAssign(assign) => target_names(&assign.target, names),
            Syntax::AnnAssign(assign) => target_names(&assign.target, names),
            Syntax::Expr(expr) => method_receiver(&expr.value, names),
            Syntax::For(inner) => {
                target_names(&inner.target, names);
                bound_names(&inner.body, names);
            }
            Syntax::While(inner) => bound_names(&inner.body, names),
            Syntax::If(branch) => {
                bound_names(&branch.body, names);
                branch
                    .elif_else_clauses
                    .iter()
                    .for_each(|clause| bound_names(&clause.body, names));
            }
            Syntax::With(with) => bound_names(&with.body, names),
            Syntax::Try(attempt) => bound_names(&attempt.body, names),
            _ => {}
        }
    }
}

/// `x.add_(y)` writes `x`.
pub(super) fn method_receiver(expr: &ast::Expr, names: &mut BTreeSet<String>) {
    if let ast::Expr::Call(call) = expr
        && let ast::Expr::Attribute(attribute) = &*call.func
        && attribute.attr.ends_with('_')
        && let Some(name) = root_name(&attribute.value)
    {
        names.insert(name.to_owned());
    }
}

pub(super) fn target_names(target: &ast::Expr, names: &mut BTreeSet<String>) {
    match target {
        ast::Expr::Tuple(tuple) => tuple.elts.iter().for_each(|item| target_names(item, names)),
        ast::Expr::List(list) => list.elts.iter().for_each(|item| target_names(item, names)),
        ast::Expr::Starred(starred) => target_names(&starred.value, names),
        ast::Expr::Attribute(_) => {}
        other => {
            if let Some(name) = root_name(other) {
                names.insert(name.to_owned());
            }
        }
    }
}
