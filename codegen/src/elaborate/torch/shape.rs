//! Functions that change a tensor's shape, dtype or place.
use super::super::interp::{Eval, Interp, raised, stop, unsupported};
use super::super::tensor::{Operand, shape_text, tensor_type};
use super::super::value::{List, Value};
use super::{Call, Entry};
use crate::diagnostic::Span;
use crate::ir::{DType, Dim, Op, SliceRange, TensorType, VarId};
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
        names: &["Tensor.repeat", "torch.tile", "Tensor.tile"],
        signature: "input, *sizes",
        eval: |cx, call| {
            let counts = spread(cx, call.arg(1));
            repeat(cx, call.arg(0), &counts, call.span)
        },
    },
    Entry {
        names: &["torch.cat", "torch.concat", "torch.concatenate"],
        signature: "tensors, dim=0",
        eval: cat,
    },
    Entry {
        names: &["torch.stack"],
        signature: "tensors, dim=0",
        eval: stack,
    },
    Entry {
        names: &["torch.chunk", "Tensor.chunk"],
        signature: "input, chunks, dim=0",
        eval: chunk,
    },
    Entry {
        names: &["torch.split", "Tensor.split"],
        signature: "tensor, split_size, dim=0",
        eval: split,
    },
    Entry {
        names: &["torch.index_select", "Tensor.index_select"],
        signature: "input, dim, index",
        eval: index_select,
    },
    Entry {
        names: &["torch.gather", "Tensor.gather"],
        signature: "input, dim, index",
        eval: gather,
    },
    same(&[
        "Tensor.contiguous",
        "Tensor.requires_grad_",
        "Tensor.cpu",
        "Tensor.cuda",
        "Tensor.pin_memory",
    ]),
    Entry {
        names: &["Tensor.detach", "torch.detach"],
        signature: "input",
        eval: detach,
    },
    Entry {
        names: &["Tensor.clone", "torch.clone"],
        signature: "input, *, memory_format=None",
        // A copy: the same value behind a handle of its own.
        eval: |cx, call| {
            let input = cx.operand(call.arg(0), "the input", call.span)?;
            Ok(cx.new_cell(input.var, input.ty))
        },
    },
    Entry {
        names: &["Tensor.to"],
        signature: "input, *targets, dtype=None, device=None, non_blocking=False, copy=False, memory_format=None",
        eval: to,
    },
    Entry {
        names: &["Tensor.type_as"],
        signature: "input, other",
        eval: |cx, call| cast_like(cx, call),
    },
    Entry {
        names: &["Tensor.float", "Tensor.half", "Tensor.double"],
        signature: "input",
        eval: |cx, call| cast(cx, call, DType::Float),
    },
    Entry {
        names: &["Tensor.long", "Tensor.int"],
        signature: "input",
        eval: |cx, call| cast(cx, call, DType::Int),
    },
    Entry {
        names: &["Tensor.bool"],
        signature: "input",
        eval: |cx, call| cast(cx, call, DType::Bool),
    },
    Entry {
        names: &["Tensor.item", "Tensor.tolist", "Tensor.numpy"],
        signature: "input",
        eval: |cx, call| {
            cx.operand(call.arg(0), "the input", call.span)?;
            Ok(Value::Unknown)
        },
    },
];

const fn same(names: &'static [&'static str]) -> Entry {
    Entry {
        names,
        signature: "input, *rest, memory_format=None, non_blocking=False",
        eval: |_, call| Ok(call.arg(0).clone()),
    }
}

/// The arguments after `*`: themselves, or the items of the one sequence among them.
fn spread(cx: &Interp<'_, '_>, rest: &Value) -> Vec<Value> {
    let items = cx.items(rest).unwrap_or_default();
    match items.as_slice() {
        [only] => cx.items(only).unwrap_or(items),
        _ => items,
    }
}

