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
    let mut live: BTreeSet<VarId> = function.returns.vars().into_iter().collect();
    sweep(&mut function.body, &mut live);
}

/// From the last statement to the first, since a statement is read only by later ones.
fn sweep(block: &mut Block, live: &mut BTreeSet<VarId>) {
    let mut kept = Block::new();
    while let Some(mut stmt) = block.pop() {
        let has_effect = !stmt.pushes().is_empty() || matches!(stmt, Stmt::BreakIf { .. });
        if !has_effect && !stmt.defines().iter().any(|var| live.contains(var)) {
            continue;
        }
        if let Stmt::Loop(inner) = &mut stmt {
            live.extend(inner.carried.iter().map(|carried| carried.next));
            sweep(&mut inner.body, live);
        }
        live.extend(stmt.reads());
        kept.push(stmt);
    }
    kept.reverse();
    *block = kept;
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
