//! A struct with its methods, as source.
use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Group, Structs};
use crate::emit::function::{self, Body, Printed, Style};
use crate::emit::numbers::Number;
use crate::emit::{Cx, ident, state, token};
use crate::ir::{FunctionId, ModuleId, ModuleKind, Program, Task};

impl Structs {
    /// The structs, a parent after its children.
    pub(in crate::emit) fn print(
        &self,
        cx: &Cx<'_>,
        bodies: &BTreeMap<FunctionId, Body>,
    ) -> TokenStream {
        let mut order = Vec::new();
        self.visit(cx, crate::ir::Program::NET, &mut order);
        order
            .into_iter()
            .filter_map(|at| self.groups.get(at))
            .map(|group| self.item(cx, bodies, group))
            .collect()
    }

    fn visit(&self, cx: &Cx<'_>, module: ModuleId, order: &mut Vec<usize>) {
        for child in cx.program.children(module) {
            self.visit(cx, child, order);
        }
        if let Some(group) = self.group_of.get(&module)
            && !order.contains(group)
        {
            order.push(*group);
        }
    }

    fn item(&self, cx: &Cx<'_>, bodies: &BTreeMap<FunctionId, Body>, group: &Group) -> TokenStream {
        let Some(first) = group.instances.first().copied() else {
            return TokenStream::new();
        };
        let fields = Self::fields(cx.program, cx.layout, first);
        let types = fields.iter().map(|field| {
            let name = format_ident!("{}", field.name);
            let ty = self.type_of(cx.program, cx.layout, cx.imports, field);
            quote!(#name: #ty)
        });
        let types: Vec<TokenStream> = types.collect();
        let module = cx.imports.name("burn::module", "Module");
        let name = format_ident!("{}", group.name);
        let docs = token::docs(&[Self::docs(cx, group, first)]);
        let new = self.constructor(cx, group, first);
        let methods = self.methods(cx, bodies, group);
        let tied = cx.layout.tied_in(cx.program, first);
        let used = tied.into_iter().filter(|(_, tied)| !tied.ranks.is_empty());
        let tied: TokenStream = used
            .map(|(id, tied)| super::tied::method(cx.program, cx.layout, cx.imports, id, tied))
            .collect();
        quote! {
            #docs
            #[derive(#module, Debug)]
            pub struct #name {
                #(#types),*
            }

            impl #name {
                #new
                #methods
                #tied
            }
        }
    }

    fn docs(cx: &Cx<'_>, group: &Group, first: ModuleId) -> String {
        match &cx.program[first].kind {
            ModuleKind::Struct { class, .. } if class == "Sequential" || class == "ModuleDict" => {
                let path = cx.layout.burn_path(cx.program, first).join(".");
                format!("`{path}`, an `nn.{class}`.")
            }
            ModuleKind::Struct { class, .. } => {
                format!(
                    "`{}` of the reply.",
                    ident::shown(class).unwrap_or(&group.name)
                )
            }
            _ => format!(
                "`{}`, an `nn.ModuleList`.",
                cx.layout.burn_path(cx.program, first).join(".")
            ),
        }
    }

    fn constructor(&self, cx: &Cx<'_>, group: &Group, first: ModuleId) -> TokenStream {
        let mut numbers = group.columns.printer();
        let fields = Self::fields(cx.program, cx.layout, first);
        let values = fields.iter().map(|field| {
            let name = format_ident!("{}", field.name);
            let value = self.build(cx.program, cx.layout, cx.imports, field, &mut numbers);
            quote!(#name: #value)
        });
        let values: Vec<TokenStream> = values.collect();
        let params = group
            .arguments(first)
            .into_iter()
            .map(|(name, value): (String, Number)| {
                let (name, ty) = (format_ident!("{name}"), value.ty());
                quote!(#name: #ty)
            });
        let device = cx.imports.tensor("Device");
        let is_used = values.iter().any(|value| mentions_device(value.clone()));
        let device_name = if is_used {
            quote!(device)
        } else {
            quote!(_device)
        };
        if first == Program::NET && state::has_starts(cx.program) {
            return started_constructor(cx, &values);
        }
        quote! {
            /// Builds the layers with PyTorch's initial values.
            pub fn new(#(#params,)* #device_name: &#device) -> Self {
                Self { #(#values),* }
            }
        }
    }

    fn methods(
        &self,
        cx: &Cx<'_>,
        bodies: &BTreeMap<FunctionId, Body>,
        group: &Group,
    ) -> TokenStream {
        let mut tokens = TokenStream::new();
        for (name, id) in &group.methods {
            let Some(body) = bodies.get(id) else { continue };
            let by_axis = self.has_several_sizes(*id);
            let cx = Cx { by_axis, ..*cx };
            let printed = function::print(&cx, &cx.program[*id], body, &Style::Method);
            let same = self.class_of.iter().filter(|(_, class)| *class == id);
            let same: Vec<&Body> = same
                .filter_map(|(function, _)| bodies.get(function))
                .collect();
            let mut docs = first_value_docs(cx.program, *id);
            docs.extend(function::docs(&same));
            tokens.extend(method(name, &docs, &printed));
        }
        tokens
    }
}

/// Says of a function that computes a tensor's first value whose that is.
fn first_value_docs(program: &Program, id: FunctionId) -> Vec<String> {
    let param = program.params.iter().find(|param| param.init == Some(id));
    let shown = param.map(|param| match ident::shown(&param.field) {
        Some(field) => format!("The first value of `{field}`."),
        None => "The first value of a tensor.".to_owned(),
    });
    shown
        .into_iter()
        .flat_map(|line| [line, String::new()])
        .collect()
}

fn method(name: &str, docs: &[String], printed: &Printed) -> TokenStream {
    let (docs, name) = (token::docs(docs), format_ident!("{name}"));
    let (signature, body) = (&printed.signature, &printed.body);
    let excuse = (printed.n_params > 7).then(|| {
        quote!(#[expect(clippy::too_many_arguments, reason = "the method of the reply takes as many")])
    });
    let complex = printed.is_complex.then(|| {
        quote!(#[expect(clippy::type_complexity, reason = "the method of the reply gives as much")])
    });
    quote! {
        #docs
        #excuse
        #complex
        pub fn #name #signature { #body }
    }
}

/// The constructor of a net that chooses first values itself.
fn started_constructor(cx: &Cx<'_>, values: &[TokenStream]) -> TokenStream {
    let (device, with_starts) = (
        cx.imports.tensor("Device"),
        cx.imports.harness("with_starts"),
    );
    let owner = cx.imports.harness(match cx.program.sizes.task {
        Task::Caption => "Captioner",
        Task::Classify => "Classifier",
    });
    quote! {
        /// Builds the net with its own initial values, and PyTorch's where it chooses none.
        ///
        /// # Panics
        ///
        /// When `STATE` names a parameter that the net does not have.
        pub fn new(device: &#device) -> Self {
            let layers = Self { #(#values),* };
            #with_starts(layers, <Self as #owner>::STATE, device)
        }
    }
}

fn mentions_device(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|tree| match tree {
        proc_macro2::TokenTree::Ident(ident) => ident == "device",
        proc_macro2::TokenTree::Group(group) => mentions_device(group.stream()),
        _ => false,
    })
}
