//! What a value is bound to: new variables, or a loop's variables that take it at once.
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::printer::Printer;
use crate::emit::ident;
use crate::ir::{Tree, VarId};

/// Variables on the way to a loop's variables, each with the statement that moves it there.
pub(super) type Later = Vec<(VarId, TokenStream)>;

impl Printer<'_> {
    /// `let out = value;`, or an assignment.
    pub(super) fn bind(
        &mut self,
        out: &Tree,
        value: &TokenStream,
        hints: &[String],
    ) -> TokenStream {
        let vars = out.vars();
        let n_direct = vars
            .iter()
            .filter(|var| self.carry.is_direct(**var))
            .count();
        if n_direct == vars.len() {
            let target = self.target(out);
            return quote!(#target = #value;);
        }
        let mut later = Later::new();
        let pattern = self.pattern(out, hints, &mut later);
        let later = self.moves(later);
        quote! {
            let #pattern = #value;
            #later
        }
    }

    /// The variables of a tree as the left side of an assignment.
    fn target(&mut self, out: &Tree) -> TokenStream {
        match out {
            Tree::Var(var) => {
                let local = self.carry.local(*var);
                self.trace.touch(local);
                self.trace.define_value(*var);
                let name = self.local_ident(local);
                quote!(#name)
            }
            Tree::Tuple(parts) => {
                let parts: Vec<TokenStream> = parts.iter().map(|part| self.target(part)).collect();
                quote!((#(#parts),*))
            }
        }
    }

    /// The variables of a tree as a pattern; `later` moves what belongs into a loop's variable.
    pub(super) fn pattern(
        &mut self,
        out: &Tree,
        hints: &[String],
        later: &mut Later,
    ) -> TokenStream {
        match out {
            Tree::Tuple(parts) => {
                let is_unused = out.vars().iter().all(|var| self.trace.is_unused(*var));
                let parts: Vec<TokenStream> = parts
                    .iter()
                    .map(|part| self.pattern(part, hints, later))
                    .collect();
                if is_unused {
                    quote!(_)
                } else {
                    quote!((#(#parts),*))
                }
            }
            Tree::Var(var) if self.carry.is_direct(*var) => self.detour(*var, later),
            Tree::Var(var) => self.fresh(*var, hints),
        }
    }

    /// A new variable.
    fn fresh(&mut self, var: VarId, hints: &[String]) -> TokenStream {
        let local = self.carry.local(var);
        let mut bases = self.bases(var, hints);
        if local != var {
            bases = self.bases(local, &bases);
        }
        let name = format_ident!("{}", self.trace.define(local, bases));
        self.trace.define_value(var);
        let mutability = self.carry.is_mutable(local).then(|| quote!(mut));
        if self.trace.is_unused(var) && self.trace.is_untouched(local) && !self.is_source(local) {
            quote!(_)
        } else {
            quote!(#mutability #name)
        }
    }

    /// A new variable on the way to a loop's variable.
    fn detour(&mut self, var: VarId, later: &mut Later) -> TokenStream {
        let local = self.carry.local(var);
        let loop_name = self.trace.name(local);
        let bases = self
            .bases(var, &[])
            .into_iter()
            .filter(|name| *name != loop_name);
        let bases = bases
            .chain([ident::local(&format!("next_{loop_name}"))])
            .collect();
        let on_the_way = self.extra();
        let name = format_ident!("{}", self.trace.define(on_the_way, bases));
        self.trace.touch(local);
        self.trace.define_value(var);
        let local = self.local_ident(local);
        later.push((on_the_way, quote!(#local = #name;)));
        quote!(#name)
    }

    /// The moves that follow a pattern. Until then every variable on the way keeps its name.
    pub(super) fn moves(&mut self, later: Later) -> TokenStream {
        for (on_the_way, _) in &later {
            self.trace.touch(*on_the_way);
        }
        later.into_iter().map(|(_, step)| step).collect()
    }

    /// Binds the result of a layer that gives its state as a struct of `hidden` and `cell`.
    pub(super) fn bind_state(&mut self, out: &Tree, value: &TokenStream) -> TokenStream {
        let (output, state) = match out {
            Tree::Tuple(parts) => match parts.as_slice() {
                [output, state @ Tree::Tuple(_)] => (Some(output), state),
                _ => (None, out),
            },
            Tree::Var(_) => (None, out),
        };
        let mut later = Later::new();
        let output = output.map(|output| self.pattern(output, &["output".to_owned()], &mut later));
        let is_unused = state.vars().iter().all(|var| self.trace.is_unused(*var));
        let variable = self.extra();
        let name = format_ident!("{}", self.trace.define(variable, vec!["state".to_owned()]));
        self.trace.touch(variable);
        let later = self.moves(later);
        let parts = self.state_parts(state, &quote!(#name));
        let name = if is_unused { quote!(_) } else { quote!(#name) };
        let pattern = output.map_or_else(|| name.clone(), |output| quote!((#output, #name)));
        quote! {
            let #pattern = #value;
            #later
            #parts
        }
    }

    /// Takes a state apart.
    fn state_parts(&mut self, state: &Tree, name: &TokenStream) -> TokenStream {
        let vars = state.vars();
        let parts = [
            ("hidden", quote!(#name.hidden)),
            ("cell", quote!(#name.cell)),
        ];
        let n_direct = vars
            .iter()
            .filter(|var| self.carry.is_direct(**var))
            .count();
        let is_used = vars.iter().all(|var| !self.trace.is_unused(*var));
        if vars.len() == 2 && is_used && n_direct == 2 {
            let target = self.target(state);
            let [(_, hidden), (_, cell)] = parts;
            return quote!(#target = (#hidden, #cell););
        }
        let mut bound = Vec::new();
        for (var, (hint, field)) in vars.into_iter().zip(parts) {
            let is_direct = self.carry.is_direct(var);
            let tree = Tree::Var(var);
            let target = if is_direct {
                self.target(&tree)
            } else {
                self.fresh(var, &[hint.to_owned()])
            };
            if !self.trace.is_unused(var) {
                bound.push((is_direct, target, field));
            }
        }
        match bound.as_slice() {
            [(false, hidden, hidden_field), (false, cell, cell_field)] => {
                quote!(let (#hidden, #cell) = (#hidden_field, #cell_field);)
            }
            bound => bound
                .iter()
                .map(|(is_direct, target, field)| {
                    let binding = (!is_direct).then(|| quote!(let));
                    quote!(#binding #target = #field;)
                })
                .collect(),
        }
    }
}
