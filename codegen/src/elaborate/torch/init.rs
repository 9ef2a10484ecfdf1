//! `torch.nn.init`: first values of tensors.
//!
//! A parameter of the reply's own starts as it says. A layer's own tensors keep the first values of torch's constructor,
//! which a note says.
use super::super::interp::{Eval, Interp};
use super::super::tensor::tensor_type;
use super::super::value::Value;
use super::{Call, Entry};
use crate::ir::{Binary, DType, Op, Scalar};
use crate::rules::Rule;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        names: &["torch.nn.init.normal_"],
        signature: "tensor, mean=0.0, std=1.0, generator=None",
        eval: |cx, call| {
            let (mean, std) = (number(cx, call, 1)?, number(cx, call, 2)?);
            normal(cx, call, mean, std)
        },
    },
    Entry {
        names: &["torch.nn.init.trunc_normal_"],
        signature: "tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None",
        eval: |cx, call| {
            let (mean, std) = (number(cx, call, 1)?, number(cx, call, 2)?);
            normal(cx, call, mean, std)
        },
    },
    Entry {
        names: &["torch.nn.init.uniform_"],
        signature: "tensor, a=0.0, b=1.0, generator=None",
        eval: |cx, call| {
            let (low, high) = (number(cx, call, 1)?, number(cx, call, 2)?);
            uniform(cx, call, low, high)
        },
    },
    Entry {
        names: &["torch.nn.init.constant_"],
        signature: "tensor, val",
        eval: |cx, call| {
            let value = number(cx, call, 1)?;
            constant(cx, call, value)
        },
    },
    Entry {
        names: &["torch.nn.init.zeros_"],
        signature: "tensor",
        eval: |cx, call| constant(cx, call, 0.0),
    },
    Entry {
        names: &["torch.nn.init.ones_"],
        signature: "tensor",
        eval: |cx, call| constant(cx, call, 1.0),
    },
    Entry {
        names: &[
            "torch.nn.init.xavier_uniform_",
            "torch.nn.init.xavier_uniform",
        ],
        signature: "tensor, gain=1.0, generator=None",
        eval: |cx, call| {
            let bound = number(cx, call, 1)? * (6.0 / fans(cx, call).iter().sum::<f64>()).sqrt();
            uniform(cx, call, -bound, bound)
        },
    },
    Entry {
        names: &["torch.nn.init.xavier_normal_"],
        signature: "tensor, gain=1.0, generator=None",
        eval: |cx, call| {
            let std = number(cx, call, 1)? * (2.0 / fans(cx, call).iter().sum::<f64>()).sqrt();
            normal(cx, call, 0.0, std)
        },
    },
    Entry {
        names: &["torch.nn.init.kaiming_uniform_"],
        signature: "tensor, a=0, mode='fan_in', nonlinearity='leaky_relu', generator=None",
        eval: |cx, call| {
            let bound = 3.0_f64.sqrt() * kaiming_std(cx, call)?;
            uniform(cx, call, -bound, bound)
        },
    },
    Entry {
        names: &["torch.nn.init.kaiming_normal_"],
        signature: "tensor, a=0, mode='fan_in', nonlinearity='leaky_relu', generator=None",
        eval: |cx, call| {
            let std = kaiming_std(cx, call)?;
            normal(cx, call, 0.0, std)
        },
    },
    Entry {
        names: &["torch.nn.init.orthogonal_"],
        signature: "tensor, gain=1, generator=None",
        eval: |cx, call| {
            kept(cx, call);
            Ok(call.arg(0).clone())
        },
    },
    Entry {
        names: &["torch.nn.init.calculate_gain"],
        signature: "nonlinearity, param=None",
        eval: |cx, call| {
            let name = cx.to_str(call.arg(0));
            let slope = call.arg(1).as_float();
            Ok(Value::Float(gain(&name, slope.unwrap_or(0.01))))
        },
    },
];

fn number(cx: &Interp<'_, '_>, call: &Call, position: usize) -> Eval<f64> {
    cx.known_float(call.arg(position), "the number", call.span)
}

