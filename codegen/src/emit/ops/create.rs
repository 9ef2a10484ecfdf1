//! Tensors made from nothing.
use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::function::Printer;
use crate::emit::token;
use crate::ir::{DType, Dim, Op, Scalar, VarId};

impl Printer<'_> {
    pub(super) fn creation(&mut self, op: &Op, out: VarId) -> TokenStream {
        match op {
            Op::Full(value) => self.full(value, out),
            Op::Arange { start, step } => self.arange(start, step, out),
            Op::Random { normal } => self.random(*normal, out),
            _ => TokenStream::new(),
        }
    }

    fn full(&mut self, value: &Scalar, out: VarId) -> TokenStream {
        let ty = self.ty(out);
        let tensor = token::tensor_path(self.cx.imports, ty.dtype, ty.shape.len().max(1));
        let shape = self.shape(&ty.shape);
        let number = match value {
            Scalar::Float(value) => Some(*value),
            Scalar::Int(dim) => dim.as_constant().map(|value| value as f64),
        };
        if number == Some(0.0) || number == Some(1.0) {
            let device = self.device();
            return if number == Some(0.0) {
                quote!(#tensor::zeros(#shape, #device))
            } else {
                quote!(#tensor::ones(#shape, #device))
            };
        }
        let value = match ty.dtype {
            DType::Float => self.float(value),
            DType::Int => self.integer(value),
            DType::Bool => quote!(true),
        };
        let device = self.device();
        quote!(#tensor::full(#shape, #value, #device))
    }

    fn random(&mut self, normal: bool, out: VarId) -> TokenStream {
        let ty = self.ty(out);
        let tensor = token::tensor_path(self.cx.imports, ty.dtype, ty.shape.len().max(1));
        let (shape, device) = (self.shape(&ty.shape), self.device());
        let distribution = self.cx.imports.tensor("Distribution");
        let distribution = if normal {
            quote!(#distribution::Normal(0.0, 1.0))
        } else {
            quote!(#distribution::Uniform(0.0, 1.0))
        };
        quote!(#tensor::random(#shape, #distribution, #device))
    }

    /// Whole steps count in integers; a fraction scales the numbers 0, 1, 2, ...
    fn arange(&mut self, start: &Scalar, step: &Scalar, out: VarId) -> TokenStream {
        let ty = self.ty(out);
        let length = ty
            .shape
            .first()
            .cloned()
            .unwrap_or_else(|| Dim::constant(1));
        let tensor = token::tensor_path(self.cx.imports, DType::Int, 1);
        let whole = |scalar: &Scalar| match scalar {
            Scalar::Int(dim) => Some(dim.clone()),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "checked to be whole and small"
            )]
            Scalar::Float(value) if value.fract() == 0.0 && value.abs() < 1e9 => {
                Some(Dim::constant(*value as i64))
            }
            Scalar::Float(_) => None,
        };
        let to_float = (ty.dtype == DType::Float).then(|| quote!(.float()));
        if let (Some(first), Some(step)) = (
            whole(start),
            whole(step).and_then(|step| step.as_constant()),
        ) && let Ok(step_size) = usize::try_from(step)
            && step > 0
            && let Some(end) = length
                .mul(&Dim::constant(step))
                .and_then(|reach| reach.add(&first))
        {
            let (first, end) = (self.end_of_range(&first), self.end_of_range(&end));
            let device = self.device();
            return if step == 1 {
                quote!(#tensor::arange(#first..#end, #device)#to_float)
            } else {
                let step = token::size(step_size);
                quote!(#tensor::arange_step(#first..#end, #step, #device)#to_float)
            };
        }
        let end = self.end_of_range(&length);
        let device = self.device();
        let (step, start) = if ty.dtype == DType::Float {
            (self.float(step), self.float(start))
        } else {
            (self.integer(step), self.integer(start))
        };
        quote!(#tensor::arange(0..#end, #device)#to_float * #step + #start)
    }

    /// A size as the bound of a range of `i64`.
    fn end_of_range(&mut self, dim: &Dim) -> TokenStream {
        if let Some(value) = dim.as_constant() {
            token::integer(value)
        } else {
            let size = self.size(dim);
            quote!(#size as i64)
        }
    }
}
