//! Reductions, softmax, and the largest element.
use super::super::interp::{Eval, Interp, unsupported};
use super::super::tensor::tensor_type;
use super::super::value::Value;
use super::{Call, Entry};
use crate::diagnostic::Span;
use crate::ir::{Binary, DType, Dim, Op, Reduction, Unary};

pub(super) const ENTRIES: &[Entry] = &[
    over_axes(&["torch.mean", "Tensor.mean"], |cx, call| {
        reduce(cx, call, Reduction::Mean)
    }),
    over_axes(&["torch.sum", "Tensor.sum"], |cx, call| {
        reduce(cx, call, Reduction::Sum)
    }),
    over_axes(&["torch.amax", "Tensor.amax"], |cx, call| {
        reduce(cx, call, Reduction::Amax)
    }),
    over_axes(&["torch.amin", "Tensor.amin"], |cx, call| {
        reduce(cx, call, Reduction::Amin)
    }),
    over_axis(&["torch.max", "Tensor.max"], |cx, call| {
        largest(cx, call, Reduction::Max)
    }),
    over_axis(&["torch.min", "Tensor.min"], |cx, call| {
        largest(cx, call, Reduction::Min)
    }),
    over_axis(&["torch.argmax", "Tensor.argmax"], argmax),
    over_axis(&["torch.all", "Tensor.all"], |cx, call| {
        truth_of_all(cx, call, Op::All)
    }),
    over_axis(&["torch.any", "Tensor.any"], |cx, call| {
        truth_of_all(cx, call, Op::Any)
    }),
    softmax_entry(
        &[
            "torch.softmax",
            "torch.nn.functional.softmax",
            "Tensor.softmax",
        ],
        |cx, call| softmax(cx, call, false),
    ),
    softmax_entry(
        &[
            "torch.log_softmax",
            "torch.nn.functional.log_softmax",
            "Tensor.log_softmax",
        ],
        |cx, call| softmax(cx, call, true),
    ),
    Entry {
        names: &["torch.norm", "Tensor.norm"],
        signature: "input, p=2, dim=None, keepdim=False",
        eval: |cx, call| {
            if cx.known_float(call.arg(1), "p", call.span)?.to_bits() != 2.0_f64.to_bits() {
                return Err(unsupported(call.span, "a norm other than the second"));
            }
            let squared = cx.pointwise(Unary::Square, call.arg(0), call.span)?;
            let sum = cx.reduce_axes(
                &squared,
                Reduction::Sum,
                call.arg(2),
                call.arg(3),
                call.span,
            )?;
            cx.pointwise(Unary::RootOfSquares, &sum, call.span)
        },
    },
    Entry {
        names: &["torch.nn.functional.normalize"],
        signature: "input, p=2.0, dim=1, eps=1e-12",
        eval: |cx, call| {
            if cx.known_float(call.arg(1), "p", call.span)?.to_bits() != 2.0_f64.to_bits() {
                return Err(unsupported(call.span, "a norm other than the second"));
            }
            let squared = cx.pointwise(Unary::Square, call.arg(0), call.span)?;
            let sum = cx.reduce_axes(
                &squared,
                Reduction::Sum,
                call.arg(2),
                &Value::Bool(true),
                call.span,
            )?;
            let norm = cx.pointwise(Unary::RootOfSquares, &sum, call.span)?;
            let norm = cx.tensor_binary(Binary::Maximum, &norm, call.arg(3), call.span)?;
            cx.tensor_binary(Binary::Div, call.arg(0), &norm, call.span)
        },
    },
];

type Eval1 = fn(&mut Interp<'_, '_>, &Call) -> Eval<Value>;

const fn over_axes(names: &'static [&'static str], eval: Eval1) -> Entry {
    Entry {
        names,
        signature: "input, dim=None, keepdim=False, *, dtype=None",
        eval,
    }
}

const fn over_axis(names: &'static [&'static str], eval: Eval1) -> Entry {
    Entry {
        names,
        signature: "input, dim=None, keepdim=False",
        eval,
    }
}

const fn softmax_entry(names: &'static [&'static str], eval: Eval1) -> Entry {
    Entry {
        names,
        signature: "input, dim, _stacklevel=3, dtype=None",
        eval,
    }
}

fn reduce(cx: &mut Interp<'_, '_>, call: &Call, reduction: Reduction) -> Eval<Value> {
    cx.reduce_axes(call.arg(0), reduction, call.arg(1), call.arg(2), call.span)
}