/// What torch's `calculate_gain` gives.
fn gain(nonlinearity: &str, slope: f64) -> f64 {
    match nonlinearity {
        "relu" => 2.0_f64.sqrt(),
        "leaky_relu" => (2.0 / (1.0 + slope * slope)).sqrt(),
        "tanh" => 5.0 / 3.0,
        "selu" => 0.75,
        _ => 1.0,
    }
}

/// Inputs and outputs of an element, as torch counts them.
fn fans(cx: &Interp<'_, '_>, call: &Call) -> [f64; 2] {
    let shape = super::shape::shape_of(cx, call.arg(0));
    let sizes: Vec<f64> = shape
        .iter()
        .map(|dim| Value::Int(dim.clone()).as_float().unwrap_or(1.0))
        .collect();
    let area: f64 = sizes.iter().skip(2).product();
    let at = |axis: usize| sizes.get(axis).copied().unwrap_or(1.0);
    [at(1) * area, at(0) * area]
}

fn kaiming_std(cx: &Interp<'_, '_>, call: &Call) -> Eval<f64> {
    let slope = number(cx, call, 1)?;
    let [fan_in, fan_out] = fans(cx, call);
    let fan = if *call.arg(2) == Value::str("fan_out") {
        fan_out
    } else {
        fan_in
    };
    Ok(gain(&cx.to_str(call.arg(3)), slope) / fan.sqrt())
}

fn normal(cx: &mut Interp<'_, '_>, call: &Call, mean: f64, std: f64) -> Eval<Value> {
    drawn(cx, call, true, std, mean)
}

fn uniform(cx: &mut Interp<'_, '_>, call: &Call, low: f64, high: f64) -> Eval<Value> {
    drawn(cx, call, false, high - low, low)
}

fn drawn(
    cx: &mut Interp<'_, '_>,
    call: &Call,
    normal: bool,
    scale: f64,
    shift: f64,
) -> Eval<Value> {
    write(cx, call, |cx, call| {
        let shape = super::shape::shape_of(cx, call.arg(0));
        let ty = tensor_type(DType::Float, shape);
        let mut value = cx.add_op(Op::Random { normal }, Vec::new(), ty, call.span)?;
        if scale.to_bits() != 1.0_f64.to_bits() {
            value = cx.tensor_binary(Binary::Mul, &value, &Value::Float(scale), call.span)?;
        }
        if shift != 0.0 {
            value = cx.tensor_binary(Binary::Add, &value, &Value::Float(shift), call.span)?;
        }
        Ok(value)
    })
}

fn constant(cx: &mut Interp<'_, '_>, call: &Call, number: f64) -> Eval<Value> {
    write(cx, call, |cx, call| {
        let ty = tensor_type(DType::Float, super::shape::shape_of(cx, call.arg(0)));
        let op = Op::Full(Scalar::Float(number));
        cx.add_op(op, Vec::new(), ty, call.span)
    })
}

/// Writes first values into a tensor of the reply's own.
fn write(
    cx: &mut Interp<'_, '_>,
    call: &Call,
    values: impl FnOnce(&mut Interp<'_, '_>, &Call) -> Eval<Value>,
) -> Eval<Value> {
    let target = call.arg(0);
    if cx.is_of_layer(target) {
        kept(cx, call);
    } else {
        let values = values(cx, call)?;
        cx.write_cell(target, &values, call.span)?;
    }
    Ok(target.clone())
}

fn kept(cx: &mut Interp<'_, '_>, call: &Call) {
    let message = format!(
        "`{}` is not translated: the tensor starts as torch's constructor leaves it",
        call.short_name()
    );
    cx.diags.note(Rule::DroppedStatement, call.span, message);
}

impl Interp<'_, '_> {
    /// Whether it is a parameter or buffer that a layer made.
    pub(super) fn is_of_layer(&self, value: &Value) -> bool {
        matches!(value, Value::Param(id) if self.state.params[*id].first.is_none())
    }
}
