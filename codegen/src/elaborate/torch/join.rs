//! Tensors joined and taken apart.
use super::super::interp::{Eval, Interp, raised, stop, unsupported};
use super::super::tensor::{Operand, shape_text, tensor_type};
use super::super::value::{List, Value};
use super::shape::shape_of;
use super::{Call, Entry};
use crate::diagnostic::Span;
use crate::ir::{DType, Dim, Op, SliceRange, TensorType, VarId};
use crate::rules::Rule;

pub(super) const ENTRIES: &[Entry] = &[
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
];

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
        if grown.level != cx.level() {
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
