//! Which values are written where they are used: nameless ones that are used once, as long as the nesting stays readable.
use std::collections::BTreeMap;

use super::body::Body;
use crate::ir::{Block, Expr, Layer, ModuleKind, Op, Program, Stmt, Tree, VarId};

/// How deep an expression may nest: a call counts 2, a method 1.
const MAX_COST: usize = 8;

/// From this cost on the input of a layer with weights is a statement of its own.
const LONG: usize = 6;

/// Values that are written where they are used.
pub(super) fn find(program: &Program, body: &Body) -> BTreeMap<VarId, Expr> {
    let mut search = Search {
        program,
        body,
        uses: BTreeMap::new(),
        inlined: BTreeMap::new(),
        costs: BTreeMap::new(),
    };
    let mut n_blocks = 0;
    search.count(&body.block, &mut n_blocks);
    for var in body.returns.vars() {
        search.add_use(var, 0);
    }
    n_blocks = 0;
    search.decide(&body.block, &mut n_blocks);
    search.inlined
}

/// Blocks are numbered from outside in, the body of the function first.
struct Search<'a> {
    program: &'a Program,
    body: &'a Body,
    /// How often a variable is used, and in which block last.
    uses: BTreeMap<VarId, (usize, Option<usize>)>,
    inlined: BTreeMap<VarId, Expr>,
    costs: BTreeMap<VarId, usize>,
}

impl Search<'_> {
    fn add_use(&mut self, var: VarId, block: usize) {
        let entry = self.uses.entry(var).or_default();
        *entry = (entry.0 + 1, Some(block));
    }

    fn count(&mut self, block: &Block, n_blocks: &mut usize) {
        let id = *n_blocks;
        *n_blocks += 1;
        for stmt in block {
            match stmt {
                Stmt::Loop(repeat) => {
                    repeat
                        .carried
                        .iter()
                        .for_each(|carried| self.add_use(carried.init, id));
                    let inner = *n_blocks;
                    self.count(&repeat.body, n_blocks);
                    repeat
                        .carried
                        .iter()
                        .for_each(|carried| self.add_use(carried.next, inner));
                }
                Stmt::BreakIf { cond, next, .. } => {
                    self.add_use(*cond, id);
                    // Not to be computed only when the loop breaks.
                    for var in next {
                        self.add_use(*var, usize::MAX);
                    }
                }
                other => other
                    .reads()
                    .into_iter()
                    .for_each(|var| self.add_use(var, id)),
            }
        }
    }

    fn decide(&mut self, block: &Block, n_blocks: &mut usize) {
        let id = *n_blocks;
        *n_blocks += 1;
        for stmt in block {
            match stmt {
                Stmt::Let { out, expr, .. } => self.decide_let(out, expr, id),
                Stmt::Loop(repeat) => self.decide(&repeat.body, n_blocks),
                Stmt::BreakIf { .. } | Stmt::Push { .. } => {}
            }
        }
    }

    fn decide_let(&mut self, out: &Tree, expr: &Expr, block: usize) {
        let cost = Self::own_cost(expr) + self.bind_long_operands(expr);
        if let Tree::Var(var) = out
            && self.body[*var].name.is_none()
            && self.uses.get(var) == Some(&(1, Some(block)))
        {
            self.costs.insert(*var, cost);
            self.inlined.insert(*var, expr.clone());
        }
    }

    /// Takes operands back that would nest too deep; the cost of the deepest that is left.
    fn bind_long_operands(&mut self, expr: &Expr) -> usize {
        let own = Self::own_cost(expr);
        let limit = if self.has_weights(expr) {
            LONG - 1
        } else {
            MAX_COST - own
        };
        let mut deepest = 0;
        for var in expr.vars() {
            let Some(cost) = self.costs.get(&var).copied() else {
                continue;
            };
            if cost > limit {
                self.inlined.remove(&var);
                self.costs.remove(&var);
            } else {
                deepest = deepest.max(cost);
            }
        }
        deepest
    }

    fn own_cost(expr: &Expr) -> usize {
        match expr {
            Expr::Param(_) => 0,
            Expr::List(_) => 1,
            Expr::Layer { .. } | Expr::Call { .. } => 2,
            Expr::Op { op, .. } => match op {
                Op::Unary(_)
                | Op::Softmax(_)
                | Op::LogSoftmax(_)
                | Op::Cat(_)
                | Op::Stack(_)
                | Op::CrossEntropy { .. } => 2,
                _ => 1,
            },
        }
    }

    fn has_weights(&self, expr: &Expr) -> bool {
        let Expr::Layer { layer, .. } = expr else {
            return matches!(expr, Expr::Call { .. });
        };
        match &self.program[*layer].kind {
            ModuleKind::Layer { layer, .. } => {
                !layer.tensors().is_empty()
                    && !matches!(layer, Layer::BatchNorm { .. } | Layer::LayerNorm { .. })
            }
            ModuleKind::Struct { .. } | ModuleKind::List(_) => false,
        }
    }
}
