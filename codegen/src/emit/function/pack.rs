//! Tuples that are only ever handed on whole become one variable: `hidden` rather than `(h, c)`.
use std::collections::{BTreeMap, BTreeSet};

use super::body::{Body, Slot, SlotType};
use crate::ir::{Block, Carried, Expr, Loop, Stmt, Tree, VarId};

/// Packs what can be packed.
pub(super) fn run(body: &mut Body) {
    let mut groups = Groups::default();
    groups.collect(body);
    groups.settle(body);
    groups.rewrite(body);
}

/// Tuples by their first variable, and what ties some of them together.
#[derive(Debug, Default)]
struct Groups {
    /// The other variables and the name.
    all: BTreeMap<VarId, Group>,
    /// Groups of a loop: before it, in it, after an iteration, after the loop. All are packed or none is.
    loops: Vec<[VarId; 4]>,
}

#[derive(Clone, Debug)]
struct Group {
    members: Vec<VarId>,
    name: Option<String>,
}

impl Groups {
    fn collect(&mut self, body: &Body) {
        for param in &body.params {
            self.add_tree(body, &param.tree, Some(&param.name));
        }
        self.collect_block(body, &body.block);
    }

    fn collect_block(&mut self, body: &Body, block: &Block) {
        for stmt in block {
            match stmt {
                Stmt::Let {
                    out,
                    expr: Expr::Call { .. },
                    ..
                } => self.add_tree(body, out, None),
                Stmt::Loop(repeat) => {
                    // What an iteration hands on is looked for first: it is defined in the body.
                    self.add_currents(body, repeat);
                    self.collect_block(body, &repeat.body);
                    self.add_loop(repeat);
                }
                Stmt::Let { .. } | Stmt::BreakIf { .. } | Stmt::Push { .. } => {}
            }
        }
    }

    fn add_tree(&mut self, body: &Body, tree: &Tree, name: Option<&String>) {
        let Tree::Tuple(parts) = tree else { return };
        let members: Vec<VarId> = tree.vars();
        if parts.len() > 1 && members.len() == parts.len() {
            self.add(body, members, name);
        } else {
            for part in parts {
                self.add_tree(body, part, None);
            }
        }
    }

    fn add(&mut self, body: &Body, members: Vec<VarId>, name: Option<&String>) {
        let Some(first) = members.first() else { return };
        let names: BTreeSet<Option<&String>> =
            members.iter().map(|var| body[*var].name.as_ref()).collect();
        let common = if names.len() == 1 {
            names.into_iter().next().flatten()
        } else {
            None
        };
        self.all.insert(
            *first,
            Group {
                name: name.or(common).cloned(),
                members,
            },
        );
    }

    /// The carried variables that start as a group.
    fn runs(&self, repeat: &Loop) -> Vec<Vec<Carried>> {
        let mut runs = Vec::new();
        for (at, carried) in repeat.carried.iter().enumerate() {
            let Some(group) = self.all.get(&carried.init) else {
                continue;
            };
            let run: Vec<Carried> = repeat
                .carried
                .iter()
                .skip(at)
                .take(group.members.len())
                .copied()
                .collect();
            if run
                .iter()
                .map(|carried| carried.init)
                .eq(group.members.iter().copied())
            {
                runs.push(run);
            }
        }
        runs
    }

    fn add_currents(&mut self, body: &Body, repeat: &Loop) {
        for run in self.runs(repeat) {
            self.add(
                body,
                run.iter().map(|carried| carried.current).collect(),
                None,
            );
            self.add(
                body,
                run.iter().map(|carried| carried.result).collect(),
                None,
            );
        }
    }

    fn add_loop(&mut self, repeat: &Loop) {
        for run in self.runs(repeat) {
            let next: Vec<VarId> = run.iter().map(|carried| carried.next).collect();
            if let Some(first) = run.first() {
                let [init, current, result] = [first.init, first.current, first.result];
                match self.all.get(&first.next) {
                    Some(group) if group.members == next => {
                        self.loops.push([init, current, first.next, result]);
                    }
                    _ => self.remove(&[init, current, result]),
                }
            }
        }
    }

    fn remove(&mut self, firsts: &[VarId]) {
        for first in firsts {
            self.all.remove(first);
        }
    }

    /// Drops groups until every use of each is a use of the whole.
    fn settle(&mut self, body: &Body) {
        loop {
            let mut broken = BTreeSet::new();
            for part in result_parts(&body.returns, body.returns_parts) {
                self.visit_tree(part, &mut broken);
            }
            self.visit_block(&body.block, &mut broken);
            for tied in &self.loops {
                if tied.iter().any(|first| !self.all.contains_key(first)) {
                    broken.extend(tied);
                }
            }
            let dropped: Vec<VarId> = self
                .all
                .iter()
                .filter(|(_, group)| group.members.iter().any(|member| broken.contains(member)))
                .map(|(first, _)| *first)
                .collect();
            if dropped.is_empty() {
                return;
            }
            self.remove(&dropped);
        }
    }

    fn visit_block(&self, block: &Block, broken: &mut BTreeSet<VarId>) {
        self.visit_carried(block, &[], broken);
    }

