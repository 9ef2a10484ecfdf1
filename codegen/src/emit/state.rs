//! The table of the `state_dict`: PyTorch's names and where the values live here.
use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{Cx, token};
use crate::ir::{Member, ModuleId, ModuleKind, ParamId, Program, Role, Start};

/// `const STATE`, in PyTorch's order.
pub(super) fn print(cx: &Cx<'_>) -> TokenStream {
    let mut table = Table {
        cx,
        entries: Vec::new(),
        names: BTreeSet::new(),
    };
    table.visit(Program::NET);
    for tie in &cx.program.ties {
        table.add(&tie.name, tie.param, true);
    }
    let entry = cx.imports.harness("StateEntry");
    let entries = table.entries;
    quote!(const STATE: &'static [#entry] = &[#(#entries),*];)
}

/// Whether the net chooses first values of a parameter in the place of its layer's.
pub(super) fn has_starts(program: &Program) -> bool {
    program
        .params
        .iter()
        .any(|param| param.start.is_some() && param.role != Role::Scratch)
}

/// The constructor that leaves the net's own first values to the harness.
pub(super) fn constructor(program: &Program) -> Ident {
    format_ident!(
        "{}",
        if has_starts(program) {
            "as_constructed"
        } else {
            "new"
        }
    )
}

struct Table<'a> {
    cx: &'a Cx<'a>,
    entries: Vec<TokenStream>,
    names: BTreeSet<String>,
}

impl Table<'_> {
    fn visit(&mut self, module: ModuleId) {
        let program = self.cx.program;
        match &program[module].kind {
            ModuleKind::Struct { members, .. } => {
                for member in members {
                    match member {
                        Member::Module(child) => self.visit(*child),
                        Member::Param(param) => self.add_of(module, *param, &program[*param].field),
                    }
                }
            }
            ModuleKind::List(items) => items.iter().for_each(|item| self.visit(*item)),
            ModuleKind::Layer { layer, params } => {
                for (tensor, param) in layer.tensors().iter().zip(params) {
                    self.add_of(module, *param, &tensor.name);
                }
            }
        }
    }

    fn add_of(&mut self, module: ModuleId, param: ParamId, field: &str) {
        let program = self.cx.program;
        if program[param].owner == module {
            self.add(&program[param].name, param, false);
        } else {
            let path = &program[module].path;
            let name = if path.is_empty() {
                field.to_owned()
            } else {
                format!("{path}.{field}")
            };
            self.add(&name, param, true);
        }
    }

    fn add(&mut self, name: &str, param: ParamId, is_tied: bool) {
        let program = self.cx.program;
        if program[param].role == Role::Scratch || !self.names.insert(name.to_owned()) {
            return;
        }
        let entry = self.cx.imports.harness("StateEntry");
        let path = self.cx.layout.param_path(program, param);
        let transposed = (program[param].transposed && !is_tied).then(|| quote!(.transposed()));
        let kind = match (program[param].role, program[param].trainable) {
            (Role::Counter, _) => {
                self.entries.push(quote!(#entry::counter(#name)));
                return;
            }
            _ if is_tied => "tied",
            (Role::Weight, true) => "param",
            (Role::Norm, true) => "norm",
            (Role::Weight, false) => "frozen",
            (Role::Norm, false) => "frozen_norm",
            (Role::Buffer | Role::Scratch, _) => "buffer",
        };
        let kind = format_ident!("{kind}");
        let start = program[param]
            .start
            .filter(|_| !is_tied)
            .map(|start| starts(self.cx, start));
        self.entries
            .push(quote!(#entry::#kind(#name, #path)#transposed #start));
    }
}

/// `.starting(Start::Constant(0.0))`
fn starts(cx: &Cx<'_>, start: Start) -> TokenStream {
    let class = cx.imports.harness("Start");
    let value = match start {
        Start::Constant(value) => {
            let value = token::float(value);
            quote!(Constant(#value))
        }
        Start::Uniform { low, high } => {
            let (low, high) = (token::float(low), token::float(high));
            quote!(Uniform { low: #low, high: #high })
        }
        Start::Normal { mean, std } => {
            let (mean, std) = (token::float(mean), token::float(std));
            quote!(Normal { mean: #mean, std: #std })
        }
        Start::TruncatedNormal {
            mean,
            std,
            low,
            high,
        } => {
            let (mean, std) = (token::float(mean), token::float(std));
            let (low, high) = (token::float(low), token::float(high));
            quote!(TruncatedNormal { mean: #mean, std: #std, low: #low, high: #high })
        }
        Start::Orthogonal { gain } => {
            let gain = token::float(gain);
            quote!(Orthogonal { gain: #gain })
        }
    };
    quote!(.starting(#class::#value))
}