/// `max` and `min`: of all elements, of two tensors, or values and indices along an axis.
fn largest(cx: &mut Interp<'_, '_>, call: &Call, reduction: Reduction) -> Eval<Value> {
    if Interp::is_tensor(call.arg(1)) {
        let op = if reduction == Reduction::Max {
            Binary::Maximum
        } else {
            Binary::Minimum
        };
        return cx.tensor_binary(op, call.arg(0), call.arg(1), call.span);
    }
    if *call.arg(1) == Value::None {
        let shared = match reduction {
            Reduction::Max => Reduction::Amax,
            _ => Reduction::Amin,
        };
        return reduce(cx, call, shared);
    }
    let values = cx.reduce_axes(call.arg(0), reduction, call.arg(1), call.arg(2), call.span)?;
    let input = match reduction {
        Reduction::Max => call.arg(0).clone(),
        _ => cx.pointwise(Unary::Neg, call.arg(0), call.span)?,
    };
    let indices = cx.argmax_along(&input, call.arg(1), call.arg(2), call.span)?;
    Ok(Value::tuple(vec![values, indices]))
}

fn argmax(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    if *call.arg(1) == Value::None {
        return Err(unsupported(call.span, "`argmax` over all dimensions"));
    }
    cx.argmax_along(call.arg(0), call.arg(1), call.arg(2), call.span)
}

fn truth_of_all(cx: &mut Interp<'_, '_>, call: &Call, op: Op) -> Eval<Value> {
    if *call.arg(1) != Value::None {
        return Err(unsupported(
            call.span,
            format!("`{}` along a dimension", call.short_name()),
        ));
    }
    let input = cx.operand(call.arg(0), "the input", call.span)?;
    let input = cx.cast(input, DType::Bool, call.span)?;
    cx.add_op(
        op,
        vec![input.var],
        tensor_type(DType::Bool, vec![Dim::constant(1)]),
        call.span,
    )
}

fn softmax(cx: &mut Interp<'_, '_>, call: &Call, log: bool) -> Eval<Value> {
    let input = cx.operand(call.arg(0), "the input", call.span)?;
    let axis = cx.axis(call.arg(1), input.rank(), call.span)?;
    let op = if log {
        Op::LogSoftmax(axis)
    } else {
        Op::Softmax(axis)
    };
    cx.add_op(op, vec![input.var], input.ty, call.span)
}

impl Interp<'_, '_> {
    pub(in crate::elaborate) fn reduce_axes(
        &mut self,
        value: &Value,
        reduction: Reduction,
        dims: &Value,
        keepdim: &Value,
        span: Span,
    ) -> Eval<Value> {
        let input = self.operand(value, "the input", span)?;
        let input = match (reduction, input.ty.dtype) {
            (Reduction::Sum, DType::Bool) => self.cast(input, DType::Int, span)?,
            _ => input,
        };
        let keepdim = self.decide(keepdim, span)?;
        let mut axes = match dims {
            Value::None => (0..input.rank()).collect(),
            dims => {
                let dims = self.items(dims).unwrap_or_else(|| vec![dims.clone()]);
                let axes: Eval<Vec<usize>> = dims
                    .iter()
                    .map(|dim| self.axis(dim, input.rank(), span))
                    .collect();
                axes?
            }
        };
        axes.sort_unstable();
        axes.dedup();
        let mut shape = Vec::new();
        for (axis, size) in input.shape().iter().enumerate() {
            match (axes.contains(&axis), keepdim) {
                (false, _) => shape.push(size.clone()),
                (true, true) => shape.push(Dim::constant(1)),
                (true, false) => {}
            }
        }
        if shape.is_empty() {
            shape.push(Dim::constant(1));
        }
        let ty = tensor_type(input.ty.dtype, shape);
        self.add_op(
            Op::Reduce {
                reduction,
                axes,
                keepdim,
            },
            vec![input.var],
            ty,
            span,
        )
    }

    fn argmax_along(
        &mut self,
        value: &Value,
        dim: &Value,
        keepdim: &Value,
        span: Span,
    ) -> Eval<Value> {
        let input = self.operand(value, "the input", span)?;
        let axis = self.axis(dim, input.rank(), span)?;
        // Of one row torch's 0-dimensional result has one axis here.
        let keepdim = self.decide(keepdim, span)? || input.rank() == 1;
        let mut shape = input.ty.shape;
        if keepdim {
            if let Some(size) = shape.get_mut(axis) {
                *size = Dim::constant(1);
            }
        } else {
            shape.remove(axis);
        }
        self.add_op(
            Op::Argmax { axis, keepdim },
            vec![input.var],
            tensor_type(DType::Int, shape),
            span,
        )
    }
}
