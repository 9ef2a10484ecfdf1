//! The table of the training recipe.
use proc_macro2::TokenStream;
use quote::quote;

use super::{Cx, token};
use crate::ir::{Optimizer, ParamGroup};

/// `const RECIPE`.
pub(super) fn print(cx: &Cx<'_>) -> TokenStream {
    let recipe = cx.imports.harness("Recipe");
    let groups: Vec<TokenStream> = cx
        .program
        .recipe
        .groups
        .iter()
        .map(|group| print_group(cx, group))
        .collect();
    let clip = if let Some(norm) = cx.program.recipe.clip_norm {
        let norm = token::float(norm);
        quote!(Some(#norm))
    } else {
        quote!(None)
    };
    quote!(const RECIPE: #recipe = #recipe { groups: &[#(#groups),*], clip_norm: #clip };)
}

fn print_group(cx: &Cx<'_>, group: &ParamGroup) -> TokenStream {
    let class = cx.imports.harness("ParamGroup");
    let params = if let Some(names) = &group.params {
        quote!(Some(&[#(#names),*]))
    } else {
        quote!(None)
    };
    let optimizer = print_optimizer(cx, &group.optimizer);
    quote!(#class { params: #params, optimizer: #optimizer })
}

fn print_optimizer(cx: &Cx<'_>, optimizer: &Optimizer) -> TokenStream {
    let class = cx.imports.harness("Optimizer");
    match optimizer {
        Optimizer::Sgd {
            lr,
            momentum,
            dampening,
            weight_decay,
            nesterov,
        } => {
            let [lr, momentum, dampening, weight_decay] =
                [lr, momentum, dampening, weight_decay].map(|value| token::float(*value));
            quote! {
                #class::Sgd {
                    lr: #lr,
                    momentum: #momentum,
                    dampening: #dampening,
                    weight_decay: #weight_decay,
                    nesterov: #nesterov,
                }
            }
        }
        Optimizer::Adam {
            lr,
            betas,
            eps,
            weight_decay,
        } => {
            let fields = adaptive(*lr, *betas, *eps, *weight_decay);
            quote!(#class::Adam { #fields })
        }
        Optimizer::AdamW {
            lr,
            betas,
            eps,
            weight_decay,
        } => {
            let fields = adaptive(*lr, *betas, *eps, *weight_decay);
            quote!(#class::AdamW { #fields })
        }
    }
}

fn adaptive(lr: f64, [first, second]: [f64; 2], eps: f64, weight_decay: f64) -> TokenStream {
    let [lr, first, second, eps, weight_decay] =
        [lr, first, second, eps, weight_decay].map(token::float);
    quote!(lr: #lr, betas: [#first, #second], eps: #eps, weight_decay: #weight_decay)
}
