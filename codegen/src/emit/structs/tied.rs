//! Layers that share a parameter with another module: a method in place of a field.
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::emit::imports::Imports;
use crate::emit::layout::{Layout, Tied};
use crate::emit::token;
use crate::ir::{Layer, ModuleId, ModuleKind, ParamId, Program};

/// The method that applies a tied layer.
pub(super) fn method(
    program: &Program,
    layout: &Layout,
    imports: &Imports,
    id: ModuleId,
    tied: &Tied,
) -> TokenStream {
    let ModuleKind::Layer { layer, params } = &program[id].kind else {
        return TokenStream::new();
    };
    let holder = Layout::holder(program, id);
    let name = format_ident!("{}", tied.name);
    let weight = params.first().map(|param| {
        (
            program[*param].transposed,
            layout.stored_value(program, Some(holder), *param),
        )
    });
    let (is_transposed, weight) = weight.unwrap_or_default();
    let docs = token::docs(&docs(program, layout, holder, id, params));
    let method = match layer {
        Layer::Linear { .. } => {
            let function = imports.name("burn::tensor::module", "linear");
            let weight = if is_transposed {
                weight
            } else {
                quote!(#weight.transpose())
            };
            let bias = bias(program, layout, holder, params);
            let (generic, rank) = ranks(tied);
            let tensor = imports.tensor("Tensor");
            quote! {
                fn #name #generic(&self, input: #tensor<#rank>) -> #tensor<#rank> {
                    #function(input, #weight, #bias)
                }
            }
        }
        Layer::Embedding { .. } => {
            let function = imports.name("burn::tensor::module", "embedding");
            let weight = if is_transposed {
                quote!(#weight.transpose())
            } else {
                weight
            };
            let (tensor, int) = (imports.tensor("Tensor"), imports.tensor("Int"));
            quote! {
                fn #name(&self, indices: #tensor<2, #int>) -> #tensor<3> {
                    #function(#weight, indices)
                }
            }
        }
        Layer::Conv2d { .. } => conv2d(
            program,
            layout,
            imports,
            layer,
            (holder, params),
            (&name, &weight),
        ),
        _ => TokenStream::new(),
    };
    quote!(#docs #method)
}

fn conv2d(
    program: &Program,
    layout: &Layout,
    imports: &Imports,
    layer: &Layer,
    (holder, params): (ModuleId, &[ParamId]),
    (name, weight): (&proc_macro2::Ident, &TokenStream),
) -> TokenStream {
    let Layer::Conv2d {
        stride,
        padding,
        dilation,
        groups,
        ..
    } = layer
    else {
        return TokenStream::new();
    };
    let function = imports.name("burn::tensor::module", "conv2d");
    let options = imports.name("burn::tensor::ops", "ConvOptions");
    let tensor = imports.tensor("Tensor");
    let bias = bias(program, layout, holder, params);
    let pair = |[first, second]: [usize; 2]| {
        let (first, second) = (token::size(first), token::size(second));
        quote!([#first, #second])
    };
    let (stride, padding, dilation) = (pair(*stride), pair(*padding), pair(*dilation));
    let groups = token::size(*groups);
    quote! {
        fn #name(&self, input: #tensor<4>) -> #tensor<4> {
            #function(input, #weight, #bias, #options::new(#stride, #padding, #dilation, #groups))
        }
    }
}

fn bias(program: &Program, layout: &Layout, holder: ModuleId, params: &[ParamId]) -> TokenStream {
    if let Some(bias) = params.get(1) {
        let bias = layout.stored_value(program, Some(holder), *bias);
        quote!(Some(#bias))
    } else {
        quote!(None)
    }
}

fn ranks(tied: &Tied) -> (Option<TokenStream>, TokenStream) {
    match tied.ranks.iter().collect::<Vec<_>>().as_slice() {
        [only] => (None, token::size(**only)),
        [] => (None, token::size(2)),
        _ => (Some(quote!(<const D: usize>)), quote!(D)),
    }
}

/// Which parameter of which module it uses.
fn docs(
    program: &Program,
    layout: &Layout,
    holder: ModuleId,
    id: ModuleId,
    params: &[ParamId],
) -> Vec<String> {
    let name = layout
        .tied(id)
        .map(|tied| tied.name.clone())
        .unwrap_or_default();
    let above = layout.burn_path(program, holder).len();
    let shared = params
        .iter()
        .enumerate()
        .filter(|(_, param)| program[**param].owner != id);
    shared
        .map(|(at, param)| {
            let own = if at == 0 { "weight" } else { "bias" };
            let path = layout.param_path(program, *param);
            let path: Vec<&str> = path.split('.').skip(above).collect();
            format!("`{name}.{own}` is `{}`.", path.join("."))
        })
        .collect()
}
