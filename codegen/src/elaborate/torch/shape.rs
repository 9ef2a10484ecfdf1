//! Functions that change a tensor's shape, dtype or place.
use super::super::interp::{Eval, Interp, stop, unsupported};
use super::super::tensor::{shape_text, tensor_type};
use super::super::value::Value;
use super::{Call, Entry};
use crate::diagnostic::Span;
use crate::ir::{DType, Dim, Op};
use crate::rules::Rule;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        names: &["Tensor.size"],
        signature: "input, dim=None",
        eval: size,
    },
    Entry {
        names: &["Tensor.dim", "Tensor.ndimension"],
        signature: "input",
        eval: |cx, call| Ok(Value::int(shape_of(cx, call.arg(0)).len())),
    },
    Entry {
        names: &["torch.is_complex", "Tensor.is_complex"],
        signature: "input",
        eval: |_, _| Ok(Value::Bool(false)),
    },
    Entry {
        names: &["torch.is_floating_point", "Tensor.is_floating_point"],
        signature: "input",
        eval: |cx, call| {
            let ty = cx.type_of(call.arg(0));
            Ok(Value::Bool(ty.is_some_and(|ty| ty.dtype == DType::Float)))
        },
    },
    Entry {
        names: &["Tensor.numel", "Tensor.nelement", "torch.numel"],
        signature: "input",
        eval: |cx, call| {
            cx.n_elements(&shape_of(cx, call.arg(0)), call.span)
                .map(Value::Int)
        },
    },
    Entry {
        names: &["Tensor.view", "Tensor.reshape"],
        signature: "input, *shape",
        eval: |cx, call| {
            let shape = spread(cx, call.arg(1));
            cx.reshape(call.arg(0), &shape, call.span)
        },
    },
    Entry {
        names: &["torch.reshape"],
        signature: "input, shape",
        eval: |cx, call| {
            let shape = cx.iterate(call.arg(1), call.span)?;
            cx.reshape(call.arg(0), &shape, call.span)
        },
    },
    Entry {
        names: &["Tensor.view_as", "Tensor.reshape_as"],
        signature: "input, other",
        eval: |cx, call| {
            let shape: Vec<Value> = shape_of(cx, call.arg(1))
                .into_iter()
                .map(Value::Int)
                .collect();
            cx.reshape(call.arg(0), &shape, call.span)
        },
    },
    Entry {
        names: &["torch.flatten", "Tensor.flatten"],
        signature: "input, start_dim=0, end_dim=-1",
        eval: flatten,
    },
    Entry {
        names: &["torch.unflatten", "Tensor.unflatten"],
        signature: "input, dim, sizes",
        eval: unflatten,
    },
    Entry {
        names: &["Tensor.permute"],
        signature: "input, *dims",
        eval: |cx, call| {
            let dims = spread(cx, call.arg(1));
            permute(cx, call.arg(0), &dims, call.span)
        },
    },
    Entry {
        names: &["torch.permute"],
        signature: "input, dims",
        eval: |cx, call| {
            let dims = cx.iterate(call.arg(1), call.span)?;
            permute(cx, call.arg(0), &dims, call.span)
        },
    },
    Entry {
        names: &["torch.transpose", "Tensor.transpose", "Tensor.swapaxes"],
        signature: "input, dim0, dim1",
        eval: transpose,
    },
    Entry {
        names: &["Tensor.t", "torch.t"],
        signature: "input",
        eval: |cx, call| permute(cx, call.arg(0), &[Value::int(1), Value::int(0)], call.span),
    },
    Entry {
        names: &["torch.unsqueeze", "Tensor.unsqueeze"],
        signature: "input, dim",
        eval: |cx, call| {
            let rank = shape_of(cx, call.arg(0)).len();
            let axis = cx.axis(call.arg(1), rank + 1, call.span)?;
            cx.unsqueeze(call.arg(0), axis, call.span)
        },
    },
    Entry {
        names: &["torch.squeeze", "Tensor.squeeze"],
        signature: "input, dim=None",
        eval: squeeze,
    },
    Entry {
        names: &["Tensor.expand"],
        signature: "input, *sizes",
        eval: |cx, call| {
            let sizes = spread(cx, call.arg(1));
            expand(cx, call.arg(0), &sizes, call.span)
        },
    },
    Entry {
        names: &["Tensor.expand_as"],
        signature: "input, other",
        eval: |cx, call| {
            let sizes: Vec<Value> = shape_of(cx, call.arg(1))
                .into_iter()
                .map(Value::Int)
                .collect();
            expand(cx, call.arg(0), &sizes, call.span)
        },
    },
    Entry {
        names: &["torch.repeat_interleave", "Tensor.repeat_interleave"],
        signature: "input, repeats, dim=None, output_size=None",
        eval: repeat_interleave,
    },
    Entry {
        names: &["Tensor.repeat", "torch.tile", "Tensor.tile"],
        signature: "input, *sizes",
        eval: |cx, call| {
            let counts = spread(cx, call.arg(1));
            repeat(cx, call.arg(0), &counts, call.span)
        },
    },
];

