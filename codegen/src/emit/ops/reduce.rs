//! Reductions, softmax and matrix products.
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::emit::function::Printer;
use crate::emit::token;
use crate::ir::{DType, Op, Reduction, VarId};

impl Printer<'_> {
    pub(super) fn reduction(&mut self, op: &Op, input: VarId, out: VarId) -> TokenStream {
        let rank = self.rank(input);
        let out_rank = self.rank(out).max(1);
        let is_float = self.ty(input).dtype == DType::Float;
        let x = self.operand(input);
        match op {
            Op::Softmax(axis) | Op::LogSoftmax(axis) => {
                let name = if matches!(op, Op::Softmax(_)) {
                    "softmax"
                } else {
                    "log_softmax"
                };
                let (name, axis) = (self.cx.imports.activation(name), token::size(*axis));
                quote!(#name(#x, #axis))
            }
            Op::Reduce {
                reduction: Reduction::Amax,
                axes,
                keepdim,
            } if is_float => {
                let amax = self.cx.imports.core("amax");
                extremum(&amax, axes, *keepdim, [rank, out_rank], &x)
            }
            Op::Reduce {
                reduction: Reduction::Amin,
                axes,
                keepdim,
            } if is_float => {
                let amin = self.cx.imports.core("amin");
                extremum(&amin, axes, *keepdim, [rank, out_rank], &x)
            }
            Op::Reduce {
                reduction,
                axes,
                keepdim,
            } => reduce(*reduction, axes, *keepdim, rank, out_rank, &x),
            Op::Argmax { axis, keepdim } => {
                let axis_tokens = token::size(*axis);
                let squeezed = squeeze(&[*axis], *keepdim || rank <= 1, out_rank);
                quote!(#x.argmax(#axis_tokens)#squeezed)
            }
            Op::All => quote!(#x.all()),
            _ => quote!(#x.any()),
        }
    }

    /// `torch.matmul`: vectors become matrices for the product, the smaller rank gets axes in front.
    pub(super) fn matmul(&mut self, left: VarId, right: VarId) -> TokenStream {
        let (left_rank, right_rank) = (self.rank(left).max(1), self.rank(right).max(1));
        let rank = left_rank.max(right_rank).max(2);
        if left_rank == 1 && right_rank == 1 {
            let (a, b) = (self.operand(left), self.operand(right));
            return quote!(#a.dot(#b));
        }
        let a = if left_rank == 1 {
            self.operand(left)
        } else {
            self.aligned(left, rank)
        };
        let rank_tokens = token::size(rank);
        let a = if left_rank == 1 {
            quote!(#a.unsqueeze::<#rank_tokens>())
        } else {
            a
        };
        if right_rank > 1 {
            let b = self.aligned(right, rank);
            let squeezed = squeeze(&[rank - 2], left_rank > 1, rank - 1);
            return quote!(#a.matmul(#b)#squeezed);
        }
        let b = self.operand(right);
        let widened = (rank > 2).then(|| quote!(.unsqueeze::<#rank_tokens>()));
        let squeezed = squeeze(&[rank - 1], false, rank - 1);
        quote!(#a.matmul(#b.unsqueeze_dim::<2>(1)#widened)#squeezed)
    }
}

/// `.squeeze_dim::<1>(1)` unless the axes stay.
fn squeeze(axes: &[usize], stay: bool, rank: usize) -> Option<TokenStream> {
    let rank = token::size(rank);
    let tokens: Vec<TokenStream> = axes.iter().map(|axis| token::size(*axis)).collect();
    match tokens.as_slice() {
        _ if stay => None,
        [only] => Some(quote!(.squeeze_dim::<#rank>(#only))),
        many => Some(quote!(.squeeze_dims::<#rank>(&[#(#many),*]))),
    }
}

/// The largest or smallest of floats: the function keeps the axes.
fn extremum(
    function: &Ident,
    axes: &[usize],
    keepdim: bool,
    [rank, out_rank]: [usize; 2],
    x: &TokenStream,
) -> TokenStream {
    let tokens: Vec<TokenStream> = axes.iter().map(|axis| token::size(*axis)).collect();
    // Of all axes one stays: torch's 0-dimensional result has one axis here.
    let gone = axes.get(..rank.saturating_sub(out_rank)).unwrap_or(axes);
    let squeezed = squeeze(gone, keepdim || gone.is_empty(), out_rank);
    quote!(#function(#x, &[#(#tokens),*])#squeezed)
}

fn reduce(
    reduction: Reduction,
    axes: &[usize],
    keepdim: bool,
    rank: usize,
    out_rank: usize,
    x: &TokenStream,
) -> TokenStream {
    let name = match reduction {
        Reduction::Mean => "mean",
        Reduction::Sum => "sum",
        Reduction::Max | Reduction::Amax => "max",
        Reduction::Min | Reduction::Amin => "min",
    };
    if axes.len() >= rank.max(1) && !keepdim {
        let name = format_ident!("{name}");
        return quote!(#x.#name());
    }
    let squeezed = squeeze(axes, keepdim, out_rank);
    let tokens: Vec<TokenStream> = axes.iter().map(|axis| token::size(*axis)).collect();
    match tokens.as_slice() {
        [only] => {
            let name = format_ident!("{name}_dim");
            quote!(#x.#name(#only)#squeezed)
        }
        many => {
            let name = format_ident!("{name}_dims");
            quote!(#x.#name(&[#(#many),*])#squeezed)
        }
    }
}
