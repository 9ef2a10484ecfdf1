//! Where everything of the net lives in the emitted structs: fields, paths, tied layers.
mod fields;
mod path;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Ident;
use quote::format_ident;

use super::function::Body;
use crate::ir::{Block, Expr, FunctionId, ModuleId, ModuleKind, Op, ParamId, Program, Stmt, VarId};

/// A layer without a field of its own, because another module owns one of its parameters.
#[derive(Clone, Debug)]
pub(super) struct Tied {
    /// The method that applies it.
    pub(super) name: String,
    /// Ranks of the inputs it is applied to.
    pub(super) ranks: BTreeSet<usize>,
}

/// The fields of the structs.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Field of a module in its parent's struct; the list's own for items of a list.
    fields: BTreeMap<ModuleId, String>,
    /// Field of a parameter that a struct holds itself.
    params: BTreeMap<ParamId, String>,
    /// Fields for dropout that Python applies as a function, by module.
    dropouts: BTreeMap<ModuleId, Vec<(f64, String)>>,
    tied: BTreeMap<ModuleId, Tied>,
    /// Lists whose items have one type, which makes them a `Vec`.
    uniform: BTreeSet<ModuleId>,
    /// Modules without fields and methods (an empty `nn.Sequential`): nothing is left of them.
    hollow: BTreeSet<ModuleId>,
    /// Names that are taken in a struct.
    taken: BTreeMap<ModuleId, BTreeSet<String>>,
}

impl Layout {
    pub(super) fn new(program: &Program, bodies: &BTreeMap<FunctionId, Body>) -> Self {
        let mut layout = Self::default();
        layout.find_hollow(program, bodies);
        for module in program.module_ids() {
            layout.add_module(program, module);
        }
        for (function, body) in bodies {
            layout.visit(program[*function].receiver, body, &body.block);
        }
        layout
    }

    fn find_hollow(&mut self, program: &Program, bodies: &BTreeMap<FunctionId, Body>) {
        let homes: BTreeSet<ModuleId> = bodies.keys().map(|id| program[*id].home).collect();
        for module in program.module_ids().rev() {
            let ModuleKind::Struct { members, .. } = &program[module].kind else {
                continue;
            };
            let is_item = program[module]
                .parent
                .is_none_or(|parent| matches!(program[parent].kind, ModuleKind::List(_)));
            let is_empty = members.iter().all(|member| {
                member
                    .module()
                    .is_some_and(|child| self.hollow.contains(&child))
            });
            if is_empty && !is_item && !homes.contains(&module) {
                self.hollow.insert(module);
            }
        }
    }

    /// Whether nothing is left of a module.
    pub(super) fn is_hollow(&self, module: ModuleId) -> bool {
        self.hollow.contains(&module)
    }

    /// Field of a module.
    pub(super) fn field(&self, module: ModuleId) -> Option<&str> {
        self.fields.get(&module).map(String::as_str)
    }

    /// The method of a tied layer.
    pub(super) fn tied(&self, module: ModuleId) -> Option<&Tied> {
        self.tied.get(&module)
    }

    /// The struct that has the method of a tied layer: the nearest one above.
    pub(super) fn holder(program: &Program, module: ModuleId) -> ModuleId {
        let mut at = module;
        while let Some(parent) = program[at].parent {
            at = parent;
            if matches!(program[at].kind, ModuleKind::Struct { .. }) {
                break;
            }
        }
        at
    }

    /// The tied layers that have their method in a struct.
    pub(super) fn tied_in(&self, program: &Program, holder: ModuleId) -> Vec<(ModuleId, &Tied)> {
        let held = self
            .tied
            .iter()
            .filter(|(module, _)| Layout::holder(program, **module) == holder);
        held.map(|(module, tied)| (*module, tied)).collect()
    }

    /// The field for dropout as a function.
    pub(super) fn dropout(&self, module: ModuleId, prob: f64) -> Option<Ident> {
        let fields = self.dropouts.get(&module)?;
        fields
            .iter()
            .find(|(other, _)| other.total_cmp(&prob).is_eq())
            .map(|(_, field)| format_ident!("{field}"))
    }

    /// The fields for dropout as a function, by probability.
    pub(super) fn dropouts(&self, module: ModuleId) -> &[(f64, String)] {
        self.dropouts.get(&module).map_or(&[], Vec::as_slice)
    }

    /// Field of a parameter that a struct holds itself.
    pub(super) fn param(&self, param: ParamId) -> Option<&str> {
        self.params.get(&param).map(String::as_str)
    }

    pub(super) fn set_uniform(&mut self, list: ModuleId) {
        self.uniform.insert(list);
    }

    pub(super) fn is_uniform(&self, list: ModuleId) -> bool {
        self.uniform.contains(&list)
    }

    fn visit(&mut self, receiver: Option<ModuleId>, body: &Body, block: &Block) {
        for stmt in block {
            match stmt {
                Stmt::Let {
                    expr:
                        Expr::Op {
                            op: Op::Dropout(prob),
                            ..
                        },
                    ..
                } => {
                    if let Some(module) = receiver {
                        self.add_dropout(module, *prob);
                    }
                }
                Stmt::Let {
                    expr: Expr::Layer { layer, args },
                    ..
                } => {
                    let input: Option<VarId> =
                        args.first().and_then(|arg| arg.vars().first().copied());
                    if let (Some(tied), Some(input)) = (self.tied.get_mut(layer), input) {
                        tied.ranks.insert(body.tensor(input).shape.len().max(1));
                    }
                }
                Stmt::Loop(repeat) => self.visit(receiver, body, &repeat.body),
                Stmt::Let { .. } | Stmt::BreakIf { .. } | Stmt::Push { .. } => {}
            }
        }
    }
}
