//! Names for the two parts of a recurrent state that Python holds as one tuple.
use std::collections::BTreeMap;

use super::body::Body;
use crate::ir::{Block, Expr, Stmt, Tree, VarId};

/// Names the parts `hidden` and `cell` where Python has one name for both, or none.
pub(super) fn name(body: &mut Body) {
    let mut names = BTreeMap::new();
    collect(body, &body.block, &mut names);
    loop {
        let before = names.len();
        carry(&body.block, &mut names);
        if names.len() == before {
            break;
        }
    }
    for (var, name) in names {
        if let Some(slot) = body.slots.get_mut(var.index()) {
            slot.name = Some(name.to_owned());
        }
    }
}

fn collect(body: &Body, block: &Block, names: &mut BTreeMap<VarId, &'static str>) {
    for stmt in block {
        match stmt {
            Stmt::Let {
                out,
                expr: Expr::Layer { args, .. },
                ..
            } => {
                let Some(state @ Tree::Tuple(parts)) = args.get(1) else {
                    continue;
                };
                if parts.is_empty() {
                    continue;
                }
                add(body, state, names);
                add(body, out, names);
                if let Tree::Tuple(parts) = out {
                    for part in parts {
                        add(body, part, names);
                    }
                }
            }
            Stmt::Loop(repeat) => collect(body, &repeat.body, names),
            Stmt::Let { .. } | Stmt::BreakIf { .. } | Stmt::Push { .. } => {}
        }
    }
}

fn add(body: &Body, state: &Tree, names: &mut BTreeMap<VarId, &'static str>) {
    let Tree::Tuple(parts) = state else { return };
    if let [Tree::Var(hidden), Tree::Var(cell)] = parts.as_slice()
        && body[*hidden].name == body[*cell].name
    {
        names.insert(*hidden, "hidden");
        names.insert(*cell, "cell");
    }
}

/// What a loop carries keeps its name.
fn carry(block: &Block, names: &mut BTreeMap<VarId, &'static str>) {
    for stmt in block {
        if let Stmt::Loop(repeat) = stmt {
            for carried in &repeat.carried {
                let all = [carried.current, carried.next, carried.result];
                let known = all.iter().find_map(|var| names.get(var).copied());
                if let Some(name) = known {
                    names.extend(all.map(|var| (var, name)));
                }
            }
            carry(&repeat.body, names);
        }
    }
}
