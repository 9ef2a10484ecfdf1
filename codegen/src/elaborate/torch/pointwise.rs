//! Elementwise functions.
use super::super::interp::{Eval, Interp, Mode, raised};
use super::super::tensor::tensor_type;
use super::super::value::Value;
use super::{Call, Entry};
use crate::diagnostic::Span;
use crate::ir::{Binary, DType, Op, Scalar, Unary};

pub(super) const ENTRIES: &[Entry] = &[
    activation(
        &["torch.relu", "torch.nn.functional.relu", "Tensor.relu"],
        relu,
    ),
    activation(&["torch.nn.functional.relu6"], |cx, call| {
        unary(cx, call, Unary::Relu6)
    }),
    activation(&["torch.nn.functional.silu"], |cx, call| {
        unary(cx, call, Unary::Silu)
    }),
    activation(&["torch.nn.functional.mish"], |cx, call| {
        unary(cx, call, Unary::Mish)
    }),
    activation(&["torch.nn.functional.hardswish"], |cx, call| {
        unary(cx, call, Unary::Hardswish)
    }),
    activation(&["torch.nn.functional.hardsigmoid"], |cx, call| {
        unary(cx, call, Unary::Hardsigmoid)
    }),
    plain(
        &[
            "torch.sigmoid",
            "torch.nn.functional.sigmoid",
            "Tensor.sigmoid",
        ],
        |cx, call| unary(cx, call, Unary::Sigmoid),
    ),
    plain(
        &["torch.tanh", "torch.nn.functional.tanh", "Tensor.tanh"],
        |cx, call| unary(cx, call, Unary::Tanh),
    ),
    plain(&["torch.exp", "Tensor.exp"], |cx, call| {
        unary(cx, call, Unary::Exp)
    }),
    plain(&["torch.log", "Tensor.log"], |cx, call| {
        unary(cx, call, Unary::Log)
    }),
    plain(&["torch.log1p", "Tensor.log1p"], |cx, call| {
        unary(cx, call, Unary::Log1p)
    }),
    plain(&["torch.sqrt", "Tensor.sqrt"], |cx, call| {
        unary(cx, call, Unary::Sqrt)
    }),
    plain(&["torch._root_of_squares"], |cx, call| {
        unary(cx, call, Unary::RootOfSquares)
    }),
    plain(&["torch.rsqrt", "Tensor.rsqrt"], |cx, call| {
        unary(cx, call, Unary::Rsqrt)
    }),
    plain(&["torch.square", "Tensor.square"], |cx, call| {
        unary(cx, call, Unary::Square)
    }),
    plain(&["torch.abs", "Tensor.abs"], |cx, call| {
        unary(cx, call, Unary::Abs)
    }),
    plain(&["torch.neg", "Tensor.neg"], |cx, call| {
        unary(cx, call, Unary::Neg)
    }),
    plain(&["torch.sin", "Tensor.sin"], |cx, call| {
        unary(cx, call, Unary::Sin)
    }),
    plain(&["torch.cos", "Tensor.cos"], |cx, call| {
        unary(cx, call, Unary::Cos)
    }),
    plain(
        &["torch.sign", "Tensor.sign", "torch.sgn", "Tensor.sgn"],
        |cx, call| unary(cx, call, Unary::Sign),
    ),
    plain(&["torch.round", "Tensor.round"], |cx, call| {
        unary(cx, call, Unary::Round)
    }),
    plain(&["torch.floor", "Tensor.floor"], |cx, call| {
        unary(cx, call, Unary::Floor)
    }),
    plain(&["torch.ceil", "Tensor.ceil"], |cx, call| {
        unary(cx, call, Unary::Ceil)
    }),
    plain(&["torch.erf", "Tensor.erf"], |cx, call| {
        unary(cx, call, Unary::Erf)
    }),
    plain(&["torch.sinh", "Tensor.sinh"], |cx, call| {
        unary(cx, call, Unary::Sinh)
    }),
    plain(&["torch.cosh", "Tensor.cosh"], |cx, call| {
        unary(cx, call, Unary::Cosh)
    }),
    plain(&["torch.tan", "Tensor.tan"], |cx, call| {
        unary(cx, call, Unary::Tan)
    }),
    plain(
        &["torch.atan", "Tensor.atan", "torch.arctan", "Tensor.arctan"],
        |cx, call| unary(cx, call, Unary::Atan),
    ),
    plain(&["torch.reciprocal", "Tensor.reciprocal"], |cx, call| {
        unary(cx, call, Unary::Reciprocal)
    }),
    plain(&["torch.logical_not", "Tensor.logical_not"], |cx, call| {
        unary(cx, call, Unary::Not)
    }),
    Entry {
        names: &["torch.nn.functional.gelu"],
        signature: "input, approximate='none'",
        eval: gelu,
    },
    Entry {
        names: &["torch.nn.functional.softplus"],
        signature: "input",
        eval: |cx, call| unary(cx, call, Unary::Softplus),
    },
    binary(
        &["torch.mul", "torch.multiply", "Tensor.mul"],
        |cx, call| operator(cx, call, Binary::Mul),
    ),
    binary(
        &[
            "torch.div",
            "torch.divide",
            "torch.true_divide",
            "Tensor.div",
            "Tensor.divide",
        ],
        |cx, call| operator(cx, call, Binary::Div),
    ),
    binary(&["torch.pow", "Tensor.pow"], |cx, call| {
        operator(cx, call, Binary::Pow)
    }),
    binary(&["torch.maximum", "Tensor.maximum"], |cx, call| {
        operator(cx, call, Binary::Maximum)
    }),
    binary(&["torch.minimum", "Tensor.minimum"], |cx, call| {
        operator(cx, call, Binary::Minimum)
    }),
    binary(&["torch.eq", "Tensor.eq"], |cx, call| {
        operator(cx, call, Binary::Equal)
    }),
    binary(&["torch.ne", "Tensor.ne"], |cx, call| {
        operator(cx, call, Binary::NotEqual)
    }),
    binary(&["torch.gt", "Tensor.gt"], |cx, call| {
        operator(cx, call, Binary::Greater)
    }),
    binary(&["torch.ge", "Tensor.ge"], |cx, call| {
        operator(cx, call, Binary::GreaterEqual)
    }),
    binary(&["torch.lt", "Tensor.lt"], |cx, call| {
        operator(cx, call, Binary::Less)
    }),
    binary(&["torch.le", "Tensor.le"], |cx, call| {
        operator(cx, call, Binary::LessEqual)
    }),
    binary(&["torch.logical_and", "Tensor.logical_and"], |cx, call| {
        operator(cx, call, Binary::And)
    }),
    binary(&["torch.logical_or", "Tensor.logical_or"], |cx, call| {
        operator(cx, call, Binary::Or)
    }),
    Entry {
        names: &["torch.add", "Tensor.add"],
        signature: "input, other, *, alpha=1",
        eval: |cx, call| scaled(cx, call, Binary::Add),
    },
    Entry {
        names: &["torch.sub", "Tensor.sub"],
        signature: "input, other, *, alpha=1",
        eval: |cx, call| scaled(cx, call, Binary::Sub),
    },
    Entry {
        names: &["torch.clamp", "torch.clip", "Tensor.clamp"],
        signature: "input, min=None, max=None",
        eval: |cx, call| {
            let low = bounded(cx, call.arg(0), Bound::Low, call.arg(1), call.span)?;
            bounded(cx, &low, Bound::High, call.arg(2), call.span)
        },
    },
    Entry {
        names: &["torch.nn.functional.dropout"],
        signature: "input, p=0.5, training=True, inplace=False",
        eval: dropout,
    },
    Entry {
        names: &["torch.nn.functional.dropout2d"],
        signature: "input, p=0.5, training=True, inplace=False",
        eval: dropout_maps,
    },
];

