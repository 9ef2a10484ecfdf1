//! A tuple at inference, where ids or scores alone are wanted: `return ids, hidden`.
use ruff_python_ast::{CmpOp, Expr, Stmt};

use super::tree::{bytes, method};
use super::{Context, Fix};
use crate::rules::Rule;

pub(super) fn repair(cx: &Context<'_>) -> Option<Fix> {
    if cx.finding.rule != Rule::TupleAtInference {
        return None;
    }
    let forward = method(cx.class("Net")?, "forward")?;
    let captions = forward.parameters.args.get(2)?.name().as_str();
    let mut returns = Vec::new();
    collect(&forward.body, captions, Path::Both, &mut returns);
    let mut edits = Vec::new();
    for (value, path) in returns {
        let text = cx.block.code.get(bytes(value))?;
        let first = cx
            .block
            .code
            .get(bytes(value.as_tuple_expr()?.elts.first()?))?;
        let replacement = match path {
            Path::Inference => first.to_owned(),
            _ => format!(
                "({}) if {captions} is not None else {first}",
                text.trim_matches(['(', ')'])
            ),
        };
        if path == Path::Both && text.contains('(') && !value.as_tuple_expr()?.parenthesized {
            let both = format!("({text}) if {captions} is not None else {first}");
            edits.push((bytes(value), both));
        } else {
            edits.push((bytes(value), replacement));
        }
    }
    (!edits.is_empty()).then(|| Fix::safe("return ids or scores alone at inference", edits))
}

/// Which calls reach a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Path {
    Both,
    Teacher,
    Inference,
}

/// The tuples returned on the way that inference may take.
fn collect<'a>(body: &'a [Stmt], captions: &str, path: Path, found: &mut Vec<(&'a Expr, Path)>) {
    let mut path = path;
    for stmt in body {
        match stmt {
            Stmt::Return(stmt) if path != Path::Teacher => {
                let tuple = stmt.value.as_deref().filter(|value| is_pair(value));
                found.extend(tuple.map(|value| (value, path)));
            }
            Stmt::If(branch) => {
                let (then, other) = sides(&branch.test, captions, path);
                collect(&branch.body, captions, then, found);
                for clause in &branch.elif_else_clauses {
                    collect(&clause.body, captions, other, found);
                }
                let ends = branch
                    .body
                    .last()
                    .is_some_and(|last| last.is_return_stmt() || last.is_raise_stmt());
                if ends && branch.elif_else_clauses.is_empty() {
                    path = other;
                }
            }
            Stmt::With(with) => collect(&with.body, captions, path, found),
            _ => {}
        }
    }
}

fn is_pair(value: &Expr) -> bool {
    value
        .as_tuple_expr()
        .is_some_and(|tuple| tuple.elts.len() > 1)
}

/// What the branches of `if captions is None` and its like are for.
fn sides(test: &Expr, captions: &str, path: Path) -> (Path, Path) {
    let is_captions = |expr: &Expr| {
        expr.as_name_expr()
            .is_some_and(|name| name.id.as_str() == captions)
    };
    let Expr::Compare(compare) = test else {
        return (path, path);
    };
    match (&*compare.ops, &*compare.comparators) {
        ([op], [Expr::NoneLiteral(_)]) if is_captions(&compare.left) => match op {
            CmpOp::Is | CmpOp::Eq => (Path::Inference, Path::Teacher),
            CmpOp::IsNot | CmpOp::NotEq => (Path::Teacher, Path::Inference),
            _ => (path, path),
        },
        _ => (path, path),
    }
}