fn shape_of(cx: &Interp<'_, '_>, value: &Value) -> Vec<Dim> {
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

/// The tensors of a sequence: the variables, their types, and how many there are. One variable for a list that a kept
/// loop fills.
fn tensors(
    cx: &mut Interp<'_, '_>,
    value: &Value,
    span: Span,
) -> Eval<(Vec<VarId>, Vec<TensorType>, Dim)> {
    if let Value::List(id) = value
        && let List::Grown(grown) = cx.state.lists[*id].clone()
    {
        let length = grown
            .length
            .ok_or_else(|| unsupported(span, "joining a list while a kept loop fills it"))?;
        if grown.frame + 1 != cx.state.frames.len() {
            return Err(unsupported(span, "a list that another function filled"));
        }
        return Ok((vec![grown.var], vec![grown.item], length));
    }
    let items = cx.iterate(value, span)?;
    let operands: Eval<Vec<Operand>> = items
        .iter()
        .map(|item| cx.operand(item, "an item", span))
        .collect();
    let mut operands = operands?;
    if operands.is_empty() {
        return Err(raised("RuntimeError", span, "joining no tensors"));
    }
    // Mixed dtypes: torch promotes.
    if operands
        .iter()
        .any(|operand| operand.ty.dtype == DType::Float)
    {
        let cast: Eval<Vec<Operand>> = operands
            .into_iter()
            .map(|operand| cx.cast(operand, DType::Float, span))
            .collect();
        operands = cast?;
    }
    let length = Dim::from(operands.len());
    Ok((
        operands.iter().map(|o| o.var).collect(),
        operands.into_iter().map(|o| o.ty).collect(),
        length,
    ))
}

fn cat(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let (vars, types, length) = tensors(cx, call.arg(0), call.span)?;
    let first = types
        .first()
        .cloned()
        .unwrap_or_else(|| tensor_type(DType::Float, Vec::new()));
    let axis = cx.axis(call.arg(1), first.shape.len(), call.span)?;
    let mut total = Dim::constant(0);
    for ty in &types {
        let others_agree = ty.shape.len() == first.shape.len()
            && ty
                .shape
                .iter()
                .zip(&first.shape)
                .enumerate()
                .all(|(at, (a, b))| at == axis || a == b);
        if !others_agree || ty.dtype != first.dtype {
            let (a, b) = (shape_text(&first.shape), shape_text(&ty.shape));
            let message = format!("tensors {a} and {b} cannot be joined along dimension {axis}");
            return Err(stop(Rule::ShapeMismatch, call.span, message).raises("RuntimeError"));
        }
        let size = ty.shape.get(axis).cloned().unwrap_or_default();
        total = total
            .add(&size)
            .ok_or_else(|| super::super::expr::overflow(call.span))?;
    }
    if vars.len() == 1 && types.len() == 1 && length != Dim::constant(1) {
        total = total
            .mul(&length)
            .ok_or_else(|| super::super::expr::overflow(call.span))?;
    }
    let mut shape = first.shape;
    if let Some(size) = shape.get_mut(axis) {
        *size = total;
    }
    cx.add_op(
        Op::Cat(axis),
        vars,
        tensor_type(first.dtype, shape),
        call.span,
    )
}

fn stack(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let (vars, types, length) = tensors(cx, call.arg(0), call.span)?;
    let first = types
        .first()
        .cloned()
        .unwrap_or_else(|| tensor_type(DType::Float, Vec::new()));
    if let Some(other) = types.iter().find(|ty| **ty != first) {
        let (a, b) = (shape_text(&first.shape), shape_text(&other.shape));
        let message = format!("tensors {a} and {b} cannot be stacked");
        return Err(stop(Rule::ShapeMismatch, call.span, message).raises("RuntimeError"));
    }
    let axis = cx.axis(call.arg(1), first.shape.len() + 1, call.span)?;
    let mut shape = first.shape;
    shape.insert(axis, length);
    cx.add_op(
        Op::Stack(axis),
        vars,
        tensor_type(first.dtype, shape),
        call.span,
    )
}

/// Parts of the given sizes along an axis.
fn parts(
    cx: &mut Interp<'_, '_>,
    tensor: &Value,
    sizes: &[Dim],
    axis: usize,
    span: Span,
) -> Eval<Value> {
    let ty = cx.operand(tensor, "the input", span)?.ty;
    let mut out = Vec::with_capacity(sizes.len());
    let mut start = Dim::constant(0);
    for size in sizes {
        let end = start
            .add(size)
            .ok_or_else(|| super::super::expr::overflow(span))?;
        let mut ranges = vec![SliceRange::full(); ty.shape.len()];
        let mut shape = ty.shape.clone();
        if let (Some(range), Some(dim)) = (ranges.get_mut(axis), shape.get_mut(axis)) {
            *range = SliceRange {
                start,
                end: Some(end.clone()),
                step: 1,
            };
            *dim = size.clone();
        }
        out.push(cx.add_view(
            tensor,
            Op::Slice(ranges),
            tensor_type(ty.dtype, shape),
            span,
        )?);
        start = end;
    }
    Ok(Value::tuple(out))
}

fn chunk(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let shape = shape_of(cx, call.arg(0));
    let axis = cx.axis(call.arg(2), shape.len(), call.span)?;
    let n_chunks = cx
        .known_int(call.arg(1), "the number of chunks", call.span)?
        .max(1);
    let size = shape.get(axis).cloned().unwrap_or_default();
    if let Some(total) = size.as_constant() {
        return parts(
            cx,
            call.arg(0),
            &even_sizes(total, (total + n_chunks - 1) / n_chunks),
            axis,
            call.span,
        );
    }
    let each = size.div_exact(&Dim::constant(n_chunks)).ok_or_else(|| {
        stop(
            Rule::UndecidableDim,
            call.span,
            format!("`{size}` in {n_chunks} chunks"),
        )
    })?;
    let sizes = vec![each; usize::try_from(n_chunks).unwrap_or(1)];
    parts(cx, call.arg(0), &sizes, axis, call.span)
}

fn split(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let shape = shape_of(cx, call.arg(0));
    let axis = cx.axis(call.arg(2), shape.len(), call.span)?;
    let size = shape.get(axis).cloned().unwrap_or_default();
    let sizes = if let Some(items) = cx.items(call.arg(1)) {
        let sizes: Eval<Vec<Dim>> = items
            .iter()
            .map(|item| cx.known_dim(item, "a size", call.span))
            .collect();
        sizes?
    } else {
        let each = cx.known_int(call.arg(1), "the size", call.span)?.max(1);
        let total = cx.known_int(
            &Value::Int(size.clone()),
            "the dimension that is split",
            call.span,
        )?;
        even_sizes(total, each)
    };
    let sum = sizes
        .iter()
        .try_fold(Dim::constant(0), |sum, part| sum.add(part));
    if sum.as_ref() != Some(&size) {
        let message = format!("the parts do not add up to `{size}`");
        return Err(stop(Rule::ShapeMismatch, call.span, message).raises("RuntimeError"));
    }
    parts(cx, call.arg(0), &sizes, axis, call.span)
}

/// `total` in parts of `each`, the last one smaller.
fn even_sizes(total: i64, each: i64) -> Vec<Dim> {
    let mut sizes = Vec::new();
    let mut left = total;
    while left > 0 && sizes.len() < 4096 {
        let part = left.min(each.max(1));
        sizes.push(Dim::constant(part));
        left -= part;
    }
    sizes
}

fn index_select(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let input = cx.operand(call.arg(0), "the input", call.span)?;
    let indices = cx.operand(call.arg(2), "the index", call.span)?;
    let axis = cx.axis(call.arg(1), input.rank(), call.span)?;
    let mut shape = input.ty.shape;
    if let (Some(size), [n_indices]) = (shape.get_mut(axis), indices.ty.shape.as_slice()) {
        *size = n_indices.clone();
    }
    cx.add_op(
        Op::IndexSelect(axis),
        vec![input.var, indices.var],
        tensor_type(input.ty.dtype, shape),
        call.span,
    )
}

fn gather(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let input = cx.operand(call.arg(0), "the input", call.span)?;
    let indices = cx.operand(call.arg(2), "the index", call.span)?;
    let axis = cx.axis(call.arg(1), input.rank(), call.span)?;
    let ty = tensor_type(input.ty.dtype, indices.ty.shape);
    cx.add_op(
        Op::Gather(axis),
        vec![input.var, indices.var],
        ty,
        call.span,
    )
}

fn detach(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let input = cx.operand(call.arg(0), "the input", call.span)?;
    match input.ty.dtype {
        DType::Float => cx.add_op(Op::Detach, vec![input.var], input.ty, call.span),
        _ => Ok(call.arg(0).clone()),
    }
}

/// `to`: of a dtype a cast; devices are all one.
fn to(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let targets = cx.items(call.arg(1)).unwrap_or_default();
    let target = targets
        .iter()
        .chain([call.arg(2)])
        .find_map(|target| match target {
            Value::DType(dtype) => Some(*dtype),
            other => cx.type_of(other).map(|ty| ty.dtype),
        });
    match target {
        Some(dtype) => cast(cx, call, dtype),
        None => Ok(call.arg(0).clone()),
    }
}

fn cast_like(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    match cx.type_of(call.arg(1)) {
        Some(ty) => cast(cx, call, ty.dtype),
        None => Err(raised(
            "TypeError",
            call.span,
            "`type_as` of anything but a tensor",
        )),
    }
}

fn cast(cx: &mut Interp<'_, '_>, call: &Call, dtype: DType) -> Eval<Value> {
    let input = cx.operand(call.arg(0), "the input", call.span)?;
    if input.ty.dtype == dtype {
        return Ok(call.arg(0).clone());
    }
    let cast = cx.cast(input, dtype, call.span)?;
    Ok(cx.new_cell(cast.var, cast.ty))
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
