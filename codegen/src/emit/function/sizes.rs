//! Where a function finds the sizes it computes with: axes of its tensor parameters, else parameters of their own.
use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::emit::{doc, ident, token};
use crate::ir::{Dim, Sym, TensorType, VarId};

/// A tensor whose axes are known at the start of the function: a variable, or a part of one that is a tuple.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) local: VarId,
    pub(super) part: Vec<usize>,
    pub(super) ty: TensorType,
}

/// A number with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Term {
    /// An axis of a source.
    Axis(usize, usize),
    /// A symbol that is a parameter, a loop variable or the length of a list.
    Symbol(Sym),
}

/// The sizes of a function.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    sources: Vec<Source>,
    /// Axes by size, the preferred source first.
    axes: Vec<(Dim, Term)>,
    needed: BTreeSet<Dim>,
    names: BTreeMap<Term, String>,
    /// Whether known sizes are taken from axes too.
    by_axis: bool,
}

impl Sizes {
    pub(super) fn new(sources: Vec<Source>, by_axis: bool) -> Self {
        Self {
            sources,
            by_axis,
            ..Self::default()
        }
    }

    pub(super) fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Notes that a size is needed.
    pub(super) fn need(&mut self, dim: &Dim) {
        if self.is_looked_up(dim) {
            self.needed.insert(dim.clone());
        }
    }

    /// Whether the source would be another one if known sizes were not taken from axes.
    pub(super) fn is_sized(&self) -> bool {
        self.needed.iter().any(|dim| dim.as_symbol().is_none())
    }

    /// Whether a size is taken from an axis where one has it.
    fn is_looked_up(&self, dim: &Dim) -> bool {
        dim.as_constant()
            .is_none_or(|value| self.by_axis && value > 1)
    }

    /// Decides where the needed sizes come from and names them, apart from `taken`.
    pub(super) fn settle(
        &mut self,
        loop_names: &BTreeMap<Sym, String>,
        taken: &mut BTreeSet<String>,
    ) {
        self.rank_axes();
        let mut terms = BTreeSet::new();
        for dim in &self.needed {
            self.express(dim, &mut |term| {
                terms.insert(term);
                quote!(_)
            });
        }
        for term in &terms {
            let base = match term {
                Term::Symbol(Sym::Index(_)) => continue,
                Term::Symbol(sym) => doc::symbol(*sym).to_owned(),
                Term::Axis(..) => self.axis_name(*term),
            };
            let name = ident::unique(&base, taken);
            taken.insert(name.clone());
            self.names.insert(*term, name);
        }
        self.name_loops(&terms, loop_names, taken);
    }

    /// Loops one after the other may use the same name.
    fn name_loops(
        &mut self,
        terms: &BTreeSet<Term>,
        loop_names: &BTreeMap<Sym, String>,
        taken: &mut BTreeSet<String>,
    ) {
        let others = taken.clone();
        for term in terms {
            if let Term::Symbol(sym @ Sym::Index(_)) = term {
                let base = loop_names.get(sym).map_or("index", String::as_str);
                let name = ident::unique(base, &others);
                taken.insert(name.clone());
                self.names.insert(*term, name);
            }
        }
    }

    /// Sources that give more of the needed sizes come first.
    fn rank_axes(&mut self) {
        let mut order: Vec<usize> = (0..self.sources.len()).collect();
        let n_given = |source: &usize| {
            let shape = self.sources.get(*source).map(|source| &source.ty.shape);
            let found: BTreeSet<&Dim> = shape
                .into_iter()
                .flatten()
                .filter(|dim| self.needed.contains(dim))
                .collect();
            found.len()
        };
        order.sort_by_key(|source| std::cmp::Reverse(n_given(source)));
        for source in order {
            let shape = self
                .sources
                .get(source)
                .map(|source| source.ty.shape.clone())
                .unwrap_or_default();
            for (axis, dim) in shape.into_iter().enumerate() {
                if self.is_looked_up(&dim) && self.axes.iter().all(|(other, _)| *other != dim) {
                    self.axes.push((dim, Term::Axis(source, axis)));
                }
            }
        }
    }

    fn axis_name(&self, term: Term) -> String {
        let dim = self
            .axes
            .iter()
            .find(|(_, other)| *other == term)
            .map(|(dim, _)| dim);
        let symbol = dim.and_then(Dim::as_symbol);
        let symbols = dim.map(Dim::symbols).unwrap_or_default();
        match (symbol, symbols.as_slice()) {
            (Some(symbol), _) => doc::symbol(symbol).to_owned(),
            (None, [Sym::Length | Sym::Count(_)]) => "steps".to_owned(),
            (None, []) => self.known_axis_name(term).to_owned(),
            _ => "rows".to_owned(),
        }
    }