/// The arguments after `*`: themselves, or the items of the one sequence among them.
fn spread(cx: &Interp<'_, '_>, rest: &Value) -> Vec<Value> {
    let items = cx.items(rest).unwrap_or_default();
    match items.as_slice() {
        [only] => cx.items(only).unwrap_or(items),
        _ => items,
    }
}

pub(super) fn shape_of(cx: &Interp<'_, '_>, value: &Value) -> Vec<Dim> {
    cx.type_of(value).map(|ty| ty.shape).unwrap_or_default()
}

fn size(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let shape = shape_of(cx, call.arg(0));
    if *call.arg(1) == Value::None {
        return Ok(Value::tuple(shape.into_iter().map(Value::Int).collect()));
    }
    let axis = cx.axis(call.arg(1), shape.len(), call.span)?;
    Ok(shape.get(axis).cloned().map_or(Value::None, Value::Int))
}

impl Interp<'_, '_> {
    /// `view` and `reshape`; one `-1` is inferred.
    pub(in crate::elaborate) fn reshape(
        &mut self,
        tensor: &Value,
        sizes: &[Value],
        span: Span,
    ) -> Eval<Value> {
        let input = self.operand(tensor, "the input", span)?;
        if let [Value::DType(dtype)] = sizes {
            return Err(unsupported(
                span,
                format!(
                    "`view` as another dtype ({})",
                    super::super::tensor::dtype_name(*dtype)
                ),
            ));
        }
        let mut shape = Vec::with_capacity(sizes.len());
        let mut inferred = None;
        for (position, size) in sizes.iter().enumerate() {
            let dim = self.known_dim(size, "a size", span)?;
            if dim == Dim::constant(-1) && inferred.replace(position).is_some() {
                return Err(
                    stop(Rule::ShapeMismatch, span, "more than one size is `-1`")
                        .raises("RuntimeError"),
                );
            }
            shape.push(dim);
        }
        let total = self.n_elements(input.shape(), span)?;
        let mismatch = || {
            let (from, sizes) = (shape_text(input.shape()), shape_text(&shape));
            stop(
                Rule::ShapeMismatch,
                span,
                format!("a tensor {from} of `{total}` elements cannot take the shape {sizes}"),
            )
            .raises("RuntimeError")
        };
        if let Some(position) = inferred {
            let known: Vec<Dim> = shape
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != position)
                .map(|(_, dim)| dim.clone())
                .collect();
            let rest = infer_size(input.shape(), &known).ok_or_else(mismatch)?;
            if let Some(slot) = shape.get_mut(position) {
                *slot = rest;
            }
        } else if self.n_elements(&shape, span)? != total {
            return Err(mismatch());
        }
        if shape == input.ty.shape {
            return Ok(tensor.clone());
        }
        let ty = tensor_type(input.ty.dtype, shape);
        self.add_view(tensor, Op::Reshape, ty, span)
    }
}

/// The size left for `-1`: the elements of `shape` over those of `known`. Equal sizes cancel first, so that `T - 1` of
/// both sides needs no division of polynomials.
fn infer_size(shape: &[Dim], known: &[Dim]) -> Option<Dim> {
    let mut rest: Vec<Dim> = shape.to_vec();
    let mut divisors = Vec::new();
    for dim in known {
        match rest.iter().position(|candidate| candidate == dim) {
            Some(at) => {
                rest.remove(at);
            }
            None => divisors.push(dim),
        }
    }
    let product = rest
        .iter()
        .try_fold(Dim::constant(1), |product, dim| product.mul(dim))?;
    divisors
        .into_iter()
        .try_fold(product, |quotient, divisor| quotient.div_exact(divisor))
}

