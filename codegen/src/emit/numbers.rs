//! The numbers in a constructor: collected to compare instances, then printed as literals or parameters.
use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{ident, token};

/// A number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Size(usize),
    Float(f64),
}

impl Number {
    pub(super) fn tokens(self) -> TokenStream {
        match self {
            Self::Size(value) => token::size(value),
            Self::Float(value) => token::float(value),
        }
    }

    pub(super) fn ty(self) -> TokenStream {
        match self {
            Self::Size(_) => quote!(usize),
            Self::Float(_) => quote!(f64),
        }
    }
}

/// What a constructor does with its numbers, met in order.
pub(super) trait Numbers {
    /// A number of the field that is being built.
    fn number(&mut self, hint: &str, value: Number) -> TokenStream;

    /// From here on numbers belong to this field.
    fn enter(&mut self, field: &str);

    /// Numbers that need no mention where they are the default for all instances: nothing then.
    fn optional(
        &mut self,
        hint: &str,
        values: &[usize],
        _defaults: &[usize],
    ) -> Option<Vec<TokenStream>> {
        Some(values.iter().map(|value| self.size(hint, *value)).collect())
    }

    fn size(&mut self, hint: &str, value: usize) -> TokenStream {
        self.number(hint, Number::Size(value))
    }

    fn float(&mut self, hint: &str, value: f64) -> TokenStream {
        self.number(hint, Number::Float(value))
    }
}

/// Notes the numbers and puts `0` in their place.
#[derive(Debug, Default)]
pub(super) struct Collect {
    field: String,
    pub(super) hints: Vec<String>,
    pub(super) values: Vec<Number>,
}

impl Numbers for Collect {
    fn number(&mut self, hint: &str, value: Number) -> TokenStream {
        let name = if hint.is_empty() {
            self.field.clone()
        } else {
            format!("{}_{hint}", self.field)
        };
        self.hints.push(name);
        self.values.push(value);
        match value {
            Number::Size(_) => quote!(0),
            Number::Float(_) => quote!(0.0),
        }
    }

    fn enter(&mut self, field: &str) {
        field.clone_into(&mut self.field);
    }
}

/// The parameters of a constructor: what differs between the instances.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// Name and, for one instance after the other, the value.
    pub(super) params: Vec<(String, Vec<Number>)>,
    /// For each number of the constructor its parameter, where it is one.
    param_of: Vec<Option<usize>>,
}

impl Columns {
    /// From the numbers of the instances, all of one length.
    pub(super) fn new(hints: &[String], instances: &[&[Number]]) -> Self {
        let mut columns = Self::default();
        let mut by_values: Vec<(Vec<Number>, usize)> = Vec::new();
        let mut taken = BTreeSet::from(["device".to_owned()]);
        for (at, hint) in hints.iter().enumerate() {
            let column: Vec<Number> = instances
                .iter()
                .filter_map(|values| values.get(at))
                .copied()
                .collect();
            let differs = column.iter().any(|value| Some(value) != column.first());
            let known = by_values
                .iter()
                .find(|(values, _)| *values == column)
                .map(|(_, param)| *param);
            columns.param_of.push(match (differs, known) {
                (false, _) => None,
                (true, Some(param)) => Some(param),
                (true, None) => {
                    let name = ident::unique(&ident::local(hint), &taken);
                    taken.insert(name.clone());
                    by_values.push((column.clone(), columns.params.len()));
                    columns.params.push((name, column));
                    Some(columns.params.len() - 1)
                }
            });
        }
        columns
    }

    /// The arguments of one instance.
    pub(super) fn arguments(&self, instance: usize) -> Vec<(String, Number)> {
        let of =
            |(name, values): &(String, Vec<Number>)| Some((name.clone(), *values.get(instance)?));
        self.params.iter().filter_map(of).collect()
    }

    pub(super) fn printer(&self) -> Print<'_> {
        Print {
            columns: self,
            at: 0,
        }
    }
}

/// Prints the numbers: parameters by name, the others as literals.
pub(super) struct Print<'a> {
    columns: &'a Columns,
    at: usize,
}

impl Numbers for Print<'_> {
    fn number(&mut self, _: &str, value: Number) -> TokenStream {
        let param = self.columns.param_of.get(self.at).copied().flatten();
        self.at += 1;
        match param.and_then(|param| self.columns.params.get(param)) {
            Some((name, _)) => {
                let name = format_ident!("{name}");
                quote!(#name)
            }
            None => value.tokens(),
        }
    }

    fn optional(
        &mut self,
        hint: &str,
        values: &[usize],
        defaults: &[usize],
    ) -> Option<Vec<TokenStream>> {
        let ours = self.columns.param_of.get(self.at..self.at + values.len());
        if values == defaults && ours.is_none_or(|ours| ours.iter().all(Option::is_none)) {
            self.at += values.len();
            return None;
        }
        Some(values.iter().map(|value| self.size(hint, *value)).collect())
    }

    fn enter(&mut self, _: &str) {}
}

/// Numbers as they are.
pub(super) struct Literal;

impl Numbers for Literal {
    fn number(&mut self, _: &str, value: Number) -> TokenStream {
        value.tokens()
    }

    fn optional(
        &mut self,
        hint: &str,
        values: &[usize],
        defaults: &[usize],
    ) -> Option<Vec<TokenStream>> {
        let tokens = || values.iter().map(|value| self.size(hint, *value)).collect();
        (values != defaults).then(tokens)
    }

    fn enter(&mut self, _: &str) {}
}
