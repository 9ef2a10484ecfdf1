//! `torch.nn.init`: first values of parameters.
//!
//! A parameter of the reply's own is computed by operations in its constructor where these can. Else, and for a layer's
//! tensors, the Program says what it starts as.
use super::super::interp::{Eval, Interp, raised, stop, unsupported};
use super::super::tensor::tensor_type;
use super::super::value::{Object, Value};
use super::{Call, Entry};
use crate::diagnostic::Span;
use crate::ir::{Binary, DType, Dim, Op, ParamId, Scalar, Start};
use crate::rules::Rule;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        names: &["torch.nn.init.zeros_"],
        signature: "tensor",
        eval: |cx, call| set(cx, call, Start::Constant(0.0)),
    },
    Entry {
        names: &["torch.nn.init.ones_"],
        signature: "tensor",
        eval: |cx, call| set(cx, call, Start::Constant(1.0)),
    },
    Entry {
        names: &["torch.nn.init.constant_"],
        signature: "tensor, val",
        eval: |cx, call| {
            let value = cx.known_float(call.arg(1), "the value", call.span)?;
            set(cx, call, Start::Constant(value))
        },
    },
    Entry {
        names: &["torch.nn.init.uniform_"],
        signature: "tensor, a=0.0, b=1.0, generator=None",
        eval: |cx, call| {
            let low = cx.known_float(call.arg(1), "the lower bound", call.span)?;
            let high = cx.known_float(call.arg(2), "the upper bound", call.span)?;
            set(cx, call, Start::Uniform { low, high })
        },
    },
    Entry {
        names: &["torch.nn.init.normal_"],
        signature: "tensor, mean=0.0, std=1.0, generator=None",
        eval: |cx, call| {
            let mean = cx.known_float(call.arg(1), "the mean", call.span)?;
            let std = cx.known_float(call.arg(2), "the deviation", call.span)?;
            set(cx, call, Start::Normal { mean, std })
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
            let start = truncated(call, [mean, std], [low, high])?;
            set(cx, call, start)
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
            fans(cx, call)?;
            let gain = cx.known_float(call.arg(1), "the gain", call.span)?;
            set(cx, call, Start::Orthogonal { gain })
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
        Start::Uniform { low: -high, high }
    } else {
        Start::Normal { mean: 0.0, std }
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
        Value::Tensor(_) => Err(unsupported(
            call.span,
            format!("`{}` of a tensor that is no parameter", call.short_name()),
        )),
        other => {
            let found = cx.describe(other);
            let message = format!("`{}` fills a tensor, found {found}", call.short_name());
            Err(raised("AttributeError", call.span, message))
        }
    }
}

/// A normal distribution that is cut where that is to be seen.
fn truncated(call: &Call, [mean, std]: [f64; 2], [low, high]: [f64; 2]) -> Eval<Start> {
    if mean - low >= 6.0 * std && high - mean >= 6.0 * std {
        return Ok(Start::Normal { mean, std });
    }
    // Numbers outside are drawn again, so that some must lie inside.
    if low <= mean && mean <= high && high - low >= std {
        return Ok(Start::TruncatedNormal {
            mean,
            std,
            low,
            high,
        });
    }
    Err(unsupported(
        call.span,
        "a normal distribution that is cut to less than its middle",
    ))
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

fn set(cx: &mut Interp<'_, '_>, call: &Call, start: Start) -> Eval<Value> {
    if let Value::Object(id) = call.arg(0)
        && let rows @ Object::Rows { .. } = &cx.state.objects[*id].clone()
    {
        let value = match start {
            Start::Constant(value) => Some(value),
            _ => None,
        };
        cx.start_rows(rows, value, call.span);
        return Ok(call.arg(0).clone());
    }
    let param = parameter(cx, call)?;
    cx.start(param, start, call.span)?;
    Ok(call.arg(0).clone())
}

impl Interp<'_, '_> {
    /// What a parameter starts as: a layer's is noted, one of the reply's own is computed where operations can.
    fn start(&mut self, param: ParamId, start: Start, span: Span) -> Eval<()> {
        let state = &mut self.state.params[param];
        let is_drawn_late = matches!(
            start,
            Start::TruncatedNormal { .. } | Start::Orthogonal { .. }
        );
        if state.first.is_none() || is_drawn_late {
            let is_own = state.layers_own.is_some_and(|own| own.is_like(start));
            state.start = (!is_own).then_some(start);
            state.start_rows = None;
            return Ok(());
        }
        state.start = None;
        state.start_rows = None;
        let shape: Vec<Dim> = state.shape.iter().copied().map(Dim::from).collect();
        if let Value::Tensor(cell) = self.started(start, shape, span)? {
            self.state.params[param].first = Some(cell);
        }
        Ok(())
    }

    fn started(&mut self, start: Start, shape: Vec<Dim>, span: Span) -> Eval<Value> {
        let ty = tensor_type(DType::Float, shape);
        let (normal, scale, shift) = match start {
            Start::Uniform { low, high } => (false, high - low, low),
            Start::Normal { mean, std } => (true, std, mean),
            Start::Constant(value) => {
                return self.add_op(Op::Full(Scalar::Float(value)), Vec::new(), ty, span);
            }
            Start::TruncatedNormal { .. } | Start::Orthogonal { .. } => {
                return Err(unsupported(span, "these first values"));
            }
        };
        let drawn = self.add_op(Op::Random { normal }, Vec::new(), ty, span)?;
        let scaled = self.tensor_binary(Binary::Mul, &drawn, &Value::Float(scale), span)?;
        self.tensor_binary(Binary::Add, &scaled, &Value::Float(shift), span)
    }

    /// Whether it is a tensor that a layer made.
    pub(in crate::elaborate) fn is_of_layer(&self, value: &Value) -> bool {
        matches!(value, Value::Param(id) if self.state.params[*id].first.is_none() || self.state.params[*id].start.is_some())
    }

    /// `layer.weight.data.normal_(0, 0.02)` and its like; what else is written there is lost, and said to be.
    pub(super) fn write_layers_own(
        &mut self,
        tensor: &Value,
        method: &str,
        call: &Call,
    ) -> Eval<()> {
        let start = match method {
            "zero_" => Some(Start::Constant(0.0)),
            "fill_" => Some(Start::Constant(self.known_float(
                call.arg(1),
                "the value",
                call.span,
            )?)),
            "normal_" => Some(Start::Normal {
                mean: self.known_float(call.arg(1), "the mean", call.span)?,
                std: self.known_float(call.arg(2), "the deviation", call.span)?,
            }),
            "uniform_" => Some(Start::Uniform {
                low: self.known_float(call.arg(1), "the lower bound", call.span)?,
                high: self.known_float(call.arg(2), "the upper bound", call.span)?,
            }),
            _ => None,
        };
        if let (Value::Param(param), Some(start)) = (tensor, start) {
            return self.start(*param, start, call.span);
        }
        let message = format!(
            "`{method}` of a layer's tensor is not translated: the layer starts as if this line were not there"
        );
        self.diags.warn(Rule::DroppedStatement, call.span, message);
        Ok(())
    }
}