fn flatten(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let shape = shape_of(cx, call.arg(0));
    let first = cx.axis(call.arg(1), shape.len(), call.span)?;
    let last = cx.axis(call.arg(2), shape.len(), call.span)?;
    if first > last {
        return Err(stop(
            Rule::ShapeMismatch,
            call.span,
            "`start_dim` comes after `end_dim`",
        )
        .raises("RuntimeError"));
    }
    let middle = shape.get(first..=last).unwrap_or_default();
    let merged = cx.n_elements(middle, call.span)?;
    let before = shape.iter().take(first).cloned();
    let sizes = before
        .chain([merged])
        .chain(shape.iter().skip(last + 1).cloned())
        .map(Value::Int);
    let sizes: Vec<Value> = sizes.collect();
    cx.reshape(call.arg(0), &sizes, call.span)
}

fn unflatten(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let shape = shape_of(cx, call.arg(0));
    let axis = cx.axis(call.arg(1), shape.len(), call.span)?;
    let sizes = cx.iterate(call.arg(2), call.span)?;
    let before = shape.iter().take(axis).cloned().map(Value::Int);
    let all: Vec<Value> = before
        .chain(sizes)
        .chain(shape.iter().skip(axis + 1).cloned().map(Value::Int))
        .collect();
    cx.reshape(call.arg(0), &all, call.span)
}

fn permute(cx: &mut Interp<'_, '_>, tensor: &Value, dims: &[Value], span: Span) -> Eval<Value> {
    let ty = cx.operand(tensor, "the input", span)?.ty;
    let axes: Eval<Vec<usize>> = dims
        .iter()
        .map(|dim| cx.axis(dim, ty.shape.len(), span))
        .collect();
    let axes = axes?;
    let mut sorted = axes.clone();
    sorted.sort_unstable();
    if sorted != (0..ty.shape.len()).collect::<Vec<_>>() {
        let message = format!(
            "{} dimensions given for a tensor {}",
            dims.len(),
            shape_text(&ty.shape)
        );
        return Err(stop(Rule::ShapeMismatch, span, message).raises("RuntimeError"));
    }
    let shape = axes
        .iter()
        .filter_map(|axis| ty.shape.get(*axis).cloned())
        .collect();
    cx.add_view(
        tensor,
        Op::Permute(axes),
        tensor_type(ty.dtype, shape),
        span,
    )
}

fn transpose(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let rank = shape_of(cx, call.arg(0)).len();
    let first = cx.axis(call.arg(1), rank, call.span)?;
    let second = cx.axis(call.arg(2), rank, call.span)?;
    let mut dims: Vec<Value> = (0..rank).map(Value::int).collect();
    dims.swap(first, second);
    permute(cx, call.arg(0), &dims, call.span)
}

fn squeeze(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let shape = shape_of(cx, call.arg(0));
    let one = Dim::constant(1);
    let axes: Vec<usize> = match call.arg(1) {
        Value::None => {
            if let Some(dim) = shape
                .iter()
                .find(|dim| **dim != one && dim.compare(&one).is_none())
            {
                let message = format!(
                    "whether `{dim}` is 1 depends on the data, and decides what `squeeze` leaves"
                );
                return Err(
                    stop(Rule::UndecidableDim, call.span, message).help("name the dimension")
                );
            }
            (0..shape.len())
                .filter(|axis| shape.get(*axis) == Some(&one))
                .collect()
        }
        dims => {
            let dims = cx.items(dims).unwrap_or_else(|| vec![dims.clone()]);
            let axes: Eval<Vec<usize>> = dims
                .iter()
                .map(|dim| cx.axis(dim, shape.len(), call.span))
                .collect();
            axes?
                .into_iter()
                .filter(|axis| shape.get(*axis) == Some(&one))
                .collect()
        }
    };
    let mut value = call.arg(0).clone();
    for axis in axes.into_iter().rev() {
        let ty = cx.operand(&value, "the input", call.span)?.ty;
        let mut shape = ty.shape;
        if shape.len() > 1 {
            shape.remove(axis);
            value = cx.add_view(
                &value,
                Op::Squeeze(axis),
                tensor_type(ty.dtype, shape),
                call.span,
            )?;
        }
    }
    Ok(value)
}