    fn known_axis_name(&self, term: Term) -> &'static str {
        let Term::Axis(source, axis) = term else {
            return "size";
        };
        let rank = self
            .sources
            .get(source)
            .map_or(0, |source| source.ty.shape.len());
        doc::axis_names(rank).get(axis).copied().unwrap_or("size")
    }

    /// The size as an expression.
    pub(super) fn tokens(&self, dim: &Dim) -> TokenStream {
        self.express(dim, &mut |term| {
            let name = self.name(term).unwrap_or_else(|| format_ident!("_size"));
            quote!(#name)
        })
    }

    /// The name of a term that is used.
    pub(super) fn name(&self, term: Term) -> Option<Ident> {
        self.names.get(&term).map(|name| format_ident!("{name}"))
    }

    /// The symbols that have to be parameters.
    pub(super) fn parameters(&self) -> Vec<Sym> {
        let symbols = self.names.keys().filter_map(|term| match term {
            Term::Symbol(sym @ (Sym::Batch | Sym::Length | Sym::Captions)) => Some(*sym),
            Term::Symbol(Sym::Index(_) | Sym::Count(_)) | Term::Axis(..) => None,
        });
        symbols.collect()
    }

    /// The names of the used axes of a source, `None` for the others; nothing when none is used.
    pub(super) fn axes_of(&self, source: usize) -> Option<Vec<Option<Ident>>> {
        let rank = self.sources.get(source)?.ty.shape.len();
        let names: Vec<Option<Ident>> = (0..rank)
            .map(|axis| self.name(Term::Axis(source, axis)))
            .collect();
        names.iter().any(Option::is_some).then_some(names)
    }

    fn express(&self, dim: &Dim, name: &mut dyn FnMut(Term) -> TokenStream) -> TokenStream {
        if let Some((_, term)) = self.axes.iter().find(|(axis, _)| axis == dim) {
            return name(*term);
        }
        if let Some(value) = dim.as_constant() {
            return token::integer(value);
        }
        if let Some(symbol @ (Sym::Index(_) | Sym::Count(_))) = dim.as_symbol() {
            return name(Term::Symbol(symbol));
        }
        self.near(dim, name)
            .or_else(|| self.multiple(dim, name))
            .unwrap_or_else(|| self.sum(dim, name))
    }

    /// An axis and a constant.
    fn near(&self, dim: &Dim, name: &mut dyn FnMut(Term) -> TokenStream) -> Option<TokenStream> {
        let near = self
            .axes
            .iter()
            .find_map(|(axis, term)| Some((dim.sub(axis)?.as_constant()?, *term)))?;
        let (distance, axis) = (near.0, name(near.1));
        let number = token::integer(i64::try_from(distance.unsigned_abs()).unwrap_or(i64::MAX));
        Some(if distance < 0 {
            quote!(#axis - #number)
        } else {
            quote!(#axis + #number)
        })
    }

    /// An axis times something.
    fn multiple(
        &self,
        dim: &Dim,
        name: &mut dyn FnMut(Term) -> TokenStream,
    ) -> Option<TokenStream> {
        let (quotient, term) = self
            .axes
            .iter()
            .find_map(|(axis, term)| Some((dim.div_exact(axis)?, *term)))?;
        let axis = name(term);
        let factor = token::operand(self.express(&quotient, name));
        Some(quote!(#axis * #factor))
    }

    /// The polynomial, written out.
    fn sum(&self, dim: &Dim, name: &mut dyn FnMut(Term) -> TokenStream) -> TokenStream {
        let mut terms: Vec<(i64, Vec<Sym>)> = dim
            .terms()
            .map(|(factor, syms)| (factor, syms.to_vec()))
            .collect();
        terms.sort_by_key(|(factor, symbols)| (*factor < 0, symbols.is_empty()));
        let mut sum = TokenStream::new();
        for (factor, symbols) in terms {
            let number = i64::try_from(factor.unsigned_abs()).unwrap_or(i64::MAX);
            let mut product: TokenStream = if number == 1 && !symbols.is_empty() {
                quote!()
            } else {
                token::integer(number)
            };
            for symbol in symbols {
                let factor = token::operand(self.symbol(symbol, name));
                product = if product.is_empty() {
                    factor
                } else {
                    quote!(#product * #factor)
                };
            }
            sum = match (sum.is_empty(), factor < 0) {
                (true, _) => product,
                (false, true) => quote!(#sum - #product),
                (false, false) => quote!(#sum + #product),
            };
        }
        sum
    }

    fn symbol(&self, symbol: Sym, name: &mut dyn FnMut(Term) -> TokenStream) -> TokenStream {
        let dim = Dim::symbol(symbol);
        if let Some((_, term)) = self.axes.iter().find(|(axis, _)| *axis == dim) {
            return name(*term);
        }
        self.near(&dim, name)
            .unwrap_or_else(|| name(Term::Symbol(symbol)))
    }
}