    fn visit_carried(&self, block: &Block, carried: &[Carried], broken: &mut BTreeSet<VarId>) {
        for stmt in block {
            match stmt {
                Stmt::Let {
                    expr: Expr::Call { args, .. },
                    ..
                } => {
                    for arg in args {
                        self.visit_tree(arg, broken);
                    }
                }
                Stmt::Let { expr, .. } => broken.extend(expr.vars()),
                Stmt::Push { list, item, .. } => broken.extend([*list, *item]),
                Stmt::BreakIf { cond, next, .. } => {
                    broken.insert(*cond);
                    let currents: Vec<VarId> =
                        carried.iter().map(|carried| carried.current).collect();
                    self.visit_run(&currents, next, broken);
                }
                Stmt::Loop(repeat) => {
                    let of = |part: fn(&Carried) -> VarId| {
                        repeat.carried.iter().map(part).collect::<Vec<_>>()
                    };
                    let currents = of(|carried| carried.current);
                    self.visit_run(&currents, &of(|carried| carried.init), broken);
                    self.visit_run(&currents, &of(|carried| carried.next), broken);
                    self.visit_carried(&repeat.body, &repeat.carried, broken);
                }
            }
        }
    }

    /// Values for the carried variables `currents`: whole only where the carried ones are a group, and they too.
    fn visit_run(&self, currents: &[VarId], values: &[VarId], broken: &mut BTreeSet<VarId>) {
        let mut at = 0;
        while let Some(current) = currents.get(at) {
            let length = self.all.get(current).map_or(1, |group| group.members.len());
            let run = values.get(at..at + length).unwrap_or_default();
            let is_whole = self.is_group(currents.get(at..at + length).unwrap_or_default())
                && self.is_group(run);
            if !is_whole {
                broken.extend(run);
                broken.extend(currents.get(at..at + length).unwrap_or_default());
            }
            at += length.max(1);
        }
    }

    fn is_group(&self, vars: &[VarId]) -> bool {
        vars.first()
            .and_then(|first| self.all.get(first))
            .is_some_and(|group| group.members == vars)
    }

    fn visit_tree(&self, tree: &Tree, broken: &mut BTreeSet<VarId>) {
        match tree {
            Tree::Var(var) => {
                broken.insert(*var);
            }
            Tree::Tuple(parts) => {
                if !self.is_group(&tree.vars())
                    || !parts.iter().all(|part| matches!(part, Tree::Var(_)))
                {
                    for part in parts {
                        self.visit_tree(part, broken);
                    }
                }
            }
        }
    }

    fn rewrite(&self, body: &mut Body) {
        let mut packed = BTreeMap::new();
        for (first, group) in &self.all {
            let types: Vec<SlotType> = group
                .members
                .iter()
                .map(|var| body[*var].ty.clone())
                .collect();
            let var = body.push(Slot {
                ty: SlotType::Tuple(types),
                name: group.name.clone(),
            });
            packed.insert(*first, (group.members.len(), var));
        }
        let packed = Packed(packed);
        for param in &mut body.params {
            packed.tree(&mut param.tree);
        }
        match &mut body.returns {
            Tree::Tuple(parts) if body.returns_parts => {
                for part in parts {
                    packed.tree(part);
                }
            }
            whole => packed.tree(whole),
        }
        packed.block(&mut body.block);
    }
}

fn result_parts(returns: &Tree, are_separate: bool) -> &[Tree] {
    match returns {
        Tree::Tuple(parts) if are_separate => parts,
        whole => std::slice::from_ref(whole),
    }
}

/// The packed groups: length and new variable by first member.
struct Packed(BTreeMap<VarId, (usize, VarId)>);

impl Packed {
    fn tree(&self, tree: &mut Tree) {
        let Tree::Tuple(parts) = tree else { return };
        if let Some(Tree::Var(first)) = parts.first()
            && let Some((length, var)) = self.0.get(first)
            && *length == parts.len()
        {
            *tree = Tree::Var(*var);
            return;
        }
        for part in parts {
            self.tree(part);
        }
    }

    fn block(&self, block: &mut Block) {
        for stmt in block {
            match stmt {
                Stmt::Let { out, expr, .. } => {
                    self.tree(out);
                    if let Expr::Call { args, .. } = expr {
                        for arg in args {
                            self.tree(arg);
                        }
                    }
                }
                Stmt::BreakIf { next, .. } => *next = self.run(next),
                Stmt::Loop(repeat) => {
                    self.carried(&mut repeat.carried);
                    self.block(&mut repeat.body);
                }
                Stmt::Push { .. } => {}
            }
        }
    }

    fn run(&self, vars: &[VarId]) -> Vec<VarId> {
        let mut result = Vec::new();
        let mut at = 0;
        while let Some(first) = vars.get(at) {
            let (length, var) = self.0.get(first).copied().unwrap_or((1, *first));
            result.push(var);
            at += length;
        }
        result
    }

    fn carried(&self, carried: &mut Vec<Carried>) {
        let of =
            |part: fn(&Carried) -> VarId| self.run(&carried.iter().map(part).collect::<Vec<_>>());
        let (init, current) = (of(|c| c.init), of(|c| c.current));
        let (next, result) = (of(|c| c.next), of(|c| c.result));
        let parts = init
            .into_iter()
            .zip(current)
            .zip(next.into_iter().zip(result));
        *carried = parts
            .map(|((init, current), (next, result))| Carried {
                init,
                current,
                next,
                result,
            })
            .collect();
    }
}
