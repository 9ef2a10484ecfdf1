//! `impl Captioner for Net`: the entry points and the tables.
use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::function::{self, Body, SlotType, Style};
use super::{Cx, callees, classifier, ident, recipe, state, token};
use crate::ir::{FunctionId, Program, Task, Tree};

/// The functions that become methods: all but the entry points that nothing calls and that are not Python's own.
pub(super) fn methods(program: &Program, functions: &BTreeSet<FunctionId>) -> BTreeSet<FunctionId> {
    let called: BTreeSet<FunctionId> = functions
        .iter()
        .flat_map(|id| callees(&program[*id].body))
        .collect();
    let entries = &program.entries;
    let is_method = |id: &FunctionId| {
        let is_part =
            program.sizes.task == Task::Caption && [entries.encode, entries.decode].contains(id);
        let is_loss = *id == entries.loss && *id != entries.logits && Some(*id) != entries.infer;
        called.contains(id) || !(is_part || is_loss)
    };
    functions.iter().copied().filter(is_method).collect()
}

/// The memory and the implementation.
pub(super) fn print(
    cx: &Cx<'_>,
    bodies: &BTreeMap<FunctionId, Body>,
    own: &BTreeSet<FunctionId>,
) -> TokenStream {
    let entries = Entries {
        cx,
        bodies,
        own,
        fields: memory_fields(cx.program),
    };
    if cx.program.sizes.task == Task::Classify {
        return classifier::print(&entries);
    }
    let memory = entries.memory();
    let (spec, table, recipe) = (entries.spec(), state::print(cx), recipe::print(cx));
    let (encode, decode) = (entries.encode(), entries.decode());
    let (logits, loss, infer) = (entries.logits(), entries.loss(), entries.infer());
    let captioner = cx.imports.harness("Captioner");
    let device = cx.imports.tensor("Device");
    quote! {
        #memory

        impl #captioner for Net {
            type Memory = Memory;

            #spec
            #table
            #recipe

            fn new(device: &#device) -> Self {
                Net::new(device)
            }

            #encode
            #decode
            #logits
            #loss
            #infer
        }
    }
}

/// The names of the memory's fields.
fn memory_fields(program: &Program) -> Vec<String> {
    let params = &program[program.entries.decode].params;
    let mut taken = BTreeSet::new();
    let mut fields = Vec::new();
    for param in params.iter().take(params.len().saturating_sub(1)) {
        let name = ident::unique(&ident::local(&param.name), &taken);
        taken.insert(name.clone());
        fields.push(name);
    }
    fields
}

/// What the printers of the entry points share.
pub(super) struct Entries<'a> {
    pub(super) cx: &'a Cx<'a>,
    bodies: &'a BTreeMap<FunctionId, Body>,
    pub(super) own: &'a BTreeSet<FunctionId>,
    fields: Vec<String>,
}

