//! Convolutions whose kernel is a tensor like others.
use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::function::Printer;
use crate::emit::token;
use crate::ir::{Op, VarId};

impl Printer<'_> {
    pub(super) fn convolution(
        &mut self,
        op: &Op,
        input: VarId,
        weight: VarId,
        bias: Option<VarId>,
    ) -> TokenStream {
        let (input, weight) = (self.operand(input), self.operand(weight));
        let bias = bias.map_or_else(
            || quote!(None),
            |bias| {
                let bias = self.operand(bias);
                quote!(Some(#bias))
            },
        );
        let imports = self.cx.imports;
        match op {
            Op::Conv2d {
                stride,
                padding,
                dilation,
                groups,
            } => {
                let function = imports.name("burn::tensor::module", "conv2d");
                let options = imports.name("burn::tensor::ops", "ConvOptions");
                let (stride, padding) = (pair(*stride), pair(*padding));
                let (dilation, groups) = (pair(*dilation), token::size(*groups));
                quote!(#function(#input, #weight, #bias, #options::new(#stride, #padding, #dilation, #groups)))
            }
            Op::ConvTranspose2d {
                stride,
                padding,
                output_padding,
                dilation,
                groups,
            } => {
                let function = imports.name("burn::tensor::module", "conv_transpose2d");
                let options = imports.name("burn::tensor::ops", "ConvTransposeOptions");
                let (stride, padding) = (pair(*stride), pair(*padding));
                let (output_padding, dilation) = (pair(*output_padding), pair(*dilation));
                let groups = token::size(*groups);
                quote!(#function(#input, #weight, #bias, #options::new(#stride, #padding, #output_padding, #dilation, #groups)))
            }
            _ => TokenStream::new(),
        }
    }
}

fn pair([first, second]: [usize; 2]) -> TokenStream {
    let (first, second) = (token::size(first), token::size(second));
    quote!([#first, #second])
}
