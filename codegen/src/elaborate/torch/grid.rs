//! Tensors laid out over a grid.
use super::super::interp::{Eval, Interp, raised, stop, unsupported};
use super::super::tensor::{Operand, shape_text, tensor_type};
use super::super::value::Value;
use super::{Call, Entry};
use crate::diagnostic::Span;
use crate::ir::{Dim, Op};
use crate::rules::Rule;

pub(super) const ENTRIES: &[Entry] = &[Entry {
    names: &["torch.meshgrid"],
    signature: "*tensors, indexing='ij'",
    eval: meshgrid,
}];

/// Each tensor along an axis of its own; `xy` changes the first two axes of every grid.
fn meshgrid(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let mut items = cx.items(call.arg(0)).unwrap_or_default();
    if let [only] = items.as_slice()
        && let Some(inner) = cx.items(only)
    {
        items = inner;
    }
    let is_xy = match call.arg(1) {
        Value::Str(order) if &**order == "ij" => false,
        Value::Str(order) if &**order == "xy" => items.len() > 1,
        _ => {
            let message = "`indexing` of `meshgrid` is `'ij'` or `'xy'`";
            return Err(raised("RuntimeError", call.span, message));
        }
    };
    let operands: Eval<Vec<Operand>> = items
        .iter()
        .map(|item| cx.operand(item, "a coordinate", call.span))
        .collect();
    let operands = operands?;
    let axes: Vec<usize> = (0..operands.len())
        .map(|at| if is_xy && at < 2 { 1 - at } else { at })
        .collect();
    let shape = grid_shape(&operands, &axes, call.span)?;
    let mut grids = Vec::with_capacity(items.len());
    for (item, axis) in items.iter().zip(axes) {
        let mut column = vec![Dim::constant(1); shape.len()];
        if let (Some(slot), Some(size)) = (column.get_mut(axis), shape.get(axis)) {
            *slot = size.clone();
        }
        let column: Vec<Value> = column.into_iter().map(Value::Int).collect();
        let column = cx.reshape(item, &column, call.span)?;
        let dtype = cx.operand(&column, "a coordinate", call.span)?.ty.dtype;
        let ty = tensor_type(dtype, shape.clone());
        grids.push(cx.add_view(&column, Op::Expand, ty, call.span)?);
    }
    Ok(Value::tuple(grids))
}

/// The size of each axis: that of the tensor which runs along it.
fn grid_shape(operands: &[Operand], axes: &[usize], span: Span) -> Eval<Vec<Dim>> {
    if operands.is_empty() {
        return Err(unsupported(span, "`meshgrid` of no tensors"));
    }
    let mut shape = vec![Dim::constant(1); operands.len()];
    for (operand, axis) in operands.iter().zip(axes) {
        let [size] = operand.shape() else {
            let message = format!(
                "`meshgrid` takes tensors of one dimension, found {}",
                shape_text(operand.shape())
            );
            return Err(stop(Rule::ShapeMismatch, span, message).raises("RuntimeError"));
        };
        if let Some(slot) = shape.get_mut(*axis) {
            *slot = size.clone();
        }
    }
    Ok(shape)
}
