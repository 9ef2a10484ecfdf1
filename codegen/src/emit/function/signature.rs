//! A function's signature and frame: parameters, the sizes and the device it needs, the result.
use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::body::{Body, SlotType};
use super::carry::Carry;
use super::printer::Printer;
use super::sizes::Sizes;
use super::{fold, inline};
use crate::emit::{Cx, ident, token};
use crate::ir::{Block, Function, Stmt, Sym, Tree, VarId};

/// How a function is framed.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::emit) enum Style {
    /// A method or associated function.
    Method,
    /// `Captioner::encode`: gives the memory, whose fields are named.
    Encode(Vec<String>),
    /// `Captioner::decode`: takes the memory apart. `true` where the captions have to become `[batch, 1, length]`.
    Decode(Vec<String>, bool),
}

/// A printed function.
#[derive(Clone, Debug)]
pub(in crate::emit) struct Printed {
    /// `(&self, x: Tensor<2>) -> Tensor<2>`
    pub(in crate::emit) signature: TokenStream,
    pub(in crate::emit) body: TokenStream,
    /// Symbols that are parameters.
    pub(in crate::emit) symbols: Vec<Sym>,
    /// Whether the device is a parameter.
    pub(in crate::emit) device: bool,
    /// Whether sizes in the body may be written by axis or as numbers.
    pub(in crate::emit) is_sized: bool,
    /// Parameters, with `self`.
    pub(in crate::emit) n_params: usize,
    /// Whether clippy would like a name for a type in the signature.
    pub(in crate::emit) is_complex: bool,
}

/// Prints a function.
pub(in crate::emit) fn print(
    cx: &Cx<'_>,
    function: &Function,
    body: &Body,
    style: &Style,
) -> Printed {
    let body = fold::run(cx, body);
    let inlined = inline::find(cx.program, &body);
    let carry = Carry::new(&body, &inlined);
    let mut printer = Printer::new(
        cx,
        &body,
        &inlined,
        &carry,
        (function.receiver, function.home),
    );
    let mut loop_names = BTreeMap::new();
    collect_loop_names(&body.block, &BTreeSet::new(), &mut loop_names);
    printer.frame(function, style);
    printer.settle(&loop_names);
    printer.frame(function, style)
}

/// Names of the loop variables, different for loops in each other.
fn collect_loop_names(block: &Block, outer: &BTreeSet<String>, names: &mut BTreeMap<Sym, String>) {
    for stmt in block {
        if let Stmt::Loop(repeat) = stmt {
            let name = if repeat.name.trim_matches('_').is_empty() {
                "index"
            } else {
                &repeat.name
            };
            let name = ident::unique(&ident::local(name), outer);
            let mut outer = outer.clone();
            outer.insert(name.clone());
            names.insert(repeat.index, name);
            collect_loop_names(&repeat.body, &outer, names);
        }
    }
}

