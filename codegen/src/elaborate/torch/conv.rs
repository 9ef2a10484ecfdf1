//! Convolutions whose kernel is a tensor like others: `F.conv2d` and `F.conv_transpose2d`.
use super::super::interp::{Eval, Interp, raised, stop, unsupported};
use super::super::tensor::{Operand, shape_text, tensor_type};
use super::super::value::Value;
use super::pool::Window;
use super::{Call, Entry};
use crate::diagnostic::Span;
use crate::ir::{DType, Dim, Op, VarId};
use crate::rules::Rule;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        names: &["torch.nn.functional.conv2d", "torch.conv2d"],
        signature: "input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1",
        eval: conv2d,
    },
    Entry {
        names: &[
            "torch.nn.functional.conv_transpose2d",
            "torch.conv_transpose2d",
        ],
        signature: "input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1",
        eval: conv_transpose2d,
    },
];

fn conv2d(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let span = call.span;
    let (input, weight, [channels_out, channels_in, height, width]) = operands(cx, call)?;
    let stride = cx.pair(call.arg(3), "the stride", span)?;
    let dilation = cx.pair(call.arg(5), "the dilation", span)?;
    let kernel = [height, width];
    let padding = match call.arg(4) {
        Value::Str(mode) => named_padding(mode, kernel, stride, dilation, span)?,
        other => cx.pair(other, "the padding", span)?,
    };
    let groups = cx.positive(call, 6, "groups")?;
    cx.expect_size(&input, 1, channels_in * groups, 4..=4, call)?;
    if channels_out % groups != 0 {
        let message = format!("{channels_out} output channels do not divide into {groups} groups");
        return Err(stop(Rule::ShapeMismatch, span, message).raises("RuntimeError"));
    }
    let mut shape = input.ty.shape.clone();
    let windows = Window::pair(kernel, stride, padding, dilation, false);
    cx.windowed_image(&mut shape, windows, span)?;
    super::apply::set(&mut shape, 1, channels_out);
    let op = Op::Conv2d {
        stride,
        padding,
        dilation,
        groups,
    };
    let args = with_bias(cx, call, vec![input.var, weight.var], channels_out)?;
    cx.add_op(op, args, tensor_type(DType::Float, shape), span)
}

fn conv_transpose2d(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let span = call.span;
    let (input, weight, [channels_in, per_group, height, width]) = operands(cx, call)?;
    let stride = cx.pair(call.arg(3), "the stride", span)?;
    let padding = cx.pair(call.arg(4), "the padding", span)?;
    let output_padding = cx.pair(call.arg(5), "the output padding", span)?;
    let groups = cx.positive(call, 6, "groups")?;
    let dilation = cx.pair(call.arg(7), "the dilation", span)?;
    cx.expect_size(&input, 1, channels_in, 4..=4, call)?;
    let mut shape = input.ty.shape.clone();
    super::apply::set(&mut shape, 1, per_group * groups);
    let kernel = [height, width];
    for (axis, size) in shape.iter_mut().skip(2).enumerate() {
        let at = |pair: [usize; 2]| pair.get(axis).copied().unwrap_or(0);
        let known = size
            .as_constant()
            .and_then(|size| usize::try_from(size).ok());
        let output = known.and_then(|size| {
            let reach = at(dilation) * at(kernel).checked_sub(1)? + 1;
            let whole = size.checked_sub(1)? * at(stride) + reach + at(output_padding);
            whole.checked_sub(2 * at(padding))
        });
        *size = output.map(Dim::from).ok_or_else(|| {
            stop(
                Rule::ShapeMismatch,
                span,
                format!("a transposed convolution of {kernel:?} does not fit its input"),
            )
        })?;
    }
    let op = Op::ConvTranspose2d {
        stride,
        padding,
        output_padding,
        dilation,
        groups,
    };
    let args = with_bias(cx, call, vec![input.var, weight.var], per_group * groups)?;
    cx.add_op(op, args, tensor_type(DType::Float, shape), span)
}

/// Input, kernel, and the kernel's sizes, which must be known.
fn operands(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<(Operand, Operand, [usize; 4])> {
    let input = cx.operand(call.arg(0), "the input", call.span)?;
    cx.expect_rank(&input, 4..=4, call)?;
    let weight = cx.operand(call.arg(1), "the weight", call.span)?;
    let sizes = weight
        .shape()
        .iter()
        .map(|dim| usize::try_from(dim.as_constant()?).ok());
    let sizes: Option<Vec<usize>> = sizes.collect();
    let sizes = sizes.and_then(|sizes| <[usize; 4]>::try_from(sizes).ok());
    let sizes = sizes.ok_or_else(|| {
        let found = shape_text(weight.shape());
        let message = format!("the weight is {found}, and four known sizes are wanted");
        stop(Rule::ShapeMismatch, call.span, message)
    })?;
    Ok((input, weight, sizes))
}

fn with_bias(
    cx: &mut Interp<'_, '_>,
    call: &Call,
    mut args: Vec<VarId>,
    channels: usize,
) -> Eval<Vec<VarId>> {
    if *call.arg(2) == Value::None {
        return Ok(args);
    }
    let bias = cx.operand(call.arg(2), "the bias", call.span)?;
    if bias.shape() != [Dim::from(channels)] {
        let found = shape_text(bias.shape());
        let message = format!("the bias is {found}, and must be `[{channels}]`");
        return Err(stop(Rule::ShapeMismatch, call.span, message).raises("RuntimeError"));
    }
    args.push(bias.var);
    Ok(args)
}

/// `padding='same'` and `'valid'`.
pub(super) fn named_padding(
    mode: &str,
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    span: Span,
) -> Eval<[usize; 2]> {
    let [reach_h, reach_w] = [0, 1].map(|axis| {
        let at = |pair: [usize; 2]| pair.get(axis).copied().unwrap_or(1);
        at(dilation) * at(kernel).saturating_sub(1)
    });
    match mode {
        "valid" => Ok([0, 0]),
        "same" if stride != [1, 1] => Err(raised(
            "ValueError",
            span,
            "`padding='same'` needs a stride of 1",
        )),
        "same" if reach_h % 2 == 0 && reach_w % 2 == 0 => Ok([reach_h / 2, reach_w / 2]),
        "same" => Err(unsupported(span, "`padding='same'` of an even kernel")),
        _ => Err(raised(
            "ValueError",
            span,
            "the padding is neither a number, `'same'` nor `'valid'`",
        )),
    }
}