type Eval1 = fn(&mut Interp<'_, '_>, &Call) -> Eval<Value>;

const fn plain(names: &'static [&'static str], eval: Eval1) -> Entry {
    Entry {
        names,
        signature: "input",
        eval,
    }
}

const fn activation(names: &'static [&'static str], eval: Eval1) -> Entry {
    Entry {
        names,
        signature: "input, inplace=False",
        eval,
    }
}

const fn binary(names: &'static [&'static str], eval: Eval1) -> Entry {
    Entry {
        names,
        signature: "input, other",
        eval,
    }
}

fn relu(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    unary(cx, call, Unary::Relu)
}

/// The function of the first argument; the second says whether it is written in place.
fn unary(cx: &mut Interp<'_, '_>, call: &Call, function: Unary) -> Eval<Value> {
    written(cx, call, function, call.arg(1))
}

fn written(cx: &mut Interp<'_, '_>, call: &Call, function: Unary, in_place: &Value) -> Eval<Value> {
    let value = cx.pointwise(function, call.arg(0), call.span)?;
    if cx.truth(in_place) == Some(true) {
        cx.write_cell(call.arg(0), &value, call.span)?;
        return Ok(call.arg(0).clone());
    }
    Ok(value)
}

#[derive(Clone, Copy)]
enum Bound {
    Low,
    High,
}

