//! When a loop's variable takes the value for the next iteration, and which values live in it.
use std::collections::{BTreeMap, BTreeSet};

use super::body::Body;
use crate::ir::{Block, Carried, Expr, Loop, Stmt, VarId};

/// When a carried variable is assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assign {
    /// Where its next value is computed.
    AtDefinition,
    /// Before the `if` of this statement of the loop's body.
    Before(usize),
    /// At the end of the body.
    AtEnd,
    /// It keeps its value.
    Never,
}

/// The Rust variables of a function's loops.
#[derive(Debug, Default)]
pub(super) struct Carry {
    /// By the carried variable at the start of an iteration.
    assigns: BTreeMap<VarId, Assign>,
    /// The Rust variable a value lives in, where it is not its own.
    locals: BTreeMap<VarId, VarId>,
    /// Rust variables that change.
    mutable: BTreeSet<VarId>,
    /// Values that go into a loop's variable as soon as they are computed.
    direct: BTreeSet<VarId>,
    /// How often each value is used.
    uses: BTreeMap<VarId, usize>,
}

impl Carry {
    pub(super) fn new(body: &Body, inlined: &BTreeMap<VarId, Expr>) -> Self {
        let mut carry = Self::default();
        let mut uses: BTreeMap<VarId, usize> = BTreeMap::new();
        for var in body
            .block
            .iter()
            .flat_map(Stmt::reads)
            .chain(body.returns.vars())
        {
            *uses.entry(var).or_default() += 1;
        }
        let params = body
            .params
            .iter()
            .filter(|param| !matches!(param.tree, crate::ir::Tree::Var(_)));
        let unpacked: BTreeSet<VarId> = params.flat_map(|param| param.tree.vars()).collect();
        carry.visit(
            &body.block,
            unpacked,
            &Cx {
                body,
                inlined,
                uses: &uses,
            },
        );
        carry.uses = uses;
        carry
    }

    pub(super) fn assign(&self, carried: &Carried) -> Assign {
        self.assigns
            .get(&carried.current)
            .copied()
            .unwrap_or(Assign::AtEnd)
    }

    /// The Rust variable that holds a value.
    pub(super) fn local(&self, var: VarId) -> VarId {
        self.locals.get(&var).copied().unwrap_or(var)
    }

    pub(super) fn is_mutable(&self, local: VarId) -> bool {
        self.mutable.contains(&local)
    }

    /// Whether a value is used in one place.
    pub(super) fn is_used_once(&self, var: VarId) -> bool {
        self.uses.get(&var) == Some(&1)
    }

    /// Whether a value goes into a loop's variable as soon as it is computed.
    pub(super) fn is_direct(&self, var: VarId) -> bool {
        self.direct.contains(&var)
    }

    /// Whether the value before the loop lives in the loop's variable from the start.
    pub(super) fn is_fused(&self, carried: &Carried) -> bool {
        self.local(carried.init) == carried.current
    }

    /// `defined`: what this block has defined so far by a statement that can declare it mutable.
    fn visit(&mut self, block: &Block, mut defined: BTreeSet<VarId>, cx: &Cx<'_>) {
        for stmt in block {
            match stmt {
                Stmt::Let { out, .. } => defined.extend(out.vars()),
                Stmt::Push { list, .. } => {
                    self.mutable.insert(*list);
                }
                Stmt::BreakIf { .. } => {}
                Stmt::Loop(repeat) => {
                    self.enter(repeat, &defined, cx);
                    self.visit(&repeat.body, BTreeSet::new(), cx);
                }
            }
        }
    }