impl Entries<'_> {
    fn memory(&self) -> TokenStream {
        let program = self.cx.program;
        let Some(decode) = self.bodies.get(&program.entries.decode) else {
            return TokenStream::new();
        };
        let fields = self
            .fields
            .iter()
            .zip(&decode.params)
            .map(|(field, param)| {
                let (field, ty) = (
                    format_ident!("{field}"),
                    decode.tree_type(&param.tree).tokens(self.cx.imports),
                );
                quote!(#field: #ty)
            });
        quote! {
            /// What the decoder needs of the images.
            #[derive(Clone, Debug)]
            pub struct Memory {
                #(#fields),*
            }
        }
    }

    fn spec(&self) -> TokenStream {
        let program = self.cx.program;
        let (spec, alignment) = (
            self.cx.imports.harness("Spec"),
            self.cx.imports.harness("Alignment"),
        );
        let vocab = token::size(program.sizes.vocab);
        let image = program.sizes.image.map(token::size);
        let n_dropped = token::size(program.entries.alignment.n_dropped);
        let shift = token::size(program.entries.alignment.shift);
        let infer = program.entries.infer.is_some();
        quote! {
            const SPEC: #spec = #spec {
                vocab: #vocab,
                image: [#(#image),*],
                alignment: #alignment { n_dropped: #n_dropped, shift: #shift },
                infer: #infer,
            };
        }
    }

    /// A function that is printed in place.
    pub(super) fn inline(&self, id: FunctionId, name: &str, style: &Style) -> TokenStream {
        let Some(body) = self.bodies.get(&id) else {
            return TokenStream::new();
        };
        let printed = function::print(self.cx, &self.cx.program[id], body, style);
        let (name, signature, body) = (format_ident!("{name}"), printed.signature, printed.body);
        quote!(fn #name #signature { #body })
    }

    fn encode(&self) -> TokenStream {
        self.inline(
            self.cx.program.entries.encode,
            "encode",
            &Style::Encode(self.fields.clone()),
        )
    }

    fn decode(&self) -> TokenStream {
        let style = Style::Decode(self.fields.clone(), self.takes_all_captions());
        self.inline(self.cx.program.entries.decode, "decode", &style)
    }

    /// Whether the captions of teacher forcing are `[batch, n_captions, length]`.
    fn takes_all_captions(&self) -> bool {
        let Some(body) = self.bodies.get(&self.cx.program.entries.logits) else {
            return false;
        };
        match body.params.last().map(|param| body.tree_type(&param.tree)) {
            Some(SlotType::Tensor(ty)) => ty.shape.len() == 3,
            _ => false,
        }
    }

    fn logits(&self) -> TokenStream {
        let (tensor, int) = (
            self.cx.imports.tensor("Tensor"),
            self.cx.imports.tensor("Int"),
        );
        let id = self.cx.program.entries.logits;
        let captions = if self.takes_all_captions() {
            quote!(captions.unsqueeze_dim::<3>(1))
        } else {
            quote!(captions)
        };
        let call = self.call(id, &[quote!(images), captions]);
        quote! {
            fn logits(&self, images: #tensor<4>, captions: #tensor<2, #int>) -> #tensor<3> {
                #call
            }
        }
    }

    fn loss(&self) -> TokenStream {
        let id = self.cx.program.entries.loss;
        if !self.own.contains(&id) {
            return self.inline(id, "loss", &Style::Method);
        }
        let (tensor, int) = (
            self.cx.imports.tensor("Tensor"),
            self.cx.imports.tensor("Int"),
        );
        let call = self.call(id, &[quote!(images), quote!(captions)]);
        quote! {
            fn loss(&self, images: #tensor<4>, captions: #tensor<3, #int>) -> #tensor<1> {
                #call
            }
        }
    }

    fn infer(&self) -> TokenStream {
        let (tensor, inference) = (
            self.cx.imports.tensor("Tensor"),
            self.cx.imports.harness("Inference"),
        );
        let Some(id) = self.cx.program.entries.infer else {
            return quote! {
                fn infer(&self, _images: #tensor<4>) -> Option<#inference> {
                    None
                }
            };
        };
        let rank = self.bodies.get(&id).map_or(2, |body| match &body.returns {
            Tree::Var(var) => body.tensor(*var).shape.len(),
            Tree::Tuple(_) => 2,
        });
        let kind = if rank == 3 {
            quote!(Scores)
        } else {
            quote!(Ids)
        };
        let call = self.call(id, &[quote!(images)]);
        quote! {
            fn infer(&self, images: #tensor<4>) -> Option<#inference> {
                Some(#inference::#kind(#call))
            }
        }
    }

    /// A call of a method of the net, with arguments that are the parameters of an entry point.
    pub(super) fn call(&self, id: FunctionId, arguments: &[TokenStream]) -> TokenStream {
        let function = &self.cx.program[id];
        let name = self.cx.method(id);
        if let Some(module) = function.receiver {
            let path = self
                .cx
                .layout
                .path(self.cx.program, Some(Program::NET), module);
            quote!(#path.#name(#(#arguments),*))
        } else {
            let home = self.cx.home(id, Program::NET);
            quote!(#home::#name(#(#arguments),*))
        }
    }
}
