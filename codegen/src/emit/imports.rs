//! The imports of the emitted file: collected while printing, so that none is missing and none unused.
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// The names used so far.
#[derive(Debug, Default)]
pub(super) struct Imports {
    names: RefCell<BTreeMap<&'static str, BTreeSet<&'static str>>>,
}

impl Imports {
    /// The name, now imported from `path`.
    pub(super) fn name(&self, path: &'static str, name: &'static str) -> Ident {
        debug_assert!(
            // A macro and a variable of one name are two things.
            name == "s" || super::ident::is_reserved(name),
            "a struct of the reply could be called `{name}`"
        );
        self.names
            .borrow_mut()
            .entry(path)
            .or_default()
            .insert(name);
        format_ident!("{name}")
    }

    /// A name of `burn::tensor`.
    pub(super) fn tensor(&self, name: &'static str) -> Ident {
        self.name("burn::tensor", name)
    }

    /// A function of `burn::tensor::activation`.
    pub(super) fn activation(&self, name: &'static str) -> Ident {
        self.name("burn::tensor::activation", name)
    }

    /// A name of `nn_core`.
    pub(super) fn core(&self, name: &'static str) -> Ident {
        self.name("nn_core", name)
    }

    /// A name of the harness.
    pub(super) fn harness(&self, name: &'static str) -> Ident {
        self.name("caption_models::harness", name)
    }

    /// The `use` items in rustfmt's order.
    pub(super) fn items(&self) -> TokenStream {
        let mut items = Vec::new();
        for (path, names) in self.names.borrow().iter() {
            let only = if names.len() == 1 {
                names.first().copied()
            } else {
                None
            };
            let parts = path.split("::").map(|part| format_ident!("{part}"));
            let names = names.iter().map(|name| format_ident!("{name}"));
            let item = if only.is_some() {
                quote!(use #(#parts::)* #(#names)*;)
            } else {
                quote!(use #(#parts::)* {#(#names),*};)
            };
            // A list comes after the names of submodules.
            items.push((format!("{path}::{}", only.unwrap_or("{")), item));
        }
        items.sort_by(|(first, _), (second, _)| first.cmp(second));
        items.into_iter().map(|(_, item)| item).collect()
    }
}
