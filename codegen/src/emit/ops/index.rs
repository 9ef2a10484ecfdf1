//! Gathering, masking, writing into slices.
use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::function::Printer;
use crate::emit::token;
use crate::ir::{DType, Op, Scalar, VarId};

impl Printer<'_> {
    pub(super) fn indexing(&mut self, op: &Op, input: VarId, other: VarId) -> TokenStream {
        let rank = self.rank(input).max(1);
        let dtype = self.ty(input).dtype;
        let shape = self.ty(input).shape.clone();
        let x = self.operand(input);
        match op {
            Op::Gather(axis) => {
                let (axis, indices) = (token::size(*axis), self.operand(other));
                quote!(#x.gather(#axis, #indices))
            }
            Op::IndexSelect(axis) => {
                let (axis, indices) = (token::size(*axis), self.operand(other));
                quote!(#x.select(#axis, #indices))
            }
            Op::SliceAssign(ranges) => {
                let ranges = self.ranges(ranges, &shape);
                let values = self.aligned(other, rank);
                quote!(#x.slice_assign(#ranges, #values))
            }
            Op::MaskedFill(scalar) => {
                let mask = self.aligned(other, rank);
                let value = self.fill_value(scalar, dtype);
                quote!(#x.mask_fill(#mask, #value))
            }
            _ => x,
        }
    }

    fn fill_value(&mut self, scalar: &Scalar, dtype: DType) -> TokenStream {
        match dtype {
            DType::Float => self.float(scalar),
            DType::Int | DType::Bool => self.integer(scalar),
        }
    }

    /// `torch.where`: the operands get the result's shape first.
    pub(super) fn choose(
        &mut self,
        args: &[VarId],
        condition: VarId,
        input: VarId,
        out: VarId,
    ) -> TokenStream {
        let other = args.get(2).copied().unwrap_or(input);
        let other = self.expanded(other, out);
        let condition = self.expanded(condition, out);
        let input = self.expanded(input, out);
        quote!(#other.mask_where(#condition, #input))
    }

    /// An operand broadcast to the shape of `out`.
    fn expanded(&mut self, var: VarId, out: VarId) -> TokenStream {
        let shape = self.ty(out).shape.clone();
        let is_same = self.ty(var).shape == shape;
        let tokens = self.operand(var);
        if is_same {
            return tokens;
        }
        let shape = self.shape(&shape);
        quote!(#tokens.expand(#shape))
    }

    pub(super) fn triangle(&mut self, upper: bool, diagonal: i64, input: VarId) -> TokenStream {
        let is_bool = self.ty(input).dtype == DType::Bool;
        let x = self.operand(input);
        let diagonal = token::integer(diagonal);
        let x = if is_bool { quote!(#x.int()) } else { x };
        let cut = if upper {
            quote!(#x.triu(#diagonal))
        } else {
            quote!(#x.tril(#diagonal))
        };
        if is_bool { quote!(#cut.bool()) } else { cut }
    }
}
