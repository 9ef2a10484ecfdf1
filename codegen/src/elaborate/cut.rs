//! Where gradients stop: what a block under `torch.no_grad()` computes is detached where the rest of the function reads it.
use std::collections::BTreeMap;
use std::ops::Range;

use crate::diagnostic::Span;
use crate::ir::{Block, DType, Expr, Function, Op, Stmt, Tree, Type, Var, VarId};

/// Detaches what the blocks computed. A block is given by the variables that it made.
pub(super) fn run(function: &mut Function, blocks: &[Range<u32>]) {
    for made in blocks {
        let mut read = Vec::new();
        outside_reads(&function.body, made, &mut read);
        read.extend(function.returns.vars());
        let mut cut = Cut {
            made,
            detached: BTreeMap::new(),
        };
        for var in read {
            if made.contains(&var.0) && !cut.detached.contains_key(&var) {
                cut.add(var, &mut function.vars);
            }
        }
        cut.block(&mut function.body);
        function.returns.map_vars(&mut |var| cut.rename(var));
    }
}

struct Cut<'a> {
    made: &'a Range<u32>,
    /// The detached form of a variable.
    detached: BTreeMap<VarId, VarId>,
}

impl Cut<'_> {
    fn add(&mut self, var: VarId, vars: &mut Vec<Var>) {
        let ty = vars.get(var.index()).map(|var| var.ty.clone());
        if let Some(ty @ Type::Tensor(_)) = ty
            && matches!(&ty, Type::Tensor(tensor) if tensor.dtype == DType::Float)
        {
            let detached = VarId(u32::try_from(vars.len()).unwrap_or(u32::MAX));
            vars.push(Var { ty, name: None });
            self.detached.insert(var, detached);
        }
    }

    fn rename(&self, var: &mut VarId) {
        if let Some(detached) = self.detached.get(var) {
            *var = *detached;
        }
    }

    /// What stands outside reads the detached forms, which follow what they are made of.
    fn block(&self, block: &mut Block) {
        let mut stmts = Vec::with_capacity(block.len());
        for mut stmt in block.drain(..) {
            let is_inside = is_inside(&stmt, self.made);
            if !is_inside {
                self.outside(&mut stmt);
            }
            let (results, span) = results(&stmt);
            stmts.push(stmt);
            for var in results.iter().filter(|_| is_inside) {
                if let Some(detached) = self.detached.get(var) {
                    stmts.push(detach(*var, *detached, span));
                }
            }
        }
        *block = stmts;
    }

    fn outside(&self, stmt: &mut Stmt) {
        match stmt {
            Stmt::Let { expr, .. } => expr.map_vars(&mut |var| self.rename(var)),
            Stmt::Loop(repeat) => {
                for carried in &mut repeat.carried {
                    self.rename(&mut carried.init);
                    self.rename(&mut carried.next);
                }
                self.block(&mut repeat.body);
            }
            Stmt::BreakIf { cond, next, .. } => {
                self.rename(cond);
                next.iter_mut().for_each(|var| self.rename(var));
            }
            Stmt::Push { item, .. } => self.rename(item),
        }
    }
}

fn detach(var: VarId, detached: VarId, span: Span) -> Stmt {
    Stmt::Let {
        out: Tree::Var(detached),
        expr: Expr::Op {
            op: Op::Detach,
            args: vec![var],
        },
        span,
    }
}

/// What a statement gives to those behind it.
fn results(stmt: &Stmt) -> (Vec<VarId>, Span) {
    match stmt {
        Stmt::Let { out, span, .. } => (out.vars(), *span),
        Stmt::Loop(repeat) => {
            let results = repeat.carried.iter().map(|carried| carried.result);
            (results.collect(), repeat.span)
        }
        Stmt::BreakIf { span, .. } | Stmt::Push { span, .. } => (Vec::new(), *span),
    }
}

fn is_inside(stmt: &Stmt, made: &Range<u32>) -> bool {
    let defined = stmt.defines();
    !defined.is_empty() && defined.iter().all(|var| made.contains(&var.0))
}

/// What the statements read that do not stand in the block.
fn outside_reads(block: &Block, made: &Range<u32>, read: &mut Vec<VarId>) {
    for stmt in block.iter().filter(|stmt| !is_inside(stmt, made)) {
        match stmt {
            Stmt::Loop(repeat) => {
                let carried = repeat.carried.iter();
                read.extend(carried.flat_map(|carried| [carried.init, carried.next]));
                outside_reads(&repeat.body, made, read);
            }
            _ => read.extend(stmt.reads()),
        }
    }
}
