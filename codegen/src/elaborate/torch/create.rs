//! New tensors, and masks.
use super::super::interp::{Eval, Interp, raised, stop, unsupported};
use super::super::tensor::tensor_type;
use super::super::value::Value;
use super::{Call, Entry};
use crate::diagnostic::Span;
use crate::ir::{DType, Dim, Op, Scalar};
use crate::rules::Rule;

pub(super) const ENTRIES: &[Entry] = &[
    filled(&["torch.zeros"], |cx, call| sized(cx, call, 0)),
    filled(&["torch.ones"], |cx, call| sized(cx, call, 1)),
    // What memory holds is not defined; zeros are as good as any.
    filled(&["torch.empty"], |cx, call| sized(cx, call, 0)),
    like(&["torch.zeros_like"], |cx, call| same_shape(cx, call, 0)),
    like(&["torch.ones_like"], |cx, call| same_shape(cx, call, 1)),
    like(&["torch.empty_like"], |cx, call| same_shape(cx, call, 0)),
    Entry {
        names: &["torch.full"],
        signature: "size, fill_value, *, dtype=None, device=None, requires_grad=False",
        eval: |cx, call| {
            let shape = sizes(cx, call.arg(0), call.span)?;
            cx.full(shape, call.arg(1), call.arg(2), call.span)
        },
    },
    Entry {
        names: &["torch.full_like"],
        signature: "input, fill_value, *, dtype=None, device=None",
        eval: |cx, call| {
            let ty = cx.operand(call.arg(0), "the input", call.span)?.ty;
            let dtype = if *call.arg(2) == Value::None {
                Value::DType(ty.dtype)
            } else {
                call.arg(2).clone()
            };
            cx.full(ty.shape, call.arg(1), &dtype, call.span)
        },
    },
    Entry {
        names: &["Tensor.new_zeros"],
        signature: "input, *size, dtype=None, device=None",
        eval: |cx, call| {
            let shape = sizes(cx, call.arg(1), call.span)?;
            let own = cx.type_of(call.arg(0)).map_or(DType::Float, |ty| ty.dtype);
            let dtype = if *call.arg(2) == Value::None {
                Value::DType(own)
            } else {
                call.arg(2).clone()
            };
            cx.full(shape, &Value::int(0), &dtype, call.span)
        },
    },
    Entry {
        names: &["torch.arange"],
        signature: "start, end=None, step=1, *, dtype=None, device=None",
        eval: arange,
    },
    Entry {
        names: &["torch.linspace"],
        signature: "start, end, steps, *, dtype=None, device=None, requires_grad=False",
        eval: linspace,
    },
    // Sizes make a tensor whose numbers are not defined.
    Entry {
        names: &["torch.Tensor", "torch.FloatTensor"],
        signature: "*size",
        eval: |cx, call| {
            let items = cx.items(call.arg(0)).unwrap_or_default();
            if items.iter().any(|item| item.as_int().is_none()) {
                return Err(unsupported(call.span, "`torch.Tensor` of other than sizes"));
            }
            let shape = sizes(cx, call.arg(0), call.span)?;
            cx.full(
                shape,
                &Value::int(0),
                &Value::DType(DType::Float),
                call.span,
            )
        },
    },
    Entry {
        names: &["torch.tensor", "torch.as_tensor"],
        signature: "data, dtype=None, device=None, requires_grad=False",
        eval: tensor,
    },
    triangle(&["torch.triu", "Tensor.triu"], |cx, call| {
        cut(cx, call, true)
    }),
    triangle(&["torch.tril", "Tensor.tril"], |cx, call| {
        cut(cx, call, false)
    }),
    Entry {
        names: &["torch.masked_fill", "Tensor.masked_fill"],
        signature: "input, mask, value",
        eval: masked_fill,
    },
    Entry {
        names: &["torch.where"],
        signature: "condition, input, other",
        eval: choose,
    },
    Entry {
        names: &["Tensor.zero"],
        signature: "input",
        eval: |cx, call| {
            let ty = cx.operand(call.arg(0), "the input", call.span)?.ty;
            cx.full(ty.shape, &Value::int(0), &Value::DType(ty.dtype), call.span)
        },
    },
    Entry {
        names: &["Tensor.fill"],
        signature: "input, value",
        eval: |cx, call| {
            let ty = cx.operand(call.arg(0), "the input", call.span)?.ty;
            cx.full(ty.shape, call.arg(1), &Value::DType(ty.dtype), call.span)
        },
    },
    Entry {
        names: &["Tensor.copy"],
        signature: "input, src, non_blocking=False",
        eval: |cx, call| {
            let ty = cx.operand(call.arg(0), "the input", call.span)?.ty;
            let source = cx.operand(call.arg(1), "the source", call.span)?;
            let source = cx.cast(source, ty.dtype, call.span)?;
            if cx.broadcast(source.shape(), &ty.shape, call.span)? != ty.shape {
                return Err(
                    stop(Rule::ShapeMismatch, call.span, "the source does not fit")
                        .raises("RuntimeError"),
                );
            }
            cx.add_op(Op::Expand, vec![source.var], ty, call.span)
        },
    },
];

