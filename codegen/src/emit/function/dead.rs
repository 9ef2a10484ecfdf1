//! Removes what no result is computed from; every operation is pure.
use std::collections::BTreeSet;

use super::body::Body;
use crate::ir::{Block, Carried, Loop, Stmt, VarId};

/// Removes dead statements and carried variables.
pub(super) fn remove(body: &mut Body) {
    let mut live: BTreeSet<VarId> = body.returns.vars().into_iter().collect();
    loop {
        let before = live.len();
        mark(&body.block, &[], &mut live);
        if live.len() == before {
            break;
        }
    }
    sweep(&mut body.block, &[], &live);
}

fn mark(block: &Block, carried: &[Carried], live: &mut BTreeSet<VarId>) {
    for stmt in block.iter().rev() {
        if !is_live(stmt, live) {
            continue;
        }
        match stmt {
            Stmt::Let { expr, .. } => live.extend(expr.vars()),
            Stmt::Push { item, .. } => {
                live.insert(*item);
            }
            Stmt::BreakIf { cond, next, .. } => {
                live.insert(*cond);
                let kept: Vec<VarId> = carried
                    .iter()
                    .zip(next)
                    .filter(|(carried, _)| is_carried(carried, live))
                    .map(|(_, var)| *var)
                    .collect();
                live.extend(kept);
            }
            Stmt::Loop(repeat) => mark_loop(repeat, live),
        }
    }
}

fn mark_loop(repeat: &Loop, live: &mut BTreeSet<VarId>) {
    for carried in &repeat.carried {
        if is_carried(carried, live) {
            live.extend([carried.init, carried.next]);
        }
    }
    mark(&repeat.body, &repeat.carried, live);
}

/// A `break` decides how often its loop runs: it is as live as the loop, whose body is looked at only when it is.
fn is_live(stmt: &Stmt, live: &BTreeSet<VarId>) -> bool {
    match stmt {
        Stmt::Let { out, .. } => out.vars().iter().any(|var| live.contains(var)),
        Stmt::Push { list, .. } => live.contains(list),
        Stmt::BreakIf { .. } => true,
        Stmt::Loop(repeat) => {
            repeat
                .carried
                .iter()
                .any(|carried| live.contains(&carried.result))
                || repeat
                    .body
                    .iter()
                    .flat_map(Stmt::pushes)
                    .any(|list| live.contains(&list))
        }
    }
}

fn is_carried(carried: &Carried, live: &BTreeSet<VarId>) -> bool {
    live.contains(&carried.result) || live.contains(&carried.current)
}

fn sweep(block: &mut Block, carried: &[Carried], live: &BTreeSet<VarId>) {
    block.retain(|stmt| is_live(stmt, live));
    for stmt in block {
        match stmt {
            Stmt::BreakIf { next, .. } => {
                let mut flags = carried.iter().map(|carried| is_carried(carried, live));
                next.retain(|_| flags.next().unwrap_or(true));
            }
            Stmt::Loop(repeat) => {
                sweep(&mut repeat.body, &repeat.carried, live);
                repeat.carried.retain(|carried| is_carried(carried, live));
            }
            Stmt::Let { .. } | Stmt::Push { .. } => {}
        }
    }
}
