//! Changes to traced blocks: a variable replaced, unused results of a loop dropped.
use std::collections::BTreeSet;

use crate::ir::{Block, Function, Stmt, Sym, VarId};

/// Replaces a variable that the block uses and does not define.
pub(super) fn replace_var(block: &mut Block, old: VarId, new: VarId) {
    for stmt in block {
        stmt.map_vars(&mut |var| {
            if *var == old {
                *var = new;
            }
        });
    }
}

/// Keeps of each `break` in the block only the values of the variables that are carried.
pub(super) fn keep_breaks(block: &mut Block, keep: &[bool]) {
    for stmt in block {
        if let Stmt::BreakIf { next, .. } = stmt {
            let mut kept = keep.iter();
            next.retain(|_| kept.next().copied().unwrap_or(false));
        }
    }
}

/// Drops statements whose results nobody reads: every computation is pure.
pub(super) fn drop_dead(function: &mut Function) {
    loop {
        let mut live: BTreeSet<VarId> = function.returns.vars().into_iter().collect();
        live.extend(function.body.iter().flat_map(Stmt::reads));
        let before = count(&function.body);
        sweep(&mut function.body, &live);
        if count(&function.body) == before {
            return;
        }
    }
}

fn sweep(block: &mut Block, live: &BTreeSet<VarId>) {
    block.retain_mut(|stmt| match stmt {
        Stmt::Let { out, .. } => out.vars().iter().any(|var| live.contains(var)),
        Stmt::Loop(inner) => {
            sweep(&mut inner.body, live);
            let pushes = inner
                .body
                .iter()
                .any(|stmt| matches!(stmt, Stmt::Push { .. } | Stmt::Loop(_)));
            pushes
                || inner
                    .carried
                    .iter()
                    .any(|carried| live.contains(&carried.result))
        }
        Stmt::Push { .. } | Stmt::BreakIf { .. } => true,
    });
}

fn count(block: &Block) -> usize {
    block
        .iter()
        .map(|stmt| {
            if let Stmt::Loop(inner) = stmt {
                1 + count(&inner.body)
            } else {
                1
            }
        })
        .sum()
}

/// The index symbols of the loops in a block.
pub(super) fn loop_symbols(block: &Block, symbols: &mut Vec<Sym>) {
    for stmt in block {
        if let Stmt::Loop(inner) = stmt {
            symbols.push(inner.index);
            loop_symbols(&inner.body, symbols);
        }
    }
}
