//! Calls of attention and Transformer layers: the operands that Python names become an input struct.
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::printer::Printer;
use crate::ir::{Layer, Tree};

impl Printer<'_> {
    /// The call of a layer that takes masks; nothing for any other layer.
    pub(super) fn attend(
        &mut self,
        layer: &Layer,
        path: &TokenStream,
        args: &[Tree],
        out: &Tree,
    ) -> Option<TokenStream> {
        match layer {
            Layer::MultiheadAttention(_) => {
                let input = self.attention_input(args);
                let method = format_ident!(
                    "{}",
                    if matches!(out, Tree::Tuple(_)) {
                        "forward_with_weights"
                    } else {
                        "forward"
                    }
                );
                Some(quote!(#path.#method(#input)))
            }
            Layer::TransformerEncoderLayer(_) | Layer::TransformerEncoder(_) => {
                let class = self.cx.imports.core("TransformerEncoderInput");
                let input =
                    self.with_masks(&quote!(#class::new), args, 1, &["mask", "key_padding_mask"]);
                Some(quote!(#path.forward(#input)))
            }
            Layer::TransformerDecoderLayer(_) | Layer::TransformerDecoder(_) => {
                let class = self.cx.imports.core("TransformerDecoderInput");
                let masks = [
                    "target_mask",
                    "memory_mask",
                    "target_key_padding_mask",
                    "memory_key_padding_mask",
                ];
                let input = self.with_masks(&quote!(#class::new), args, 2, &masks);
                Some(quote!(#path.forward(#input)))
            }
            _ => None,
        }
    }

    /// Query, key and value, of which equal ones are said once.
    fn attention_input(&mut self, args: &[Tree]) -> TokenStream {
        let class = self.cx.imports.core("MultiheadAttentionInput");
        let masks = ["attn_mask", "key_padding_mask"];
        let [query, key, value, rest @ ..] = args else {
            return TokenStream::new();
        };
        let (method, sequences) = match (query == key, key == value) {
            (true, true) => ("self_attn", vec![query.clone()]),
            (false, true) => ("cross_attn", vec![query.clone(), key.clone()]),
            _ => ("new", vec![query.clone(), key.clone(), value.clone()]),
        };
        let (method, n_sequences) = (format_ident!("{method}"), sequences.len());
        let all: Vec<Tree> = sequences.into_iter().chain(rest.iter().cloned()).collect();
        self.with_masks(&quote!(#class::#method), &all, n_sequences, &masks)
    }

    /// `constructor(sequences...).with_mask(...)`
    fn with_masks(
        &mut self,
        constructor: &TokenStream,
        args: &[Tree],
        n_sequences: usize,
        masks: &[&str],
    ) -> TokenStream {
        let sequences: Vec<TokenStream> = args
            .iter()
            .take(n_sequences)
            .map(|arg| self.tree(arg))
            .collect();
        let mut input = quote!(#constructor(#(#sequences),*));
        for (mask, name) in args.iter().skip(n_sequences).zip(masks) {
            if !mask.is_empty() {
                let (mask, method) = (self.tree(mask), format_ident!("with_{name}"));
                input.extend(quote!(.#method(#mask)));
            }
        }
        input
    }
}
