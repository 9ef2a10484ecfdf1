//! N047 `batch-coupled-beam`: beams ranked by a number of the whole batch.
use std::collections::BTreeSet;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::interp::Interp;
use crate::rules::Rule;

/// The functions that order by a key.
const ORDERING: [&str; 4] = ["sort", "sorted", "max", "min"];

/// The keys that things are ordered by: names of functions, and places of lambdas.
#[derive(Default)]
struct Keys<'s> {
    names: BTreeSet<&'s str>,
    lambdas: BTreeSet<u32>,
}

impl<'s> Visitor<'s> for Keys<'s> {
    fn visit_expr(&mut self, expr: &'s Expr) {
        if let Expr::Call(call) = expr
            && called(call).is_some_and(|name| ORDERING.contains(&name))
        {
            for keyword in &call.arguments.keywords {
                match &keyword.value {
                    Expr::Name(name) => drop(self.names.insert(name.id.as_str())),
                    Expr::Lambda(lambda) => {
                        self.lambdas.insert(lambda.start().to_u32());
                    }
                    _ => {}
                }
            }
        }
        walk_expr(self, expr);
    }
}

/// The places in keys where a tensor becomes one number.
struct Reduced<'k, 's> {
    keys: &'k Keys<'s>,
    /// Keys around the place.
    depth: usize,
    found: Vec<TextRange>,
}

impl<'s> Visitor<'s> for Reduced<'_, 's> {
    fn visit_stmt(&mut self, stmt: &'s Stmt) {
        let is_key = matches!(stmt, Stmt::FunctionDef(function)
            if self.keys.names.contains(function.name.as_str()));
        self.depth += usize::from(is_key);
        walk_stmt(self, stmt);
        self.depth -= usize::from(is_key);
    }

    fn visit_expr(&mut self, expr: &'s Expr) {
        let is_key = matches!(expr, Expr::Lambda(lambda)
            if self.keys.lambdas.contains(&lambda.start().to_u32()));
        self.depth += usize::from(is_key);
        if self.depth > 0 && is_reduced_item(expr) {
            self.found.push(expr.range());
        }
        walk_expr(self, expr);
        self.depth -= usize::from(is_key);
    }
}

/// `x.mean().item()`: over all axes, the batch's too.
fn is_reduced_item(expr: &Expr) -> bool {
    let Expr::Call(item) = expr else { return false };
    let (Some("item"), Expr::Attribute(attribute)) = (called(item), &*item.func) else {
        return false;
    };
    let Expr::Call(reduction) = &*attribute.value else {
        return false;
    };
    matches!(called(reduction), Some("mean" | "sum")) && reduction.arguments.is_empty()
}

/// The last part of the name that is called.
fn called(call: &ExprCall) -> Option<&str> {
    match &*call.func {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        _ => None,
    }
}

impl<'a> Interp<'a, '_> {
    /// Warns of beams that are ranked by a number of the whole batch.
    pub(super) fn warn_coupled_beams(&mut self, body: &'a [Stmt]) {
        let mut keys = Keys::default();
        keys.visit_body(body);
        let mut reduced = Reduced {
            keys: &keys,
            depth: 0,
            found: Vec::new(),
        };
        reduced.visit_body(body);
        for range in reduced.found {
            let span = self.span(&range);
            let message = "beams are ranked by one number of the whole batch";
            self.diags
                .warn(Rule::BatchCoupledBeam, span, message)
                .help("rank the beams of each picture by its own scores");
        }
    }
}
