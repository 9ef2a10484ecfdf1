//! The dtype, place and identity of a tensor.
use std::rc::Rc;

use super::super::expr::last_part;
use super::super::interp::{Eval, Interp, raised, unsupported};
use super::super::value::Value;
use super::{Call, Entry};
use crate::ir::{DType, Op};

pub(super) const ENTRIES: &[Entry] = &[
    same(&[
        "Tensor.contiguous",
        "Tensor.cpu",
        "Tensor.cuda",
        "Tensor.pin_memory",
    ]),
    Entry {
        names: &["Tensor.requires_grad_"],
        signature: "input, requires_grad=True",
        eval: |cx, call| {
            if let Value::Param(param) = call.arg(0) {
                let flag = cx.decide(call.arg(1), call.span)?;
                cx.set_requires_grad(*param, flag, call.span)?;
            }
            Ok(call.arg(0).clone())
        },
    },
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
        names: &["Tensor.type"],
        signature: "input, dtype=None, non_blocking=False",
        eval: to_type,
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

/// `type`: of a dtype, or of what tensors of one were called before there were dtypes.
fn to_type(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let class = match call.arg(1) {
        Value::DType(dtype) => return cast(cx, call, *dtype),
        Value::Native(path) => Rc::clone(path),
        Value::Str(name) => Rc::clone(name),
        _ => return Err(unsupported(call.span, "`type` without a dtype")),
    };
    let dtype = match last_part(&class) {
        "FloatTensor" | "HalfTensor" | "DoubleTensor" => DType::Float,
        "LongTensor" | "IntTensor" | "ByteTensor" => DType::Int,
        "BoolTensor" => DType::Bool,
        _ => return Err(unsupported(call.span, format!("`type` of `{class}`"))),
    };
    cast(cx, call, dtype)
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
