//! Which token a row of the logits predicts, read off the loss: how far its targets are cut from the captions.
use std::collections::BTreeMap;

use crate::ir::{Block, Dim, Expr, Function, Op, SliceRange, Stmt, Tree, Type, VarId};

type Definitions<'f> = BTreeMap<VarId, &'f Expr>;

fn definitions(block: &Block) -> Definitions<'_> {
    let mut all = Definitions::new();
    for stmt in block {
        if let Stmt::Let {
            out: Tree::Var(var),
            expr,
            ..
        } = stmt
        {
            all.insert(*var, expr);
        }
    }
    all
}

/// First token of the targets minus first row of the logits, as far as both are cut in the loss itself.
pub(super) fn target_shift(loss: &Function) -> Option<usize> {
    let all = definitions(&loss.body);
    let args = all.values().find_map(|expr| match expr {
        Expr::Op {
            op: Op::CrossEntropy { .. },
            args,
        } => Some(args),
        _ => None,
    })?;
    let [logits, targets] = args.as_slice() else {
        return None;
    };
    let rows = cut(*logits, &all, 1);
    cut_last(*targets, &all).checked_sub(rows)
}

/// How much is cut off the front of an axis, counted from the front, on the way from where a variable came.
fn cut(var: VarId, all: &Definitions<'_>, axis: usize) -> usize {
    match all.get(&var) {
        Some(Expr::Op {
            op: Op::Slice(ranges),
            args,
        }) => start(ranges.get(axis)) + first(args).map_or(0, |var| cut(var, all, axis)),
        Some(Expr::Op {
            op: Op::Reshape | Op::Cast(_),
            args,
        }) => first(args).map_or(0, |var| cut(var, all, axis)),
        _ => 0,
    }
}

/// The same for the last axis.
fn cut_last(var: VarId, all: &Definitions<'_>) -> usize {
    match all.get(&var) {
        Some(Expr::Op {
            op: Op::Slice(ranges),
            args,
        }) => start(ranges.last()) + first(args).map_or(0, |var| cut_last(var, all)),
        Some(Expr::Op {
            op: Op::Reshape | Op::Cast(_) | Op::Select { .. } | Op::Squeeze(_),
            args,
        }) => first(args).map_or(0, |var| cut_last(var, all)),
        _ => 0,
    }
}

fn first(args: &[VarId]) -> Option<VarId> {
    args.first().copied()
}

fn start(range: Option<&SliceRange>) -> usize {
    let start = range.and_then(|range| range.start.as_constant());
    start
        .and_then(|start| usize::try_from(start).ok())
        .unwrap_or(0)
}

/// Rows of zeros that a net sets before its logits to make them as long as the captions.
pub(super) fn leading_padding(logits: &Function) -> usize {
    let all = definitions(&logits.body);
    let Tree::Var(result) = logits.returns else {
        return 0;
    };
    let Some(Expr::Op {
        op: Op::Cat(1),
        args,
    }) = all.get(&result)
    else {
        return 0;
    };
    let Some(first) = first(args) else { return 0 };
    if !matches!(
        all.get(&first),
        Some(Expr::Op {
            op: Op::Full(_),
            ..
        })
    ) {
        return 0;
    }
    let rows = match logits.vars.get(first.index()).map(|var| &var.ty) {
        Some(Type::Tensor(ty)) => ty.shape.get(1).and_then(Dim::as_constant),
        _ => None,
    };
    rows.and_then(|rows| usize::try_from(rows).ok())
        .unwrap_or(0)
}