type Eval1 = fn(&mut Interp<'_, '_>, &Call) -> Eval<Value>;

const fn filled(names: &'static [&'static str], eval: Eval1) -> Entry {
    Entry {
        names,
        signature: "*size, dtype=None, device=None, requires_grad=False",
        eval,
    }
}

const fn like(names: &'static [&'static str], eval: Eval1) -> Entry {
    Entry {
        names,
        signature: "input, *, dtype=None, device=None, requires_grad=False",
        eval,
    }
}

const fn triangle(names: &'static [&'static str], eval: Eval1) -> Entry {
    Entry {
        names,
        signature: "input, diagonal=0",
        eval,
    }
}

/// The sizes of a new tensor: numbers, or one sequence of them.
pub(super) fn sizes(cx: &mut Interp<'_, '_>, value: &Value, span: Span) -> Eval<Vec<Dim>> {
    let mut items = cx.items(value).unwrap_or_else(|| vec![value.clone()]);
    if let [only] = items.as_slice()
        && let Some(inner) = cx.items(only)
    {
        items = inner;
    }
    items
        .iter()
        .map(|item| cx.known_dim(item, "a size", span))
        .collect()
}

fn sized(cx: &mut Interp<'_, '_>, call: &Call, value: usize) -> Eval<Value> {
    let shape = sizes(cx, call.arg(0), call.span)?;
    let dtype = if *call.arg(1) == Value::None {
        Value::DType(DType::Float)
    } else {
        call.arg(1).clone()
    };
    cx.full(shape, &Value::int(value), &dtype, call.span)
}

fn same_shape(cx: &mut Interp<'_, '_>, call: &Call, value: usize) -> Eval<Value> {
    let ty = cx.operand(call.arg(0), "the input", call.span)?.ty;
    let dtype = if *call.arg(1) == Value::None {
        Value::DType(ty.dtype)
    } else {
        call.arg(1).clone()
    };
    cx.full(ty.shape, &Value::int(value), &dtype, call.span)
}

impl Interp<'_, '_> {
    /// A constant tensor.
    pub(in crate::elaborate) fn full(
        &mut self,
        shape: Vec<Dim>,
        value: &Value,
        dtype: &Value,
        span: Span,
    ) -> Eval<Value> {
        if let Some(size) = shape.iter().find(|size| !size.is_at_least(1)) {
            return Err(unsupported(
                span,
                format!("a tensor with a dimension of `{size}` elements"),
            ));
        }
        let shape = if shape.is_empty() {
            vec![Dim::constant(1)]
        } else {
            shape
        };
        let (scalar, own) = self.scalar(value, span)?;
        let dtype = match dtype {
            Value::DType(dtype) => *dtype,
            _ => own,
        };
        self.add_op(
            Op::Full(scalar),
            Vec::new(),
            tensor_type(dtype, shape),
            span,
        )
    }

    /// A known number and the dtype that torch gives it.
    pub(in crate::elaborate) fn scalar(&self, value: &Value, span: Span) -> Eval<(Scalar, DType)> {
        match value {
            Value::Float(number) => Ok((Scalar::Float(*number), DType::Float)),
            Value::Bool(flag) => Ok((Scalar::Int(Dim::constant(i64::from(*flag))), DType::Bool)),
            Value::Unknown => Err(unsupported(span, "a tensor of run-time numbers")),
            other => {
                if let Some(dim) = other.as_int() {
                    Ok((Scalar::Int(dim), DType::Int))
                } else {
                    let found = self.describe(other);
                    Err(raised(
                        "TypeError",
                        span,
                        format!("a number is wanted, found {found}"),
                    ))
                }
            }
        }
    }
}

fn arange(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let (start, end) = match call.arg(1) {
        Value::None => (Value::int(0), call.arg(0).clone()),
        end => (call.arg(0).clone(), end.clone()),
    };
    let step = call.arg(2).clone();
    let ints = start.as_int().zip(end.as_int()).zip(step.as_int());
    let (length, own) = if let Some(((first, last), step)) = ints {
        let length = last
            .sub(&first)
            .ok_or_else(|| super::super::expr::overflow(call.span))?;
        (steps(&length, &step, call.span)?, DType::Int)
    } else {
        let first = cx.known_float(&start, "the start", call.span)?;
        let last = cx.known_float(&end, "the end", call.span)?;
        let step = cx.known_float(&step, "the step", call.span)?;
        let count = ((last - first) / step).ceil();
        if !(0.0..1e9).contains(&count) {
            return Err(raised(
                "RuntimeError",
                call.span,
                "the bounds of `arange` contradict its step",
            ));
        }
        #[expect(clippy::cast_possible_truncation, reason = "between 0 and 1e9")]
        (Dim::constant(count as i64), DType::Float)
    };
    let dtype = match call.arg(3) {
        Value::DType(dtype) => *dtype,
        _ => own,
    };
    let (start, _) = cx.scalar(&start, call.span)?;
    let (step, _) = cx.scalar(&step, call.span)?;
    cx.add_op(
        Op::Arange { start, step },
        Vec::new(),
        tensor_type(dtype, vec![length]),
        call.span,
    )
}

