//! `torch.nn.init`: first values of parameters.
//!
//! A parameter of the reply's own starts as the net says. A layer starts as PyTorch's constructor leaves it, and a
//! warning says that the net wanted other random numbers; values that are no random numbers must be the layer's own.
use super::super::interp::{Eval, Interp, stop, unsupported};
use super::super::tensor::tensor_type;
use super::super::value::Value;
use super::{Call, Entry};
use crate::ir::{Binary, DType, Dim, Op, ParamId, Role, Scalar};
use crate::rules::Rule;

/// What a parameter starts as.
#[derive(Clone, Copy, Debug, PartialEq)]
enum First {
    Constant(f64),
    Uniform { low: f64, high: f64 },
    Normal { mean: f64, std: f64 },
}

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        names: &["torch.nn.init.zeros_"],
        signature: "tensor",
        eval: |cx, call| set(cx, call, First::Constant(0.0)),
    },
    Entry {
        names: &["torch.nn.init.ones_"],
        signature: "tensor",
        eval: |cx, call| set(cx, call, First::Constant(1.0)),
    },
    Entry {
        names: &["torch.nn.init.constant_"],
        signature: "tensor, val",
        eval: |cx, call| {
            let value = cx.known_float(call.arg(1), "the value", call.span)?;
            set(cx, call, First::Constant(value))
        },
    },
    Entry {
        names: &["torch.nn.init.uniform_"],
        signature: "tensor, a=0.0, b=1.0, generator=None",
        eval: |cx, call| {
            let low = cx.known_float(call.arg(1), "the lower bound", call.span)?;
            let high = cx.known_float(call.arg(2), "the upper bound", call.span)?;
            set(cx, call, First::Uniform { low, high })
        },
    },
    Entry {
        names: &["torch.nn.init.normal_"],
        signature: "tensor, mean=0.0, std=1.0, generator=None",
        eval: |cx, call| {
            let mean = cx.known_float(call.arg(1), "the mean", call.span)?;
            let std = cx.known_float(call.arg(2), "the deviation", call.span)?;
            set(cx, call, First::Normal { mean, std })
        },
    },
    Entry {
        names: &["torch.nn.init.trunc_normal_"],
        signature: "tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None",
        eval: |cx, call| {
            let mean = cx.known_float(call.arg(1), "the mean", call.span)?;
            let std = cx.known_float(call.arg(2), "the deviation", call.span)?;
            let low = cx.known_float(call.arg(3), "the lower bound", call.span)?;
            let high = cx.known_float(call.arg(4), "the upper bound", call.span)?;
            let near = (mean - low).min(high - mean) < 6.0 * std;
            if near && is_own(cx, call)? {
                return Err(unsupported(
                    call.span,
                    "a normal distribution cut within six deviations",
                ));
            }
            set(cx, call, First::Normal { mean, std })
        },
    },
    Entry {
        names: &[
            "torch.nn.init.xavier_uniform_",
            "torch.nn.init.xavier_normal_",
        ],
        signature: "tensor, gain=1.0, generator=None",
        eval: |cx, call| {
            let gain = cx.known_float(call.arg(1), "the gain", call.span)?;
            let [fan_in, fan_out] = fans(cx, call)?;
            spread(cx, call, gain * (2.0 / (fan_in + fan_out)).sqrt())
        },
    },
    Entry {
        names: &[
            "torch.nn.init.kaiming_uniform_",
            "torch.nn.init.kaiming_normal_",
        ],
        signature: "tensor, a=0, mode='fan_in', nonlinearity='leaky_relu', generator=None",
        eval: |cx, call| {
            let slope = cx.known_float(call.arg(1), "`a`", call.span)?;
            let [fan_in, fan_out] = fans(cx, call)?;
            let fan = if *call.arg(2) == Value::str("fan_out") {
                fan_out
            } else {
                fan_in
            };
            let gain = gain(&cx.to_str(call.arg(3)), slope);
            spread(cx, call, gain / fan.sqrt())
        },
    },
    Entry {
        names: &["torch.nn.init.orthogonal_"],
        signature: "tensor, gain=1, generator=None",
        eval: |cx, call| {
            if is_own(cx, call)? {
                return Err(unsupported(call.span, "an orthogonal matrix"));
            }
            set(
                cx,
                call,
                First::Normal {
                    mean: 0.0,
                    std: 1.0,
                },
            )
        },
    },
    Entry {
        names: &["torch.nn.init.calculate_gain"],
        signature: "nonlinearity, param=None",
        eval: |cx, call| {
            let slope = call.arg(1).as_float().unwrap_or(0.01);
            Ok(Value::Float(gain(&cx.to_str(call.arg(0)), slope)))
        },
    },
];

