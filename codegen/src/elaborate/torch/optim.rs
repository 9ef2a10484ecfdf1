//! Losses, optimizers and gradient clipping: what `train_setup` and `learn` use.
use super::super::interp::{Eval, Event, Interp, stop, unsupported};
use super::super::tensor::{shape_text, tensor_type};
use super::super::value::{Group, Object, Value};
use super::{Call, Entry, signature};
use crate::diagnostic::Span;
use crate::ir::{DType, Dim, Op, ParamId};
use crate::rules::Rule;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        names: &["torch.nn.functional.cross_entropy"],
        signature: "input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean', label_smoothing=0.0",
        eval: cross_entropy,
    },
    Entry {
        names: &["torch.optim.SGD"],
        signature: "params, lr=0.001, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False, *, maximize=False, foreach=None, differentiable=False, fused=None",
        eval: |cx, call| {
            optimizer(
                cx,
                call,
                "SGD",
                &["lr", "momentum", "dampening", "weight_decay", "nesterov"],
            )
        },
    },
    adam(&["torch.optim.Adam"], |cx, call| {
        optimizer(cx, call, "Adam", &["lr", "betas", "eps", "weight_decay"])
    }),
    Entry {
        names: &["torch.optim.AdamW"],
        signature: "params, lr=0.001, betas=None, eps=1e-08, weight_decay=0.01, amsgrad=False, *, maximize=False, foreach=None, capturable=False, differentiable=False, fused=None",
        eval: |cx, call| optimizer(cx, call, "AdamW", &["lr", "betas", "eps", "weight_decay"]),
    },
    Entry {
        names: &["torch.nn.utils.clip_grad_norm_"],
        signature: "parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None",
        eval: clip,
    },
    Entry {
        names: &["Tensor.backward"],
        signature: "input, gradient=None, retain_graph=None, create_graph=False",
        eval: |cx, call| {
            let loss = cx.operand(call.arg(0), "the loss", call.span)?;
            if cx.n_elements(loss.shape(), call.span)? != Dim::constant(1) {
                let message = format!(
                    "`backward` of a tensor {}, and a loss has one element",
                    shape_text(loss.shape())
                );
                return Err(stop(Rule::ShapeMismatch, call.span, message).raises("RuntimeError"));
            }
            let level = cx.level();
            cx.state.events.push(Event::Backward {
                var: loss.var,
                level,
                span: call.span,
            });
            Ok(Value::None)
        },
    },
];

const fn adam(
    names: &'static [&'static str],
    eval: fn(&mut Interp<'_, '_>, &Call) -> Eval<Value>,
) -> Entry {
    Entry {
        names,
        signature: "params, lr=0.001, betas=None, eps=1e-08, weight_decay=0.0, amsgrad=False, *, foreach=None, maximize=False, capturable=False, differentiable=False, fused=None",
        eval,
    }
}

/// Logits `[rows, classes]` and targets `[rows]`; classes of more dimensions are moved to the end first.
fn cross_entropy(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let span = call.span;
    if *call.arg(2) != Value::None {
        return Err(unsupported(span, "class weights"));
    }
    if *call.arg(6) != Value::str("mean") {
        return Err(unsupported(span, "a reduction other than `mean`"));
    }
    let ignore_index = Some(cx.known_int(call.arg(4), "`ignore_index`", span)?);
    let label_smoothing = cx.known_float(call.arg(7), "`label_smoothing`", span)?;
    let (mut logits, mut targets) = (call.arg(0).clone(), call.arg(1).clone());
    let rank = match cx.operand(&logits, "the logits", span) {
        Ok(operand) => operand.rank(),
        Err(stop) if matches!(logits, Value::Tuple(_)) => {
            return Err(stop.help("the net gives several tensors in training: add the criterion of each, as in `self.criterion(outputs[0], labels)`, or build torchvision's Inception with `aux_logits=False`"));
        }
        Err(stop) => return Err(stop),
    };
    if rank > 2 {
        let mut dims: Vec<Value> = (0..rank)
            .filter(|axis| *axis != 1)
            .map(Value::int)
            .collect();
        dims.push(Value::int(1));
        logits = cx.call_method(&logits, "permute", dims, span)?;
        let classes = cx
            .type_of(&logits)
            .and_then(|ty| ty.shape.last().cloned())
            .unwrap_or_default();
        logits = cx.reshape(
            &logits,
            &[Value::Int(Dim::constant(-1)), Value::Int(classes)],
            span,
        )?;
        targets = cx.reshape(&targets, &[Value::Int(Dim::constant(-1))], span)?;
    }
    let logits = cx.operand(&logits, "the logits", span)?;
    let targets = cx.operand(&targets, "the targets", span)?;
    let fits = logits.rank() == 2
        && targets.rank() == 1
        && logits.shape().first() == targets.shape().first();
    if !fits || targets.ty.dtype != DType::Int {
        let (a, b) = (shape_text(logits.shape()), shape_text(targets.shape()));
        let message = format!(
            "logits {a} and targets {b} do not fit: `[rows, classes]` and int `[rows]` are wanted"
        );
        return Err(stop(Rule::ShapeMismatch, span, message).raises("ValueError"));
    }
    let op = Op::CrossEntropy {
        ignore_index,
        label_smoothing,
    };
    cx.add_op(
        op,
        vec![logits.var, targets.var],
        tensor_type(DType::Float, vec![Dim::constant(1)]),
        span,
    )
}

