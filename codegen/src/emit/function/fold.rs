//! `for layer in self.layers: x = layer(x)`, which elaboration runs out, becomes a fold over the list again.
use std::collections::BTreeMap;

use super::body::Body;
use crate::emit::Cx;
use crate::ir::{Block, Expr, Layer, ModuleId, ModuleKind, Stmt, Tree, VarId};

/// Replaces runs of calls on all items of a list by one call on the list.
pub(super) fn run(cx: &Cx<'_>, body: &Body) -> Body {
    let mut body = body.clone();
    let mut uses: BTreeMap<VarId, usize> = BTreeMap::new();
    for var in body
        .block
        .iter()
        .flat_map(Stmt::reads)
        .chain(body.returns.vars())
    {
        *uses.entry(var).or_default() += 1;
    }
    fold_block(cx, &uses, &mut body.block);
    body
}

/// The argument that is handed from item to item: the first.
pub(super) fn split_first(args: &[Tree]) -> Option<(VarId, &[Tree])> {
    match args.split_first() {
        Some((Tree::Var(first), rest)) => Some((*first, rest)),
        _ => None,
    }
}

fn fold_block(cx: &Cx<'_>, uses: &BTreeMap<VarId, usize>, block: &mut Block) {
    let mut folded = Block::new();
    let mut rest = block.as_slice();
    while let Some((first, after)) = rest.split_first() {
        if let Some((list, n_items)) = find_run(cx, uses, rest)
            && let (Some(run), Some(left)) = (rest.get(..n_items), rest.get(n_items..))
        {
            folded.extend(on_list(run, list));
            rest = left;
            continue;
        }
        let mut stmt = first.clone();
        if let Stmt::Loop(repeat) = &mut stmt {
            fold_block(cx, uses, &mut repeat.body);
        }
        folded.push(stmt);
        rest = after;
    }
    *block = folded;
}

/// The list and its length, when the statements start with calls on all its items in order.
fn find_run(
    cx: &Cx<'_>,
    uses: &BTreeMap<VarId, usize>,
    stmts: &[Stmt],
) -> Option<(ModuleId, usize)> {
    let (item, _, _) = call(stmts.first()?)?;
    let list = cx.program[item]
        .parent
        .filter(|list| cx.layout.is_uniform(*list))?;
    let ModuleKind::List(items) = &cx.program[list].kind else {
        return None;
    };
    let run = stmts.get(..items.len()).filter(|run| run.len() > 1)?;
    let calls: Vec<(ModuleId, &Expr, VarId)> = run.iter().map_while(call).collect();
    let in_order = calls.iter().map(|(item, _, _)| item).eq(items);
    let is_chain =
        calls
            .iter()
            .zip(calls.iter().skip(1))
            .all(|((_, before, out), (_, after, _))| {
                uses.get(out) == Some(&1) && is_successor(cx, before, after, *out)
            });
    (in_order && is_chain).then_some((list, items.len()))
}

/// A call on a module with one result.
fn call(stmt: &Stmt) -> Option<(ModuleId, &Expr, VarId)> {
    match stmt {
        Stmt::Let {
            out: Tree::Var(out),
            expr,
            ..
        } => match expr {
            Expr::Call {
                receiver: Some(module),
                ..
            }
            | Expr::Layer { layer: module, .. } => Some((*module, expr, *out)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether `after` is what `before` is, of its result `out`.
fn is_successor(cx: &Cx<'_>, before: &Expr, after: &Expr, out: VarId) -> bool {
    let same_args =
        |before: &[Tree], after: &[Tree]| match (split_first(before), split_first(after)) {
            (Some((_, before)), Some((first, after))) => first == out && before == after,
            _ => false,
        };
    match (before, after) {
        (Expr::Layer { layer, args: first }, Expr::Layer { args: second, .. }) => {
            is_plain(cx, *layer) && same_args(first, second)
        }
        (
            Expr::Call {
                function,
                args: first,
                symbols,
                ..
            },
            Expr::Call {
                function: other,
                args: second,
                symbols: others,
                ..
            },
        ) => {
            same_args(first, second)
                && symbols == others
                && cx.method(*function) == cx.method(*other)
        }
        _ => false,
    }
}

/// Whether a layer is applied by `forward` of its input alone.
fn is_plain(cx: &Cx<'_>, layer: ModuleId) -> bool {
    let ModuleKind::Layer { layer: kind, .. } = &cx.program[layer].kind else {
        return false;
    };
    cx.layout.tied(layer).is_none()
        && matches!(
            kind,
            Layer::Conv2d { .. }
                | Layer::Linear { .. }
                | Layer::BatchNorm { .. }
                | Layer::LayerNorm { .. }
                | Layer::Dropout { .. }
                | Layer::MaxPool2d { .. }
                | Layer::AvgPool2d { .. }
                | Layer::AdaptiveAvgPool2d { .. }
                | Layer::AdaptiveMaxPool2d { .. }
        )
}

/// One call on the list in place of the calls on its items.
fn on_list(run: &[Stmt], list: ModuleId) -> Option<Stmt> {
    let (Stmt::Let { expr, span, .. }, Stmt::Let { out, .. }) = (run.first()?, run.last()?) else {
        return None;
    };
    let mut expr = expr.clone();
    match &mut expr {
        Expr::Call { receiver, .. } => *receiver = Some(list),
        Expr::Layer { layer, .. } => *layer = list,
        Expr::Op { .. } | Expr::Param(_) | Expr::List(_) => {}
    }
    Some(Stmt::Let {
        out: out.clone(),
        expr,
        span: *span,
    })
}
