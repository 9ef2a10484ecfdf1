//! The table of the `state_dict`: PyTorch's names and where the values live here.
//!
//! More than half of a file's lines are its rows. They are laid out here, and put into the printed source: to parse and
//! print them as tokens took longer than all else of the file.
use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::{Cx, token};
use crate::ir::{Member, ModuleId, ModuleKind, ParamId, Program, Role, Start};

/// Columns of a line.
const WIDTH: usize = 100;

/// `const STATE` without its rows.
pub(super) fn print(cx: &Cx<'_>) -> TokenStream {
    let entry = cx.imports.harness("StateEntry");
    quote!(const STATE: &'static [#entry] = &[];)
}

/// The printed source of which [`print`] is a part, with the rows in PyTorch's order.
pub(super) fn fill(source: &str, rows: &str) -> String {
    const EMPTY: &str = "    const STATE: &'static [StateEntry] = &[";
    let at = source
        .find(&format!("\n{EMPTY}]"))
        .map(|at| at + 1 + EMPTY.len());
    match at.and_then(|at| source.split_at_checked(at)) {
        Some((before, after)) if !rows.is_empty() => format!("{before}\n{rows}    {after}"),
        _ => source.to_owned(),
    }
}

/// The rows of `const STATE` as lines of source.
pub(super) fn rows(cx: &Cx<'_>) -> String {
    let mut table = Table {
        cx,
        rows: String::new(),
        names: BTreeSet::new(),
    };
    table.visit(Program::NET);
    for tie in &cx.program.ties {
        table.add(&tie.name, tie.param, true);
    }
    table.rows
}

/// Whether the net chooses first values of a parameter in the place of its layer's.
pub(super) fn has_starts(program: &Program) -> bool {
    program
        .params
        .iter()
        .any(|param| param.start.is_some() && param.role != Role::Scratch)
}

struct Table<'a> {
    cx: &'a Cx<'a>,
    rows: String,
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
        let path = self.cx.layout.param_path(program, param);
        let kind = match (program[param].role, program[param].trainable) {
            (Role::Counter, _) => return self.row("counter", &[name], &[]),
            _ if is_tied => return self.row("tied", &[name, &path], &[]),
            (Role::Weight, true) => "param",
            (Role::Norm, true) => "norm",
            (Role::Weight, false) => "frozen",
            (Role::Norm, false) => "frozen_norm",
            (Role::Buffer | Role::Scratch, _) => "buffer",
        };
        let transposed = program[param]
            .transposed
            .then(|| ".transposed()".to_owned());
        let start = program[param].start.map(|start| starting(self.cx, start));
        let rows = program[param].start_rows.map(|rows| {
            let value = token::float(rows.value).to_string().replace(' ', "");
            format!(".with_rows({}, {}, {value})", rows.first, rows.end)
        });
        let steps: Vec<String> = transposed.into_iter().chain(start).chain(rows).collect();
        self.row(kind, &[name, &path], &steps);
    }

    /// On one line where it fits, else a line for each step, and where that is too long for each argument.
    fn row(&mut self, kind: &str, arguments: &[&str], steps: &[String]) {
        let quoted: Vec<String> = arguments.iter().map(|text| format!("{text:?}")).collect();
        let call = format!("StateEntry::{kind}({})", quoted.join(", "));
        let fits = |length: usize| "        ,".len() + length <= WIDTH;
        let length: usize = steps.iter().map(String::len).sum();
        let (broken, steps) = if fits(call.len() + length) {
            (call, steps.concat())
        } else {
            let steps = steps.iter().map(|step| format!("\n            {step}"));
            let lines = quoted.join(",\n            ");
            let broken = format!("StateEntry::{kind}(\n            {lines},\n        )");
            (
                if fits(call.len()) { call } else { broken },
                steps.collect(),
            )
        };
        self.rows.extend(["        ", &broken, &steps, ",\n"]);
    }
}

/// `.starting(Start::Constant(0.0))`
fn starting(cx: &Cx<'_>, start: Start) -> String {
    let class = cx.imports.harness("Start");
    let float = |value| token::float(value).to_string().replace(' ', "");
    let value = match start {
        Start::Constant(value) => format!("Constant({})", float(value)),
        Start::Uniform { low, high } => {
            format!("Uniform {{ low: {}, high: {} }}", float(low), float(high))
        }
        Start::Normal { mean, std } => {
            format!("Normal {{ mean: {}, std: {} }}", float(mean), float(std))
        }
        Start::TruncatedNormal {
            mean,
            std,
            low,
            high,
        } => format!(
            "TruncatedNormal {{ mean: {}, std: {}, low: {}, high: {} }}",
            float(mean),
            float(std),
            float(low),
            float(high)
        ),
        Start::Orthogonal { gain } => format!("Orthogonal {{ gain: {} }}", float(gain)),
    };
    format!(".starting({class}::{value})")
}