/// The numbers of an optimizer, as torch would use them.
fn optimizer(
    cx: &mut Interp<'_, '_>,
    call: &Call,
    class: &'static str,
    names: &[&'static str],
) -> Eval<Value> {
    for forbidden in ["amsgrad", "maximize"] {
        if named(call, forbidden).is_some_and(|value| cx.truth(value) == Some(true)) {
            return Err(unsupported(call.span, format!("`{forbidden}`")));
        }
    }
    let mut defaults = Vec::new();
    for name in names {
        let value = named(call, name).cloned().unwrap_or(Value::None);
        numbers(cx, name, &value, &mut defaults, call.span)?;
    }
    let groups = groups(cx, call.arg(0), &defaults, names, call.span)?;
    Ok(cx.object(Object::Optimizer { class, groups }))
}

/// The argument of a name in the signature that the call was bound to.
fn named<'c>(call: &'c Call, name: &str) -> Option<&'c Value> {
    let entry = super::table().get(call.name.as_str())?;
    let position = signature::parse(entry.signature)?
        .iter()
        .position(|param| param.name == name)?;
    call.args.get(position)
}

/// One argument as numbers: `betas` are two.
fn numbers(
    cx: &mut Interp<'_, '_>,
    name: &'static str,
    value: &Value,
    out: &mut Vec<(&'static str, f64)>,
    span: Span,
) -> Eval<()> {
    if name != "betas" {
        out.push((name, cx.known_float(value, &format!("`{name}`"), span)?));
        return Ok(());
    }
    let (first, second) = match (value, cx.items(value).as_deref()) {
        (Value::None, _) => (0.9, 0.999),
        (_, Some([first, second])) => (
            cx.known_float(first, "beta 1", span)?,
            cx.known_float(second, "beta 2", span)?,
        ),
        _ => {
            return Err(stop(
                Rule::WrongArgument,
                span,
                "`betas` is a pair of numbers",
            ));
        }
    };
    out.push(("beta1", first));
    out.push(("beta2", second));
    Ok(())
}

/// The parameter groups: of all parameters, or of dicts with numbers of their own.
fn groups(
    cx: &mut Interp<'_, '_>,
    params: &Value,
    defaults: &[(&'static str, f64)],
    names: &[&'static str],
    span: Span,
) -> Eval<Vec<Group>> {
    let items = cx.iterate(params, span)?;
    if !items.iter().any(|item| matches!(item, Value::Dict(_))) {
        return Ok(vec![Group {
            params: Some(only_params(cx, &items, span)?),
            numbers: defaults.to_vec(),
        }]);
    }
    let mut groups = Vec::new();
    for item in items {
        let Value::Dict(id) = item else {
            return Err(unsupported(span, "parameters beside parameter groups"));
        };
        let mut own = defaults.to_vec();
        let mut members = Vec::new();
        for (key, value) in cx.pairs(id) {
            let key = cx.to_str(&key);
            if key == "params" {
                let listed = cx.iterate(&value, span)?;
                members = only_params(cx, &listed, span)?;
            } else if let Some(name) = names.iter().find(|name| **name == key) {
                let mut given = Vec::new();
                numbers(cx, name, &value, &mut given, span)?;
                own.retain(|(name, _)| !given.iter().any(|(new, _)| new == name));
                own.extend(given);
            }
        }
        groups.push(Group {
            params: Some(members),
            numbers: own,
        });
    }
    Ok(groups)
}

fn only_params(cx: &Interp<'_, '_>, items: &[Value], span: Span) -> Eval<Vec<ParamId>> {
    let params: Option<Vec<ParamId>> = items
        .iter()
        .map(|item| {
            if let Value::Param(id) = item {
                Some(*id)
            } else {
                None
            }
        })
        .collect();
    let params =
        params.ok_or_else(|| stop(Rule::WrongArgument, span, "an optimizer takes parameters"))?;
    if params.is_empty() {
        return Err(stop(
            Rule::WrongArgument,
            span,
            "the optimizer gets an empty list of parameters",
        )
        .raises("ValueError"));
    }
    Ok(params
        .into_iter()
        .filter(|id| cx.state.params[*id].trainable)
        .collect())
}

fn clip(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    if cx
        .known_float(call.arg(2), "the norm", call.span)?
        .to_bits()
        != 2.0_f64.to_bits()
    {
        return Err(unsupported(
            call.span,
            "clipping by a norm other than the second",
        ));
    }
    let limit = cx.known_float(call.arg(1), "the limit", call.span)?;
    cx.state.events.push(Event::Clip {
        limit,
        span: call.span,
    });
    Ok(Value::Unknown)
}
