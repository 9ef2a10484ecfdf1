//! Pictures resized: `interpolate`, which `nn.Upsample` applies.
use super::super::interp::{Eval, Interp, raised, stop, unsupported};
use super::super::tensor::{Operand, tensor_type};
use super::super::value::Value;
use super::{Call, Entry};
use crate::diagnostic::Span;
use crate::ir::{DType, Dim, Layer, Op, Resampling};
use crate::rules::Rule;

/// Sides of a resized picture.
const MAX_SIDE: f64 = 65_536.0;

pub(super) const ENTRIES: &[Entry] = &[Entry {
    names: &[
        "torch.nn.functional.interpolate",
        "torch.nn.functional.upsample",
    ],
    signature: "input, size=None, scale_factor=None, mode='nearest', align_corners=None, recompute_scale_factor=None, antialias=False",
    eval: interpolate,
}];

fn interpolate(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let span = call.span;
    let input = cx.operand(call.arg(0), "the input", span)?;
    cx.expect_rank(&input, 4..=4, call)?;
    if cx.decide(call.arg(6), span)? {
        return Err(unsupported(span, "`antialias=True`"));
    }
    let align_corners = cx.decide(call.arg(4), span)?;
    let output = output_size(cx, &input, call)?;
    let mode = match call.arg(3) {
        Value::Str(mode) => mode.clone(),
        _ => return Err(raised("ValueError", span, "`mode` must be a string")),
    };
    let op = match &*mode {
        "nearest" if *call.arg(4) != Value::None => {
            let message = "`align_corners` goes with `bilinear`, and `mode` is `nearest`";
            return Err(raised("ValueError", span, message));
        }
        "nearest" => Op::Resize {
            resampling: Resampling::Nearest,
            align_corners,
        },
        "bilinear" => Op::Resize {
            resampling: Resampling::Bilinear,
            align_corners,
        },
        "area" => Op::Pool(Box::new(Layer::AdaptiveAvgPool2d { output })),
        other => return Err(unsupported(span, format!("the mode `{other}`"))),
    };
    let mut shape = input.ty.shape;
    for (slot, side) in shape.iter_mut().skip(2).zip(output) {
        *slot = Dim::from(side);
    }
    cx.add_op(op, vec![input.var], tensor_type(DType::Float, shape), span)
}

/// Height and width: given, or the input's by a factor.
fn output_size(cx: &mut Interp<'_, '_>, input: &Operand, call: &Call) -> Eval<[usize; 2]> {
    let span = call.span;
    let sides = match (call.arg(1), call.arg(2)) {
        (Value::None, Value::None) => {
            let message = "either `size` or `scale_factor` must be given";
            return Err(raised("ValueError", span, message));
        }
        (size, Value::None) => cx.pair(size, "the size", span)?,
        (Value::None, factor) => scaled(cx, input, factor, call)?,
        _ => {
            let message = "only one of `size` and `scale_factor` may be given";
            return Err(raised("ValueError", span, message));
        }
    };
    if sides.contains(&0) {
        let message = "a picture cannot be resized to a side of 0";
        return Err(stop(Rule::ShapeMismatch, span, message).raises("RuntimeError"));
    }
    Ok(sides)
}

/// The sides times the factor of each; PyTorch reads the picture by the factor itself, so that both must agree.
fn scaled(
    cx: &mut Interp<'_, '_>,
    input: &Operand,
    factor: &Value,
    call: &Call,
) -> Eval<[usize; 2]> {
    let factors = cx
        .items(factor)
        .unwrap_or_else(|| vec![factor.clone(), factor.clone()]);
    let [first, second] = factors.as_slice() else {
        let message = "`scale_factor` is a number or a pair of numbers";
        return Err(raised("ValueError", call.span, message));
    };
    let mut sides = [0; 2];
    for ((side, factor), size) in sides
        .iter_mut()
        .zip([first, second])
        .zip(input.shape().iter().skip(2))
    {
        let factor = cx.known_float(factor, "the factor", call.span)?;
        let size = cx.known_size(&Value::Int(size.clone()), "the side", call.span)?;
        *side = scaled_side(size, factor, call.span)?;
    }
    Ok(sides)
}

fn scaled_side(size: usize, factor: f64, span: Span) -> Eval<usize> {
    let scaled = size as f64 * factor;
    if !(0.0..MAX_SIDE).contains(&scaled) {
        let message = format!("a side of {size} times {factor}");
        return Err(stop(Rule::LimitExceeded, span, message));
    }
    if scaled.fract() != 0.0 {
        let message = format!("a side of {size} times {factor}, which is not whole,");
        return Err(unsupported(span, message).help("name the new sides with `size=`"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and between 0 and 65,536"
    )]
    Ok(scaled as usize)
}