/// What torch's `calculate_gain` gives.
fn gain(nonlinearity: &str, slope: f64) -> f64 {
    match nonlinearity {
        "leaky_relu" => (2.0 / (1.0 + slope * slope)).sqrt(),
        "relu" => 2.0_f64.sqrt(),
        "tanh" => 5.0 / 3.0,
        "selu" => 0.75,
        _ => 1.0,
    }
}

/// A distribution around 0 of this deviation: uniform or normal, as the function's name says.
fn spread(cx: &mut Interp<'_, '_>, call: &Call, std: f64) -> Eval<Value> {
    let high = 3.0_f64.sqrt() * std;
    let first = if call.short_name().contains("uniform") {
        First::Uniform { low: -high, high }
    } else {
        First::Normal { mean: 0.0, std }
    };
    set(cx, call, first)
}

fn parameter(cx: &Interp<'_, '_>, call: &Call) -> Eval<ParamId> {
    match call.arg(0) {
        Value::Param(param) if cx.is_constructing() => Ok(*param),
        Value::Param(_) => Err(unsupported(
            call.span,
            "first values that are set while the net runs",
        )),
        _ => Err(unsupported(
            call.span,
            format!("`{}` of a tensor that is no parameter", call.short_name()),
        )),
    }
}

/// Whether the parameter is one that the reply made of a tensor.
fn is_own(cx: &Interp<'_, '_>, call: &Call) -> Eval<bool> {
    let param = parameter(cx, call)?;
    Ok(cx.state.params[param].first.is_some())
}

/// PyTorch's `fan_in` and `fan_out`.
fn fans(cx: &Interp<'_, '_>, call: &Call) -> Eval<[f64; 2]> {
    let param = parameter(cx, call)?;
    let shape = &cx.state.params[param].shape;
    let [outputs, inputs, field @ ..] = shape.as_slice() else {
        let message = format!("`{}` needs two dimensions", call.short_name());
        return Err(stop(Rule::ShapeMismatch, call.span, message).raises("ValueError"));
    };
    let field = field.iter().product::<usize>();
    Ok([(inputs * field) as f64, (outputs * field) as f64])
}

fn set(cx: &mut Interp<'_, '_>, call: &Call, first: First) -> Eval<Value> {
    let param = parameter(cx, call)?;
    let state = &cx.state.params[param];
    let role = state.role;
    if state.first.is_some() {
        let shape: Vec<Dim> = state.shape.iter().copied().map(Dim::from).collect();
        let made = made(cx, call, first, shape)?;
        if let Value::Tensor(cell) = made {
            cx.state.params[param].first = Some(cell);
        }
    } else if role == Role::Norm {
        is_constructors(cx, call, param, first)?;
    } else {
        let message = format!(
            "`{}` is not translated: this layer starts with PyTorch's own first values",
            call.short_name()
        );
        cx.diags.warn(Rule::DroppedStatement, call.span, message);
    }
    Ok(call.arg(0).clone())
}

/// A normalisation layer starts with weight 1 and bias 0, and nothing else can be asked of it here.
fn is_constructors(cx: &Interp<'_, '_>, call: &Call, param: ParamId, first: First) -> Eval<()> {
    let is_bias = cx
        .state
        .modules
        .iter()
        .any(|(_, module)| module.params.get("bias") == Some(&param));
    let own = First::Constant(if is_bias { 0.0 } else { 1.0 });
    if first == own {
        return Ok(());
    }
    Err(unsupported(
        call.span,
        "a normalisation layer that starts with other values than 1 and 0",
    ))
}

fn made(cx: &mut Interp<'_, '_>, call: &Call, first: First, shape: Vec<Dim>) -> Eval<Value> {
    let ty = tensor_type(DType::Float, shape);
    let (normal, scale, shift) = match first {
        First::Constant(value) => {
            return cx.add_op(Op::Full(Scalar::Float(value)), Vec::new(), ty, call.span);
        }
        First::Uniform { low, high } => (false, high - low, low),
        First::Normal { mean, std } => (true, std, mean),
    };
    let drawn = cx.add_op(Op::Random { normal }, Vec::new(), ty, call.span)?;
    let scaled = cx.tensor_binary(Binary::Mul, &drawn, &Value::Float(scale), call.span)?;
    cx.tensor_binary(Binary::Add, &scaled, &Value::Float(shift), call.span)
}

impl Interp<'_, '_> {
    /// Whether it is a parameter that a layer made, whose first values are random: what is written there is lost.
    pub(super) fn is_of_layer(&self, value: &Value) -> bool {
        let Value::Param(id) = value else {
            return false;
        };
        let param = &self.state.params[*id];
        param.first.is_none() && param.role != Role::Norm
    }
}
