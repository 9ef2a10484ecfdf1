//! Finds the syntax that a finding is about.
use std::ops::Range;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, Stmt, StmtClassDef, StmtFunctionDef, StmtImportFrom};
use ruff_text_size::{Ranged, TextRange};

use super::Context;

/// The bytes of a node in the code.
pub(super) fn bytes(node: &impl Ranged) -> Range<usize> {
    node.start().to_usize()..node.end().to_usize()
}

/// Collects the expressions that a test picks.
struct Collect<'a, F> {
    picks: F,
    found: Vec<&'a Expr>,
}

impl<'a, F: Fn(&Expr) -> bool> Visitor<'a> for Collect<'a, F> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if (self.picks)(expr) {
            self.found.push(expr);
        }
        walk_expr(self, expr);
    }
}

/// The expressions in some statements that a test picks.
pub(super) fn expressions(body: &[Stmt], picks: impl Fn(&Expr) -> bool) -> Vec<&Expr> {
    let mut collect = Collect {
        picks,
        found: Vec::new(),
    };
    collect.visit_body(body);
    collect.found
}

impl<'a> Context<'a> {
    pub(super) fn body(&self) -> &'a [Stmt] {
        self.syntax.map_or(&[], |syntax| &syntax.body)
    }

    /// Whether a node stands where the finding does.
    pub(super) fn is_at(&self, range: TextRange) -> bool {
        let range = range.start().to_u32()..range.end().to_u32();
        self.block.span(range) == self.finding.primary
    }

    /// The expressions at the finding's place that a test picks.
    pub(super) fn here(&self, picks: impl Fn(&Expr) -> bool) -> Option<&'a Expr> {
        let at = |expr: &Expr| picks(expr) && self.is_at(expr.range());
        expressions(self.body(), at).into_iter().next()
    }

    /// A class at module level.
    pub(super) fn class(&self, name: &str) -> Option<&'a StmtClassDef> {
        self.body().iter().find_map(|stmt| match stmt {
            Stmt::ClassDef(class) if class.name.as_str() == name => Some(class),
            _ => None,
        })
    }

    /// The class around a place.
    pub(super) fn class_around(&self, place: &Expr) -> Option<&'a StmtClassDef> {
        self.body().iter().find_map(|stmt| match stmt {
            Stmt::ClassDef(class) if class.range().contains_range(place.range()) => Some(class),
            _ => None,
        })
    }

    /// Where an import can be added: before the first statement that is no docstring.
    pub(super) fn top(&self) -> usize {
        let is_docstring = |stmt: &&Stmt| {
            matches!(stmt, Stmt::Expr(expr) if expr.value.is_string_literal_expr())
                || matches!(stmt, Stmt::ImportFrom(from) if from.module.as_deref() == Some("__future__"))
        };
        let first = self.body().iter().find(|stmt| !is_docstring(stmt));
        first.map_or(self.block.code.len(), |stmt| stmt.start().to_usize())
    }
}

/// A method of a class.
pub(super) fn method<'a>(class: &'a StmtClassDef, name: &str) -> Option<&'a StmtFunctionDef> {
    class.body.iter().find_map(|stmt| match stmt {
        Stmt::FunctionDef(def) if def.name.as_str() == name => Some(def),
        _ => None,
    })
}

/// A function at module level.
pub(super) fn function<'a>(body: &'a [Stmt], name: &str) -> Option<&'a StmtFunctionDef> {
    body.iter().find_map(|stmt| match stmt {
        Stmt::FunctionDef(def) if def.name.as_str() == name => Some(def),
        _ => None,
    })
}

/// Finds the import that a test picks.
struct Imports<'a, F> {
    picks: F,
    found: Option<&'a StmtImportFrom>,
}

impl<'a, F: Fn(&StmtImportFrom) -> bool> Visitor<'a> for Imports<'a, F> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::ImportFrom(import) if (self.picks)(import) => self.found = Some(import),
            _ => walk_stmt(self, stmt),
        }
    }
}

/// A `from .. import` that a test picks.
pub(super) fn import_from(
    body: &[Stmt],
    picks: impl Fn(&StmtImportFrom) -> bool,
) -> Option<&StmtImportFrom> {
    let mut imports = Imports { picks, found: None };
    imports.visit_body(body);
    imports.found
}