impl Printer<'_> {
    /// The whole function, once.
    fn frame(&mut self, function: &Function, style: &Style) -> Printed {
        let (params, unpack) = self.params(style);
        if !self.trace.is_replay() {
            let trees: Vec<(VarId, &Tree)> = self
                .body
                .params
                .iter()
                .map(|param| (VarId(0), &param.tree))
                .collect();
            self.sizes = Sizes::new(self.sources(&trees), self.cx.by_axis);
        }
        let (statements, result) = self.block(&self.body.block, Some(&self.body.returns));
        let result = result.unwrap_or_else(|| self.result(style));
        let sizes = self.size_bindings();
        let device = self.device_binding();
        let params = self.params_tokens(params);
        let self_param = function.receiver.map(|_| quote!(&self));
        let symbols = self.sizes.parameters();
        let output = self.output(style);
        let has_device = self.has_device_parameter();
        let extra = self.extra_params(&symbols, has_device);
        let params: Vec<TokenStream> = self_param.into_iter().chain(params).chain(extra).collect();
        Printed {
            n_params: params.len(),
            is_complex: self.is_complex(),
            signature: quote!((#(#params),*) #output),
            body: [unpack, device, sizes, statements, result]
                .into_iter()
                .collect(),
            symbols,
            device: has_device,
            is_sized: self.sizes.is_sized(),
        }
    }

    fn is_complex(&self) -> bool {
        let params = self.body.params.iter().map(|param| &param.tree);
        params
            .chain([&self.body.returns])
            .any(|tree| self.body.tree_type(tree).is_complex())
    }

    /// The parameters as variable and type, and the statements that take tuples apart.
    fn params(&mut self, style: &Style) -> (Vec<(VarId, TokenStream)>, TokenStream) {
        let mut params = Vec::new();
        let mut unpack = TokenStream::new();
        let n_fields = match style {
            Style::Decode(fields, _) => fields.len(),
            Style::Method | Style::Encode(_) => 0,
        };
        if let Style::Decode(fields, _) = style {
            let memory = self.extra();
            self.trace.define(memory, vec!["memory".to_owned()]);
            if !fields.is_empty() {
                self.trace.touch(memory);
            }
            params.push((memory, quote!(Memory)));
            unpack.extend(self.unpack_memory(fields, memory));
        }
        for (at, param) in self.body.params.iter().enumerate() {
            let ty = self.type_tokens(&self.body.tree_type(&param.tree));
            let name = ident::local(&param.name);
            if at < n_fields {
                continue;
            }
            match &param.tree {
                Tree::Var(var) => {
                    self.trace.define(*var, vec![name.clone()]);
                    self.trace.define_value(*var);
                    params.push((*var, self.rank_two(style, &ty)));
                    unpack.extend(self.raise_rank(style, *var));
                }
                Tree::Tuple(_) => {
                    let whole = self.extra();
                    self.trace.define(whole, vec![name.clone()]);
                    unpack.extend(self.unpack(&param.tree, whole));
                    params.push((whole, ty));
                }
            }
        }
        (params, unpack)
    }

    /// The harness hands captions of rank 2.
    fn rank_two(&self, style: &Style, ty: &TokenStream) -> TokenStream {
        match style {
            Style::Decode(_, true) => token::tensor_type(self.cx.imports, crate::ir::DType::Int, 2),
            _ => ty.clone(),
        }
    }

    fn raise_rank(&self, style: &Style, captions: VarId) -> TokenStream {
        match style {
            Style::Decode(_, true) => {
                let name = self.local_ident(captions);
                quote!(let #name = #name.unsqueeze_dim::<3>(1);)
            }
            _ => TokenStream::new(),
        }
    }

    fn unpack(&mut self, tree: &Tree, whole: VarId) -> TokenStream {
        let is_unused = tree.vars().iter().all(|var| self.trace.is_unused(*var));
        if !is_unused {
            self.trace.touch(whole);
        }
        let mut later = super::bind::Later::new();
        let pattern = self.pattern(tree, &["value".to_owned()], &mut later);
        let name = self.local_ident(whole);
        if is_unused {
            TokenStream::new()
        } else {
            quote!(let #pattern = #name;)
        }
    }

    fn unpack_memory(&mut self, fields: &[String], memory: VarId) -> TokenStream {
        let memory = self.local_ident(memory);
        let mut parts = Vec::new();
        for (field, param) in fields.iter().zip(&self.body.params) {
            let mut later = super::bind::Later::new();
            let pattern = match &param.tree {
                Tree::Var(var) => {
                    let name = format_ident!("{}", self.trace.define(*var, vec![field.clone()]));
                    self.trace.define_value(*var);
                    quote!(#name)
                }
                tree @ Tree::Tuple(_) => {
                    self.pattern(tree, std::slice::from_ref(field), &mut later)
                }
            };
            let field = format_ident!("{field}");
            let is_same = field == pattern.to_string();
            parts.push(if is_same {
                pattern
            } else {
                quote!(#field: #pattern)
            });
        }
        if parts.is_empty() {
            TokenStream::new()
        } else {
            quote!(let Memory { #(#parts),* } = #memory;)
        }
    }

    fn result(&mut self, style: &Style) -> TokenStream {
        let body = self.body;
        let Style::Encode(fields) = style else {
            return self.tree(&body.returns);
        };
        let parts = match &body.returns {
            Tree::Tuple(parts) => parts.as_slice(),
            Tree::Var(_) => std::slice::from_ref(&body.returns),
        };
        let mut values = Vec::new();
        for (field, part) in fields.iter().zip(parts) {
            let value = self.tree(part);
            let field = format_ident!("{field}");
            let is_same = field == value.to_string();
            values.push(if is_same {
                value
            } else {
                quote!(#field: #value)
            });
        }
        quote!(Memory { #(#values),* })
    }

    fn size_bindings(&self) -> TokenStream {
        let mut tokens = TokenStream::new();
        for (at, source) in self.sizes.sources().iter().enumerate() {
            let Some(axes) = self.sizes.axes_of(at) else {
                continue;
            };
            let axes = axes
                .into_iter()
                .map(|axis| axis.unwrap_or_else(|| format_ident!("_")));
            let access = self.access(source.local, &source.part);
            tokens.extend(quote!(let [#(#axes),*] = #access.dims();));
        }
        tokens
    }

    fn device_binding(&self) -> TokenStream {
        match self.sizes.sources().first() {
            Some(source) if self.needs_device => {
                let access = self.access(source.local, &source.part);
                quote!(let device = #access.device();)
            }
            _ => TokenStream::new(),
        }
    }

    fn access(&self, local: VarId, part: &[usize]) -> TokenStream {
        let name = self.local_ident(self.carry.local(local));
        part.iter().fold(quote!(#name), |access, part| {
            let part = proc_macro2::Literal::usize_unsuffixed(*part);
            quote!(#access.#part)
        })
    }

    /// The parameters; those that nothing reads start with an underscore.
    fn params_tokens(&self, params: Vec<(VarId, TokenStream)>) -> Vec<TokenStream> {
        let parameter = |(local, ty): (VarId, TokenStream)| {
            let name = self.trace.name(local);
            let unused = if self.trace.is_untouched(local) && !self.is_source(local) {
                "_"
            } else {
                ""
            };
            let name: Ident = format_ident!("{unused}{name}");
            quote!(#name: #ty)
        };
        params.into_iter().map(parameter).collect()
    }

    fn extra_params(&self, symbols: &[Sym], has_device: bool) -> Vec<TokenStream> {
        let mut params = Vec::new();
        for symbol in symbols {
            let name = self.sizes.name(super::sizes::Term::Symbol(*symbol));
            params.push(quote!(#name: usize));
        }
        if has_device {
            let device = self.cx.imports.tensor("Device");
            params.push(quote!(device: &#device));
        }
        params
    }

    fn output(&self, style: &Style) -> TokenStream {
        match style {
            Style::Encode(_) => quote!(-> Memory),
            _ if self.body.returns.is_empty() => TokenStream::new(),
            _ => {
                let ty = self.type_tokens(&self.body.tree_type(&self.body.returns));
                quote!(-> #ty)
            }
        }
    }

    fn type_tokens(&self, ty: &SlotType) -> TokenStream {
        ty.tokens(self.cx.imports)
    }
}
