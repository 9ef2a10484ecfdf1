//! Paths to modules and parameters, in the source and in the table of the `state_dict`.
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::Layout;
use crate::ir::{Layer, ModuleId, ModuleKind, ParamId, Program, Role};

impl Layout {
    /// `self.encoder.blocks[0]`: the way from what `self` is to a module below it.
    pub(in crate::emit) fn path(
        &self,
        program: &Program,
        receiver: Option<ModuleId>,
        module: ModuleId,
    ) -> TokenStream {
        let steps = program.steps(receiver.unwrap_or(Program::NET), module);
        debug_assert!(
            receiver.is_some() && steps.is_some(),
            "a module that `self` does not hold"
        );
        steps
            .unwrap_or_default()
            .into_iter()
            .fold(quote!(self), |path, step| match self.step(program, step) {
                Step::Field(field) => {
                    let field = format_ident!("{field}");
                    quote!(#path.#field)
                }
                Step::Index(index) => {
                    let index = Literal::usize_unsuffixed(index);
                    quote!(#path[#index])
                }
            })
    }

    /// `encoder.blocks.0`: the way from the net to a module, as Burn names it.
    pub(in crate::emit) fn burn_path(&self, program: &Program, module: ModuleId) -> Vec<String> {
        let steps = program.steps(Program::NET, module).unwrap_or_default();
        steps
            .into_iter()
            .map(|step| match self.step(program, step) {
                Step::Field(field) => field,
                Step::Index(index) => index.to_string(),
            })
            .collect()
    }

    fn step(&self, program: &Program, module: ModuleId) -> Step {
        let list = program[module]
            .parent
            .filter(|parent| matches!(program[*parent].kind, ModuleKind::List(_)));
        let index = |list: ModuleId| {
            program
                .children(list)
                .iter()
                .position(|item| *item == module)
                .unwrap_or(0)
        };
        match list {
            Some(list) if self.is_uniform(list) => Step::Index(index(list)),
            Some(list) => Step::Field(format!("layer_{}", index(list))),
            None => Step::Field(self.field(module).unwrap_or("layer").to_owned()),
        }
    }

    /// Whether modules are reached by the same step from the modules that hold them.
    pub(in crate::emit) fn is_same_step(
        &self,
        program: &Program,
        (first, above): (ModuleId, ModuleId),
        (second, above_2): (ModuleId, ModuleId),
    ) -> bool {
        let n_items = |id: ModuleId| match &program[id].kind {
            ModuleKind::List(items) => Some(items.len()),
            ModuleKind::Struct { .. } | ModuleKind::Layer { .. } => None,
        };
        self.field(first) == self.field(second)
            && n_items(above) == n_items(above_2)
            && n_items(first) == n_items(second)
            && self.is_uniform(above) == self.is_uniform(above_2)
            && self.step(program, first) == self.step(program, second)
    }

    /// Path of a parameter from the net, as Burn names it.
    pub(in crate::emit) fn param_path(&self, program: &Program, param: ParamId) -> String {
        let owner = program[param].owner;
        if let Some(field) = self.param(param) {
            let mut path = self.burn_path(program, self.own_struct(program, owner));
            path.push(field.to_owned());
            path.join(".")
        } else {
            let mut path = self.burn_path(program, owner);
            path.push(program[param].field.clone());
            path.join(".")
        }
    }

    /// The struct that has the field of a parameter: the owner, or for a tied layer the struct around.
    fn own_struct(&self, program: &Program, owner: ModuleId) -> ModuleId {
        if self.tied(owner).is_some() {
            Layout::holder(program, owner)
        } else {
            owner
        }
    }

    /// A parameter as a tensor in PyTorch's layout.
    pub(in crate::emit) fn param_value(
        &self,
        program: &Program,
        receiver: Option<ModuleId>,
        param: ParamId,
    ) -> TokenStream {
        let value = self.stored_value(program, receiver, param);
        if program[param].transposed {
            quote!(#value.transpose())
        } else {
            value
        }
    }

    /// A parameter as a tensor, as it is stored.
    pub(in crate::emit) fn stored_value(
        &self,
        program: &Program,
        receiver: Option<ModuleId>,
        param: ParamId,
    ) -> TokenStream {
        let owner = program[param].owner;
        if let Some(field) = self.param(param) {
            let path = self.path(program, receiver, self.own_struct(program, owner));
            let field = format_ident!("{field}");
            return if program[param].role == Role::Scratch {
                quote!(#path.#field.clone())
            } else {
                quote!(#path.#field.val())
            };
        }
        let path = program[param].field.split('.').fold(
            self.path(program, receiver, owner),
            |path, part| {
                if let Ok(index) = part.parse::<usize>() {
                    let index = Literal::usize_unsuffixed(index);
                    quote!(#path[#index])
                } else {
                    let part = format_ident!("{part}");
                    quote!(#path.#part)
                }
            },
        );
        match program[param].role {
            Role::Buffer => quote!(#path.value()),
            _ if is_optional(program, param) => {
                quote!(#path.as_ref().map(|value| value.val()).expect("the layer has this parameter"))
            }
            _ => quote!(#path.val()),
        }
    }
}

/// Whether the Rust layer holds the parameter in an `Option`.
fn is_optional(program: &Program, param: ParamId) -> bool {
    let field = program[param].field.rsplit('.').next().unwrap_or_default();
    match &program[program[param].owner].kind {
        ModuleKind::Layer {
            layer: Layer::BatchNorm { .. },
            ..
        } => true,
        ModuleKind::Layer { .. } => field.starts_with("bias") || field == "beta",
        ModuleKind::Struct { .. } | ModuleKind::List(_) => false,
    }
}

#[derive(PartialEq)]
enum Step {
    Field(String),
    Index(usize),
}