/// `start, start + distance, ..., end`
fn linspace(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let start = cx.known_float(call.arg(0), "the start", call.span)?;
    let end = cx.known_float(call.arg(1), "the end", call.span)?;
    let steps = cx.known_size(call.arg(2), "the steps", call.span)?;
    if steps == 0 {
        return Err(unsupported(call.span, "a tensor of 0 elements"));
    }
    let distance = (end - start) / steps.saturating_sub(1).max(1) as f64;
    let op = Op::Arange {
        start: Scalar::Float(start),
        step: Scalar::Float(distance),
    };
    let ty = tensor_type(DType::Float, vec![Dim::from(steps)]);
    cx.add_op(op, Vec::new(), ty, call.span)
}

/// `ceil(length / step)`
fn steps(length: &Dim, step: &Dim, span: Span) -> Eval<Dim> {
    match (length.as_constant(), step.as_constant()) {
        (_, Some(1)) => Ok(length.clone()),
        (Some(length), Some(step)) if step != 0 => {
            Ok(Dim::constant((length.abs() + step.abs() - 1) / step.abs()))
        }
        _ => length.div_exact(step).ok_or_else(|| {
            stop(
                Rule::UndecidableDim,
                span,
                format!("the length of `arange` over `{length}` by `{step}`"),
            )
        }),
    }
}

/// `torch.tensor` of one number or of a list of numbers.
fn tensor(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    if Interp::is_tensor(call.arg(0)) {
        return Ok(call.arg(0).clone());
    }
    let Some(items) = cx.items(call.arg(0)) else {
        return cx.full(vec![Dim::constant(1)], call.arg(0), call.arg(1), call.span);
    };
    match items.as_slice() {
        [first, rest @ ..]
            if rest.iter().all(|item| item == first) && cx.items(first).is_none() =>
        {
            cx.full(vec![Dim::from(items.len())], first, call.arg(1), call.span)
        }
        _ => Err(unsupported(
            call.span,
            "`torch.tensor` of different numbers",
        )),
    }
}

fn cut(cx: &mut Interp<'_, '_>, call: &Call, upper: bool) -> Eval<Value> {
    let input = cx.operand(call.arg(0), "the input", call.span)?;
    if input.rank() < 2 {
        return Err(stop(
            Rule::ShapeMismatch,
            call.span,
            "a triangle needs two dimensions",
        )
        .raises("RuntimeError"));
    }
    let diagonal = cx.known_int(call.arg(1), "the diagonal", call.span)?;
    cx.add_op(
        Op::Triangle { upper, diagonal },
        vec![input.var],
        input.ty,
        call.span,
    )
}

fn masked_fill(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let input = cx.operand(call.arg(0), "the input", call.span)?;
    let mask = cx.operand(call.arg(1), "the mask", call.span)?;
    let mask = cx.cast(mask, DType::Bool, call.span)?;
    if cx.broadcast(input.shape(), mask.shape(), call.span)? != input.ty.shape {
        return Err(stop(
            Rule::ShapeMismatch,
            call.span,
            "the mask is larger than the tensor",
        )
        .raises("RuntimeError"));
    }
    let (scalar, _) = cx.scalar(call.arg(2), call.span)?;
    cx.add_op(
        Op::MaskedFill(scalar),
        vec![input.var, mask.var],
        input.ty,
        call.span,
    )
}

fn choose(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let condition = cx.operand(call.arg(0), "the condition", call.span)?;
    let condition = cx.cast(condition, DType::Bool, call.span)?;
    let like = [call.arg(1), call.arg(2)]
        .into_iter()
        .find_map(|value| cx.type_of(value));
    let like = like.ok_or_else(|| unsupported(call.span, "`torch.where` of two numbers"))?;
    let mut sides = Vec::with_capacity(2);
    for side in [call.arg(1), call.arg(2)] {
        let value = if Interp::is_tensor(side) {
            side.clone()
        } else {
            cx.full(
                vec![Dim::constant(1)],
                side,
                &Value::DType(like.dtype),
                call.span,
            )?
        };
        sides.push(cx.operand(&value, "a side", call.span)?);
    }
    let [input, other] = sides.as_slice() else {
        return Ok(Value::None);
    };
    let dtype = if other.ty.dtype == DType::Float {
        DType::Float
    } else {
        input.ty.dtype
    };
    let input = cx.cast(input.clone(), dtype, call.span)?;
    let other = cx.cast(other.clone(), dtype, call.span)?;
    let shape = cx.broadcast(input.shape(), other.shape(), call.span)?;
    let shape = cx.broadcast(&shape, condition.shape(), call.span)?;
    cx.add_op(
        Op::Where,
        vec![condition.var, input.var, other.var],
        tensor_type(dtype, shape),
        call.span,
    )
}
