//! Operations that change shapes only, and joining.
use proc_macro2::TokenStream;
use quote::quote;

use crate::emit::function::Printer;
use crate::emit::token;
use crate::ir::{Dim, Op, SliceRange, VarId};

impl Printer<'_> {
    pub(super) fn reshaping(
        &mut self,
        op: &Op,
        args: &[VarId],
        input: VarId,
        out: VarId,
    ) -> TokenStream {
        let out_shape = self.ty(out).shape.clone();
        let out_rank = token::size(out_shape.len().max(1));
        match op {
            Op::Cat(axis) | Op::Stack(axis) => return self.join(op, *axis, args, out_shape.len()),
            Op::Slice(ranges) => return self.slice(ranges, input),
            Op::Select { axis, index } => return self.select(*axis, index, input),
            Op::Repeat(counts) => return self.repeat(counts, input),
            _ => {}
        }
        let is_scalar = out_shape.is_empty() || self.rank(input) == 0;
        let x = self.operand(input);
        match op {
            Op::Permute(axes) => permute(&x, axes),
            Op::Unsqueeze(axis) if !is_scalar => {
                let axis = token::size(*axis);
                quote!(#x.unsqueeze_dim::<#out_rank>(#axis))
            }
            Op::Squeeze(axis) if !is_scalar => {
                let axis = token::size(*axis);
                quote!(#x.squeeze_dim::<#out_rank>(#axis))
            }
            Op::Expand => {
                let shape = self.shape(&out_shape);
                quote!(#x.expand(#shape))
            }
            _ => {
                let shape = self.shape(&out_shape);
                quote!(#x.reshape(#shape))
            }
        }
    }

    fn join(&mut self, op: &Op, axis: usize, args: &[VarId], out_rank: usize) -> TokenStream {
        let tensor = self.cx.imports.tensor("Tensor");
        let axis = token::size(axis);
        let items = match args {
            [list] if self.is_list(*list) => self.operand(*list),
            items => {
                let items: Vec<TokenStream> =
                    items.iter().map(|item| self.operand(*item)).collect();
                quote!(vec![#(#items),*])
            }
        };
        if let Op::Stack(_) = op {
            let rank = token::size(out_rank);
            quote!(#tensor::stack::<#rank>(#items, #axis))
        } else {
            quote!(#tensor::cat(#items, #axis))
        }
    }

    fn select(&mut self, axis: usize, index: &Dim, input: VarId) -> TokenStream {
        let rank = self.rank(input);
        let x = self.operand(input);
        if rank <= 1 {
            let end = index
                .add(&Dim::constant(1))
                .unwrap_or_else(|| index.clone());
            let (start, end) = (self.bound(index), self.bound(&end));
            let s = self.cx.imports.tensor("s");
            return quote!(#x.slice(#s![#start..#end]));
        }
        let index_tokens = self.size(index);
        let (axis, out_rank) = (token::size(axis), token::size(rank - 1));
        quote!(#x.select_dim::<#out_rank>(#axis, #index_tokens))
    }

    fn slice(&mut self, ranges: &[SliceRange], input: VarId) -> TokenStream {
        let x = self.operand(input);
        let shape = self.ty(input).shape.clone();
        if ranges
            .iter()
            .enumerate()
            .all(|(axis, range)| is_whole(range, shape.get(axis)))
        {
            return x;
        }
        let ranges = self.ranges(ranges, &shape);
        quote!(#x.slice(#ranges))
    }

    /// `s![.., 1..]`
    pub(super) fn ranges(&mut self, ranges: &[SliceRange], shape: &[Dim]) -> TokenStream {
        let mut tokens = Vec::new();
        for (axis, range) in ranges.iter().enumerate() {
            let size = shape.get(axis);
            let step = (range.step != 1).then(|| {
                let step = token::size(range.step);
                quote!(; #step)
            });
            let end = range.end.as_ref().filter(|end| Some(*end) != size);
            let start = (range.start.as_constant() != Some(0) || end.is_some())
                .then(|| self.bound(&range.start));
            let end = end.map(|end| self.bound(end));
            tokens.push(quote!(#start..#end #step));
        }
        let s = self.cx.imports.tensor("s");
        quote!(#s![#(#tokens),*])
    }

    fn repeat(&mut self, counts: &[Dim], input: VarId) -> TokenStream {
        let x = self.aligned(input, counts.len());
        let repeated: Vec<(usize, &Dim)> = counts
            .iter()
            .enumerate()
            .filter(|(_, count)| count.as_constant() != Some(1))
            .collect();
        match repeated.as_slice() {
            [] => x,
            [(axis, count)] => {
                let (axis, count) = (token::size(*axis), self.size(count));
                quote!(#x.repeat_dim(#axis, #count))
            }
            _ => {
                let counts: Vec<TokenStream> =
                    counts.iter().map(|count| self.size(count)).collect();
                quote!(#x.repeat(&[#(#counts),*]))
            }
        }
    }
}

fn is_whole(range: &SliceRange, size: Option<&Dim>) -> bool {
    range.start.as_constant() == Some(0)
        && range.step == 1
        && range.end.as_ref().is_none_or(|end| Some(end) == size)
}

fn permute(x: &TokenStream, axes: &[usize]) -> TokenStream {
    let moved: Vec<usize> = axes
        .iter()
        .enumerate()
        .filter(|(at, axis)| at != *axis)
        .map(|(at, _)| at)
        .collect();
    match moved.as_slice() {
        [] => x.clone(),
        [first, second] => {
            let (first, second) = (token::size(*first), token::size(*second));
            quote!(#x.swap_dims(#first, #second))
        }
        _ => {
            let axes = axes.iter().map(|axis| token::size(*axis));
            quote!(#x.permute([#(#axes),*]))
        }
    }
}
