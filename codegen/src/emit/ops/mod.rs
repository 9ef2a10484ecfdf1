//! Operations: one method a family, each arm the Burn call for one operation of torch.
mod conv;
mod create;
mod elementwise;
mod index;
mod reduce;
mod shape;

use proc_macro2::TokenStream;
use quote::quote;

use super::function::Printer;
use super::numbers::Literal;
use super::{layer, token};
use crate::ir::{DType, Layer, Op, Resampling, VarId};

impl Printer<'_> {
    /// An operation on its operands; `out` has the result's type.
    pub(super) fn op(&mut self, op: &Op, args: &[VarId], out: VarId) -> TokenStream {
        let (Some(first), second) = (args.first().copied(), args.get(1).copied()) else {
            return self.creation(op, out);
        };
        match (op, second) {
            (Op::Unary(unary), _) => self.unary(*unary, first),
            (Op::Binary(binary), Some(second)) => self.binary(*binary, first, second),
            (Op::BinaryScalar(binary, scalar), _) => self.binary_scalar(*binary, scalar, first),
            (Op::ScalarBinary(scalar, binary), _) => self.scalar_binary(scalar, *binary, first),
            (Op::MatMul, Some(second)) => self.matmul(first, second),
            (
                Op::Softmax(_)
                | Op::LogSoftmax(_)
                | Op::Reduce { .. }
                | Op::Argmax { .. }
                | Op::All
                | Op::Any,
                _,
            ) => self.reduction(op, first, out),
            (
                Op::Gather(_) | Op::IndexSelect(_) | Op::SliceAssign(_) | Op::MaskedFill(_),
                Some(second),
            ) => self.indexing(op, first, second),
            (Op::Where, Some(input)) => self.choose(args, first, input, out),
            (Op::Cast(dtype), _) => self.cast(*dtype, first),
            (Op::Triangle { upper, diagonal }, _) => self.triangle(*upper, *diagonal, first),
            (Op::Dropout(prob), _) => self.dropout(*prob, first),
            (
                Op::CrossEntropy {
                    ignore_index,
                    label_smoothing,
                },
                Some(targets),
            ) => self.cross_entropy(*ignore_index, *label_smoothing, first, targets),
            (Op::Pool(layer), _) => self.pool(layer, first),
            (
                Op::Resize {
                    resampling,
                    align_corners,
                },
                _,
            ) => self.resize(*resampling, *align_corners, first, out),
            (Op::Conv2d { .. } | Op::ConvTranspose2d { .. }, Some(weight)) => {
                self.convolution(op, first, weight, args.get(2).copied())
            }
            (Op::Detach, _) => self.detach(first),
            _ => self.reshaping(op, args, first, out),
        }
    }

    fn detach(&mut self, input: VarId) -> TokenStream {
        let is_float = self.ty(input).dtype == DType::Float;
        let input = self.operand(input);
        if is_float {
            quote!(#input.detach())
        } else {
            input
        }
    }

    fn cast(&mut self, dtype: DType, input: VarId) -> TokenStream {
        let from = self.ty(input).dtype;
        let input = self.operand(input);
        match dtype {
            _ if from == dtype => input,
            DType::Float => quote!(#input.float()),
            DType::Int => quote!(#input.int()),
            DType::Bool => quote!(#input.bool()),
        }
    }

    /// Dropout is a layer, so that the harness can find it and set its probability.
    fn dropout(&mut self, prob: f64, input: VarId) -> TokenStream {
        let input = self.operand(input);
        if let Some(field) = self
            .receiver
            .and_then(|module| self.cx.layout.dropout(module, prob))
        {
            quote!(self.#field.forward(#input))
        } else {
            let (config, prob) = (
                self.cx.imports.name("burn::nn", "DropoutConfig"),
                token::float(prob),
            );
            quote!(#config::new(#prob).init().forward(#input))
        }
    }

    /// A pool that no field holds.
    fn pool(&mut self, layer: &Layer, input: VarId) -> TokenStream {
        let input = self.operand(input);
        let pool = layer::build(layer, self.cx.imports, &mut Literal);
        quote!(#pool.forward(#input))
    }

    fn resize(
        &mut self,
        resampling: Resampling,
        align_corners: bool,
        input: VarId,
        out: VarId,
    ) -> TokenStream {
        let sides = self.ty(out).shape.iter().skip(2).cloned();
        let sides: Vec<_> = sides.map(|side| self.size(&side)).collect();
        let input = self.operand(input);
        let imports = self.cx.imports;
        let interpolate = imports.name("burn::tensor::module", "interpolate");
        let options = imports.name("burn::tensor::ops", "InterpolateOptions");
        let mode = imports.name("burn::tensor::ops", "InterpolateMode");
        let (mode, aligned) = match resampling {
            Resampling::Nearest => (quote!(#mode::Nearest), None),
            // Burn's default is `true`.
            Resampling::Bilinear => (
                quote!(#mode::Bilinear),
                (!align_corners).then(|| quote!(.with_align_corners(false))),
            ),
        };
        quote!(#interpolate(#input, #options::new(#mode)#aligned.with_output_size([#(#sides),*])))
    }

    fn cross_entropy(
        &mut self,
        ignore_index: Option<i64>,
        label_smoothing: f64,
        logits: VarId,
        targets: VarId,
    ) -> TokenStream {
        let (logits, targets) = (self.operand(logits), self.operand(targets));
        let config = self.cx.imports.core("CrossEntropyConfig");
        let ignore = ignore_index.map(|index| {
            let index = token::integer(index);
            quote!(.with_ignore_index(Some(#index)))
        });
        let smoothing = (label_smoothing != 0.0).then(|| {
            let smoothing = token::float(label_smoothing);
            quote!(.with_label_smoothing(#smoothing))
        });
        quote!(#config::new()#ignore #smoothing.init().forward(#logits, #targets))
    }
}
