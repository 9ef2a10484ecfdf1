//! A function being traced: its variables and the blocks that are open.
use std::ops::Range;

use crate::diagnostic::Span;
use crate::ir::{Dim, Expr, Function, FunctionParam, ModuleId, Stmt, Sym, Tree, Type, Var, VarId};

use super::arena::{Arena, handles};
use super::value::{CellId, Value};

handles! {
    /// A statement of an open block.
    StmtId;
}

/// The statements of a block that is open.
pub(super) type OpenBlock = Arena<StmtId, Stmt>;

/// A function being traced.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) name: String,
    pub(super) receiver: Option<ModuleId>,
    pub(super) home: ModuleId,
    pub(super) params: Vec<FunctionParam>,
    pub(super) vars: Arena<VarId, Var>,
    /// The body, then the body of each open loop.
    pub(super) blocks: Vec<OpenBlock>,
    pub(super) loops: Vec<OpenLoop>,
    pub(super) span: Span,
    /// Whether it read `self.training`.
    pub(super) reads_mode: bool,
    /// The variables that were made without gradients.
    pub(super) without_gradients: Vec<Range<u32>>,
}

/// A kept loop being traced.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenLoop {
    /// Its index, and how many values that takes.
    pub(super) index: Option<(Sym, Dim)>,
    /// The tensors that may change from iteration to iteration.
    pub(super) candidates: Vec<Candidate>,
    /// The names that the body may bind, with their values at its start.
    pub(super) entry: Vec<(String, Value)>,
    pub(super) has_break: bool,
}

/// A tensor that a kept loop may carry.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// The name whose value holds it, and its position among that value's tensors.
    pub(super) name: String,
    pub(super) position: usize,
    pub(super) init: VarId,
    pub(super) current: VarId,
    /// By how much each axis grows in an iteration.
    pub(super) rates: Vec<i64>,
    /// The handles outside and inside the loop.
    pub(super) cells: Option<(CellId, CellId)>,
}

impl Frame {
    pub(super) fn new(name: &str, receiver: Option<ModuleId>, home: ModuleId, span: Span) -> Self {
        Self {
            name: name.to_owned(),
            receiver,
            home,
            params: Vec::new(),
            vars: Arena::default(),
            blocks: vec![OpenBlock::default()],
            loops: Vec::new(),
            span,
            reads_mode: false,
            without_gradients: Vec::new(),
        }
    }

    pub(super) fn n_loops(&self) -> usize {
        self.loops.len()
    }

    pub(super) fn var(&mut self, ty: Type) -> VarId {
        self.vars.push(Var { ty, name: None })
    }

    pub(super) fn push(&mut self, stmt: Stmt) {
        if let Some(block) = self.blocks.last_mut() {
            block.push(stmt);
        }
    }

    pub(super) fn push_let(&mut self, out: Tree, expr: Expr, span: Span) {
        self.push(Stmt::Let { out, expr, span });
    }

    /// Adds a statement to the block that encloses the loops beyond `depth`.
    pub(super) fn push_at(&mut self, depth: usize, stmt: Stmt) {
        if let Some(block) = self.blocks.get_mut(depth) {
            block.push(stmt);
        }
    }

    /// Gives a variable its Python name, unless it has one.
    pub(super) fn name_var(&mut self, var: VarId, name: &str) {
        if let Some(var) = self.vars.find_mut(var)
            && var.name.is_none()
        {
            var.name = Some(name.to_owned());
        }
    }

    pub(super) fn set_list_length(&mut self, list: VarId, length: Dim) {
        if let Some(Var {
            ty: Type::List { length: old, .. },
            ..
        }) = self.vars.find_mut(list)
        {
            *old = length;
        }
    }

    /// The statements so far, but for those of open loops.
    pub(super) fn statements(&self) -> impl Iterator<Item = &Stmt> {
        let body = self.blocks.first().into_iter();
        body.flat_map(|block| block.iter().map(|(_, stmt)| stmt))
    }

    /// What was traced so far, as a function of no result.
    pub(super) fn function(&self) -> Function {
        self.clone().finish(Tree::empty())
    }

    /// The finished function.
    pub(super) fn finish(mut self, returns: Tree) -> Function {
        let mut function = Function {
            name: self.name,
            variant: None,
            receiver: self.receiver,
            home: self.home,
            params: self.params,
            vars: self.vars.into_items(),
            body: self.blocks.pop().unwrap_or_default().into_items(),
            returns,
            span: self.span,
        };
        super::cut::run(&mut function, &self.without_gradients);
        function
    }
}
