//! The printer of one function: variables, sizes, the device.
use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::body::{Body, SlotType};
use super::carry::Carry;
use super::sizes::{Sizes, Source};
use super::trace::Trace;
use crate::emit::{Cx, ident, token};
use crate::ir::{Dim, Expr, ModuleId, Scalar, Sym, TensorType, Tree, VarId};

pub(in crate::emit) struct Printer<'a> {
    pub(in crate::emit) cx: &'a Cx<'a>,
    pub(super) body: &'a Body,
    pub(super) inlined: &'a BTreeMap<VarId, Expr>,
    pub(super) carry: &'a Carry,
    /// What `self` is.
    pub(in crate::emit) receiver: Option<ModuleId>,
    /// In whose struct the function is printed.
    pub(super) home: ModuleId,
    pub(super) trace: Trace,
    pub(super) sizes: Sizes,
    pub(super) needs_device: bool,
    /// Variables of the source that are none of the Program's.
    n_extra: usize,
}

impl<'a> Printer<'a> {
    pub(super) fn new(
        cx: &'a Cx<'a>,
        body: &'a Body,
        inlined: &'a BTreeMap<VarId, Expr>,
        carry: &'a Carry,
        (receiver, home): (Option<ModuleId>, ModuleId),
    ) -> Self {
        let sizes = Sizes::default();
        Self {
            cx,
            body,
            inlined,
            carry,
            receiver,
            home,
            trace: Trace::new(),
            sizes,
            needs_device: false,
            n_extra: 0,
        }
    }

    /// Between the two printings.
    pub(super) fn settle(&mut self, loop_names: &BTreeMap<Sym, String>) {
        let mut reserved = BTreeSet::from(["device".to_owned()]);
        self.sizes.settle(loop_names, &mut reserved);
        self.trace.settle(&reserved);
        self.n_extra = 0;
    }

    /// A variable that is none of the Program's.
    pub(super) fn extra(&mut self) -> VarId {
        self.n_extra += 1;
        VarId(u32::try_from(self.body.slots.len() + self.n_extra).unwrap_or(u32::MAX))
    }

    /// The tensors that are known when the function starts.
    pub(super) fn sources(&self, params: &[(VarId, &Tree)]) -> Vec<Source> {
        let mut sources = Vec::new();
        for (_, tree) in params {
            for var in tree.vars() {
                collect_sources(&self.body[var].ty, var, &[], &mut sources);
            }
        }
        sources
    }

    /// Whether sizes or the device are taken from a variable.
    pub(super) fn is_source(&self, local: VarId) -> bool {
        self.sizes.sources().iter().enumerate().any(|(at, source)| {
            source.local == local
                && (self.sizes.axes_of(at).is_some() || (at == 0 && self.needs_device))
        })
    }

    /// The type of an operand.
    pub(in crate::emit) fn ty(&self, var: VarId) -> &'a TensorType {
        self.body.tensor(var)
    }

    pub(in crate::emit) fn rank(&self, var: VarId) -> usize {
        self.ty(var).shape.len()
    }

    /// Whether an operand is a list.
    pub(in crate::emit) fn is_list(&self, var: VarId) -> bool {
        matches!(self.body[var].ty, SlotType::List { .. })
    }

    /// A value as an operand: written out, moved or cloned.
    pub(in crate::emit) fn operand(&mut self, var: VarId) -> TokenStream {
        let inlined = self.inlined;
        match inlined.get(&var) {
            Some(expr) => {
                let out = Tree::Var(var);
                token::operand(self.expr(expr, &out))
            }
            None => self.variable(var),
        }
    }

    fn variable(&mut self, var: VarId) -> TokenStream {
        let local = self.carry.local(var);
        let is_move = self.trace.use_value(var, local);
        let name = self.local_ident(local);
        if is_move {
            quote!(#name)
        } else {
            token::operand(quote!(#name.clone()))
        }
    }

    pub(super) fn local_ident(&self, local: VarId) -> Ident {
        format_ident!("{}", self.trace.name(local))
    }

    /// Notes that a value has to be in its variable here.
    pub(super) fn keep(&mut self, var: VarId) {
        let local = self.carry.local(var);
        self.trace.use_value(var, local);
    }

    /// A tree as an expression.
    pub(in crate::emit) fn tree(&mut self, tree: &Tree) -> TokenStream {
        match tree {
            Tree::Var(var) => self.operand(*var),
            Tree::Tuple(parts) => {
                let parts: Vec<TokenStream> = parts.iter().map(|part| self.tree(part)).collect();
                quote!((#(#parts),*))
            }
        }
    }

    /// A size as an expression.
    pub(in crate::emit) fn size(&mut self, dim: &Dim) -> TokenStream {
        if self.trace.is_replay() {
            return token::operand(self.sizes.tokens(dim));
        }
        self.sizes.need(dim);
        quote!(_)
    }

    /// A size inside a macro that is printed as it stands.
    pub(in crate::emit) fn bound(&mut self, dim: &Dim) -> TokenStream {
        if self.trace.is_replay() {
            return token::spelt_out(self.sizes.tokens(dim));
        }
        self.size(dim)
    }

    /// A shape as an array.
    pub(in crate::emit) fn shape(&mut self, shape: &[Dim]) -> TokenStream {
        let one = [Dim::constant(1)];
        let dims = if shape.is_empty() { &one } else { shape };
        let dims: Vec<TokenStream> = dims.iter().map(|dim| self.size(dim)).collect();
        quote!([#(#dims),*])
    }

    /// A number beside a tensor, as a float.
    pub(in crate::emit) fn float(&mut self, scalar: &Scalar) -> TokenStream {
        match scalar {
            Scalar::Float(value) => token::float(*value),
            Scalar::Int(dim) => {
                if let Some(value) = dim.as_constant() {
                    token::float(value as f64)
                } else {
                    let size = self.size(dim);
                    token::operand(quote!(#size as f64))
                }
            }
        }
    }

    /// A number beside a tensor, as an integer.
    pub(in crate::emit) fn integer(&mut self, scalar: &Scalar) -> TokenStream {
        match scalar {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "an integer tensor takes whole numbers only"
            )]
            Scalar::Float(value) => token::integer(*value as i64),
            Scalar::Int(dim) => {
                if let Some(value) = dim.as_constant() {
                    token::integer(value)
                } else {
                    let size = self.size(dim);
                    token::operand(quote!(#size as i64))
                }
            }
        }
    }

    /// The device as an argument.
    pub(in crate::emit) fn device(&mut self) -> TokenStream {
        self.needs_device = true;
        if self.has_device_parameter() {
            quote!(device)
        } else {
            quote!(&device)
        }
    }

    pub(super) fn has_device_parameter(&self) -> bool {
        self.needs_device && self.sizes.sources().is_empty()
    }

    /// The names a variable would like.
    pub(super) fn bases(&self, var: VarId, hint: &[String]) -> Vec<String> {
        match &self.body[var].name {
            Some(name) => vec![ident::local(name)],
            None => hint.to_vec(),
        }
    }
}

fn collect_sources(ty: &SlotType, local: VarId, part: &[usize], sources: &mut Vec<Source>) {
    match ty {
        SlotType::Tensor(ty) => sources.push(Source {
            local,
            part: part.to_vec(),
            ty: ty.clone(),
        }),
        SlotType::List { .. } => {}
        SlotType::Tuple(parts) => {
            for (at, ty) in parts.iter().enumerate() {
                collect_sources(ty, local, &[part, &[at]].concat(), sources);
            }
        }
    }
}
