//! Parameters of the reply's own, and the random numbers they start from.
use super::super::interp::{Eval, Interp};
use super::super::tensor::tensor_type;
use super::super::value::Value;
use super::create::sizes;
use super::{Call, Entry};
use crate::ir::{Binary, DType, Dim, Op, Role};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        names: &["torch.nn.Parameter", "torch.nn.parameter.Parameter"],
        signature: "data, requires_grad=True",
        eval: |cx, call| {
            let trainable = cx.decide(call.arg(1), call.span)?;
            let param = cx.keep_tensor(call.arg(0), Role::Weight, trainable, call.span)?;
            Ok(Value::Param(param))
        },
    },
    Entry {
        names: &["torch.randn", "torch.rand"],
        signature: "*size, generator=None, dtype=None, device=None, requires_grad=False",
        eval: |cx, call| {
            let shape = sizes(cx, call.arg(0), call.span)?;
            random(cx, call, shape, call.short_name() == "randn")
        },
    },
    Entry {
        names: &["torch.randn_like", "torch.rand_like"],
        signature: "input, dtype=None, device=None",
        eval: |cx, call| {
            let shape = cx.operand(call.arg(0), "the input", call.span)?.ty.shape;
            random(cx, call, shape, call.short_name() == "randn_like")
        },
    },
    Entry {
        names: &["Tensor.normal"],
        signature: "input, mean=0.0, std=1.0, generator=None",
        eval: |cx, call| {
            let (mean, std) = (call.arg(1).clone(), call.arg(2).clone());
            filled(cx, call, true, &std, &mean)
        },
    },
    Entry {
        names: &["Tensor.uniform"],
        signature: "input, from=0.0, to=1.0, generator=None",
        eval: |cx, call| {
            let low = cx.known_float(call.arg(1), "the lower bound", call.span)?;
            let high = cx.known_float(call.arg(2), "the upper bound", call.span)?;
            filled(
                cx,
                call,
                false,
                &Value::Float(high - low),
                &Value::Float(low),
            )
        },
    },
];

fn random(cx: &mut Interp<'_, '_>, call: &Call, shape: Vec<Dim>, normal: bool) -> Eval<Value> {
    let ty = tensor_type(DType::Float, shape);
    cx.add_op(Op::Random { normal }, Vec::new(), ty, call.span)
}

/// Random numbers in the place of others, scaled and shifted.
fn filled(
    cx: &mut Interp<'_, '_>,
    call: &Call,
    normal: bool,
    scale: &Value,
    shift: &Value,
) -> Eval<Value> {
    let shape = cx.operand(call.arg(0), "the input", call.span)?.ty.shape;
    let drawn = random(cx, call, shape, normal)?;
    let scaled = cx.tensor_binary(Binary::Mul, &drawn, scale, call.span)?;
    cx.tensor_binary(Binary::Add, &scaled, shift, call.span)
}