fn expand(cx: &mut Interp<'_, '_>, tensor: &Value, sizes: &[Value], span: Span) -> Eval<Value> {
    let input = cx.operand(tensor, "the input", span)?;
    let n_new = sizes.len().checked_sub(input.rank()).ok_or_else(|| {
        stop(
            Rule::ShapeMismatch,
            span,
            format!(
                "{} sizes for a tensor {}",
                sizes.len(),
                shape_text(input.shape())
            ),
        )
        .raises("RuntimeError")
    })?;
    let mut shape = Vec::with_capacity(sizes.len());
    for (position, size) in sizes.iter().enumerate() {
        let wanted = cx.known_dim(size, "a size", span)?;
        let old = position
            .checked_sub(n_new)
            .and_then(|at| input.shape().get(at))
            .cloned();
        let keeps = wanted == Dim::constant(-1);
        shape.push(match old {
            Some(old) if keeps || old == wanted => old,
            Some(old) if old == Dim::constant(1) => wanted,
            None if !keeps => wanted,
            _ => {
                let message = format!(
                    "a tensor {} does not expand to size `{wanted}`",
                    shape_text(input.shape())
                );
                return Err(stop(Rule::ShapeMismatch, span, message).raises("RuntimeError"));
            }
        });
    }
    if shape == input.ty.shape {
        return Ok(tensor.clone());
    }
    cx.add_view(tensor, Op::Expand, tensor_type(input.ty.dtype, shape), span)
}

fn repeat(cx: &mut Interp<'_, '_>, tensor: &Value, counts: &[Value], span: Span) -> Eval<Value> {
    let input = cx.operand(tensor, "the input", span)?;
    if counts.len() < input.rank() {
        let message = format!(
            "{} counts for a tensor {}",
            counts.len(),
            shape_text(input.shape())
        );
        return Err(stop(Rule::ShapeMismatch, span, message).raises("RuntimeError"));
    }
    let counts: Eval<Vec<Dim>> = counts
        .iter()
        .map(|count| cx.known_dim(count, "a count", span))
        .collect();
    let counts = counts?;
    let mut padded = vec![Dim::constant(1); counts.len() - input.rank()];
    padded.extend(input.ty.shape.clone());
    let shape: Option<Vec<Dim>> = padded
        .iter()
        .zip(&counts)
        .map(|(size, count)| size.mul(count))
        .collect();
    let shape = shape.ok_or_else(|| super::super::expr::overflow(span))?;
    cx.add_op(
        Op::Repeat(counts),
        vec![input.var],
        tensor_type(input.ty.dtype, shape),
        span,
    )
}

/// Each row repeated in place: a new axis behind `dim`, stretched and merged into it.
fn repeat_interleave(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let shape = shape_of(cx, call.arg(0));
    let count = cx.known_dim(call.arg(1), "the number of repeats", call.span)?;
    if *call.arg(2) == Value::None {
        return Err(unsupported(call.span, "`repeat_interleave` without `dim`"));
    }
    let axis = cx.axis(call.arg(2), shape.len(), call.span)?;
    let widened = cx.unsqueeze(call.arg(0), axis + 1, call.span)?;
    let mut sizes: Vec<Dim> = shape.clone();
    sizes.insert(axis + 1, count.clone());
    let sizes: Vec<Value> = sizes.into_iter().map(Value::Int).collect();
    let stretched = expand(cx, &widened, &sizes, call.span)?;
    let mut merged = shape;
    if let Some(size) = merged.get_mut(axis) {
        *size = size
            .mul(&count)
            .ok_or_else(|| super::super::expr::overflow(call.span))?;
    }
    let merged: Vec<Value> = merged.into_iter().map(Value::Int).collect();
    cx.reshape(&stretched, &merged, call.span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::Sym;

    #[test]
    fn a_size_is_inferred_without_dividing_polynomials() {
        let (batch, length) = (
            Dim::symbol(Sym::Batch),
            Dim::symbol(Sym::Length).sub(&Dim::constant(1)).unwrap(),
        );
        let vocab = Dim::constant(60);
        let rows = infer_size(
            &[batch.clone(), length.clone(), vocab.clone()],
            std::slice::from_ref(&vocab),
        );
        assert_eq!(rows, batch.mul(&length));
        assert_eq!(
            infer_size(
                &[batch.clone(), Dim::constant(12)],
                &[batch.clone(), Dim::constant(5)]
            ),
            None
        );
    }
}