/// One side of `clamp`. At a bound that is a number PyTorch passes no gradient, so the elements there are replaced too.
fn bounded(
    cx: &mut Interp<'_, '_>,
    value: &Value,
    side: Bound,
    bound: &Value,
    span: Span,
) -> Eval<Value> {
    let (outside, nearest) = match side {
        Bound::Low => (Binary::LessEqual, Binary::Maximum),
        Bound::High => (Binary::GreaterEqual, Binary::Minimum),
    };
    if *bound == Value::None {
        return Ok(value.clone());
    }
    let input = cx.operand(value, "the input", span)?;
    if Interp::is_tensor(bound) || input.ty.dtype != DType::Float {
        return cx.tensor_binary(nearest, value, bound, span);
    }
    let mask = cx.tensor_binary(outside, value, bound, span)?;
    let mask = cx.operand(&mask, "the mask", span)?;
    let (scalar, _) = cx.scalar(bound, span)?;
    let args = vec![input.var, mask.var];
    cx.add_op(Op::MaskedFill(scalar), args, input.ty, span)
}

fn gelu(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let tanh = *call.arg(1) == Value::str("tanh");
    cx.pointwise(
        if tanh { Unary::GeluTanh } else { Unary::Gelu },
        call.arg(0),
        call.span,
    )
}

fn operator(cx: &mut Interp<'_, '_>, call: &Call, op: Binary) -> Eval<Value> {
    if !Interp::is_tensor(call.arg(0)) && !Interp::is_tensor(call.arg(1)) {
        let (left, right) = (cx.describe(call.arg(0)), cx.describe(call.arg(1)));
        return Err(raised(
            "TypeError",
            call.span,
            format!("`{}` of {left} and {right}", call.short_name()),
        ));
    }
    cx.tensor_binary(op, call.arg(0), call.arg(1), call.span)
}

/// `input + alpha * other`
fn scaled(cx: &mut Interp<'_, '_>, call: &Call, op: Binary) -> Eval<Value> {
    let other = match call.arg(2) {
        alpha if *alpha == Value::int(1) => call.arg(1).clone(),
        alpha => cx.binary(
            ruff_python_ast::Operator::Mult,
            call.arg(1),
            alpha,
            call.span,
        )?,
    };
    cx.tensor_binary(op, call.arg(0), &other, call.span)
}

fn dropout(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let prob = cx.known_float(call.arg(1), "the probability", call.span)?;
    if !cx.drops(prob, call)? {
        return Ok(call.arg(0).clone());
    }
    let input = cx.operand(call.arg(0), "the input", call.span)?;
    cx.add_op(Op::Dropout(prob), vec![input.var], input.ty, call.span)
}

/// Dropout of whole feature maps: a dropped map of ones `[B, C, 1, 1]` times the input.
fn dropout_maps(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let prob = cx.known_float(call.arg(1), "the probability", call.span)?;
    if !cx.drops(prob, call)? {
        return Ok(call.arg(0).clone());
    }
    let input = cx.operand(call.arg(0), "the input", call.span)?;
    cx.expect_rank(&input, 4..=4, call)?;
    let shape = input.shape().iter().take(2).cloned();
    let shape = shape.chain([1.into(), 1.into()]).collect();
    let ty = tensor_type(DType::Float, shape);
    let full = Op::Full(Scalar::Float(1.0));
    let ones = cx.op_operand(full, Vec::new(), ty.clone(), call.span)?;
    let kept = cx.op_operand(Op::Dropout(prob), vec![ones.var], ty, call.span)?;
    let args = vec![input.var, kept.var];
    cx.add_op(Op::Binary(Binary::Mul), args, input.ty, call.span)
}

impl Interp<'_, '_> {
    /// Whether dropout as a function does anything. It is asked in both modes, as it may do so in evaluation.
    fn drops(&mut self, prob: f64, call: &Call) -> Eval<bool> {
        let drops = self.decide(call.arg(2), call.span)? && prob != 0.0;
        if let Some(frame) = self.state.frames.last_mut() {
            frame.reads_mode = true;
        }
        if drops && self.state.mode == Mode::Eval {
            self.warn_unswitched_dropout(call.span);
        }
        Ok(drops)
    }

    /// A function of every element.
    pub(in crate::elaborate) fn pointwise(
        &mut self,
        function: Unary,
        value: &Value,
        span: Span,
    ) -> Eval<Value> {
        let input = self.operand(value, "the input", span)?;
        let keeps_ints = matches!(
            function,
            Unary::Neg | Unary::Abs | Unary::Square | Unary::Relu
        );
        let input = match (function, input.ty.dtype) {
            (Unary::Not, DType::Bool) | (_, DType::Float) => input,
            (_, DType::Int) if keeps_ints => input,
            (Unary::Not, _) => self.cast(input, DType::Bool, span)?,
            _ => self.cast(input, DType::Float, span)?,
        };
        let ty = tensor_type(input.ty.dtype, input.ty.shape);
        self.add_op(Op::Unary(function), vec![input.var], ty, span)
    }
}