    fn enter(&mut self, repeat: &Loop, defined: &BTreeSet<VarId>, cx: &Cx<'_>) {
        let mut taken = BTreeSet::new();
        for (at, carried) in repeat.carried.iter().enumerate() {
            let assign = cx.assign(repeat, at, carried, &taken);
            self.assigns.insert(carried.current, assign);
            if assign != Assign::Never {
                self.mutable.insert(carried.current);
            }
            self.locals.insert(carried.result, carried.current);
            if assign == Assign::AtDefinition {
                self.locals.insert(carried.next, carried.current);
                taken.insert(carried.next);
                self.direct.insert(carried.next);
            }
            let is_only_use = cx.uses.get(&carried.init) == Some(&1);
            if is_only_use
                && defined.contains(&carried.init)
                && !cx.inlined.contains_key(&carried.init)
            {
                self.locals.insert(carried.init, carried.current);
            }
        }
    }
}

struct Cx<'a> {
    body: &'a Body,
    inlined: &'a BTreeMap<VarId, Expr>,
    uses: &'a BTreeMap<VarId, usize>,
}

impl Cx<'_> {
    fn assign(
        &self,
        repeat: &Loop,
        at: usize,
        carried: &Carried,
        taken: &BTreeSet<VarId>,
    ) -> Assign {
        if carried.next == carried.current {
            return Assign::Never;
        }
        let last_use = self.last_use(repeat, at, carried);
        let definition = repeat.body.iter().position(|stmt| match stmt {
            Stmt::Let { out, .. } => {
                out.vars().contains(&carried.next) && !self.inlined.contains_key(&carried.next)
            }
            Stmt::Loop(_) | Stmt::BreakIf { .. } | Stmt::Push { .. } => false,
        });
        if let Some(definition) = definition
            && !taken.contains(&carried.next)
            && self.has_no_other_name(carried)
            && last_use.is_none_or(|last| last <= definition)
        {
            return Assign::AtDefinition;
        }
        let breaks = || {
            repeat
                .body
                .iter()
                .enumerate()
                .filter_map(|(index, stmt)| match stmt {
                    Stmt::BreakIf { next, .. } => {
                        Some((index, next.get(at) == Some(&carried.next)))
                    }
                    Stmt::Let { .. } | Stmt::Loop(_) | Stmt::Push { .. } => None,
                })
        };
        let first = breaks()
            .find(|(_, is_next)| *is_next)
            .map(|(index, _)| index);
        match first {
            Some(first)
                if last_use.is_none_or(|last| last < first)
                    && breaks().all(|(index, is_next)| index < first || is_next) =>
            {
                Assign::Before(first)
            }
            _ => Assign::AtEnd,
        }
    }

    /// Whether Python has no other name for the next value.
    fn has_no_other_name(&self, carried: &Carried) -> bool {
        let (next, current) = (
            &self.body[carried.next].name,
            &self.body[carried.current].name,
        );
        next.is_none() || next == current
    }

    /// The last statement of the body that reads the carried variable; its length for what is read at the end.
    fn last_use(&self, repeat: &Loop, at: usize, carried: &Carried) -> Option<usize> {
        let mut others = repeat
            .carried
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at);
        if others.any(|(_, other)| self.leaves(&[other.next]).contains(&carried.current)) {
            return Some(repeat.body.len());
        }
        let reads = |stmt: &Stmt| {
            !self.is_inlined(stmt) && self.leaves(&stmt.reads()).contains(&carried.current)
        };
        repeat.body.iter().rposition(reads)
    }

    fn is_inlined(&self, stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Let {
                out: crate::ir::Tree::Var(var),
                ..
            } => self.inlined.contains_key(var),
            _ => false,
        }
    }

    fn leaves(&self, vars: &[VarId]) -> BTreeSet<VarId> {
        leaves(self.inlined, vars)
    }
}

/// The variables that an expression of these operands mentions when it is written out.
pub(super) fn leaves(inlined: &BTreeMap<VarId, Expr>, vars: &[VarId]) -> BTreeSet<VarId> {
    let mut found = BTreeSet::new();
    let mut left = vars.to_vec();
    while let Some(var) = left.pop() {
        match inlined.get(&var) {
            Some(expr) => left.extend(expr.vars()),
            None => {
                found.insert(var);
            }
        }
    }
    found
}
