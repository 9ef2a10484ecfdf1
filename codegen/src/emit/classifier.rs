//! `impl Classifier for Net`: the entry points and the tables of a net that classifies.
use proc_macro2::TokenStream;
use quote::quote;

use super::captioner::Entries;
use super::function::Style;
use super::{recipe, state, token};

/// The implementation.
pub(super) fn print(entries: &Entries<'_>) -> TokenStream {
    let cx = entries.cx;
    let (spec, table, recipe) = (spec(entries), state::print(cx), recipe::print(cx));
    let (logits, loss) = (logits(entries), loss(entries));
    let classifier = cx.imports.harness("Classifier");
    let device = cx.imports.tensor("Device");
    quote! {
        impl #classifier for Net {
            #spec
            #table
            #recipe

            fn new(device: &#device) -> Self {
                Net::new(device)
            }

            #logits
            #loss
        }
    }
}

fn spec(entries: &Entries<'_>) -> TokenStream {
    let sizes = &entries.cx.program.sizes;
    let spec = entries.cx.imports.harness("ClassSpec");
    let classes = token::size(sizes.vocab);
    let image = sizes.image.map(token::size);
    quote!(const SPEC: #spec = #spec { classes: #classes, image: [#(#image),*] };)
}

fn logits(entries: &Entries<'_>) -> TokenStream {
    let tensor = entries.cx.imports.tensor("Tensor");
    let call = entries.call(entries.cx.program.entries.logits, &[quote!(images)]);
    quote! {
        fn logits(&self, images: #tensor<4>) -> #tensor<2> {
            #call
        }
    }
}

fn loss(entries: &Entries<'_>) -> TokenStream {
    let id = entries.cx.program.entries.loss;
    if !entries.own.contains(&id) {
        return entries.inline(id, "loss", &Style::Method);
    }
    let imports = entries.cx.imports;
    let (tensor, int) = (imports.tensor("Tensor"), imports.tensor("Int"));
    let call = entries.call(id, &[quote!(images), quote!(labels)]);
    quote! {
        fn loss(&self, images: #tensor<4>, labels: #tensor<1, #int>) -> #tensor<1> {
            #call
        }
    }
}
