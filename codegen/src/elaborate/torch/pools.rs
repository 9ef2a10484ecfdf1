//! Pools applied as functions: the layers of the same name without a field.
use super::super::interp::{Eval, Interp, unsupported};
use super::super::tensor::tensor_type;
use super::super::value::Value;
use super::{Call, Entry};
use crate::ir::{DType, Layer, Op};

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        names: &["torch.nn.functional.max_pool2d", "torch.max_pool2d"],
        signature: "input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False",
        eval: |cx, call| {
            if cx.decide(call.arg(6), call.span)? {
                return Err(unsupported(call.span, "the indices of a pool"));
            }
            let kernel = cx.pair(call.arg(1), "the kernel", call.span)?;
            let layer = Layer::MaxPool2d {
                kernel,
                stride: cx.stride_or(call.arg(2), kernel, call.span)?,
                padding: cx.pair(call.arg(3), "the padding", call.span)?,
                dilation: cx.pair(call.arg(4), "the dilation", call.span)?,
                ceil_mode: cx.decide(call.arg(5), call.span)?,
            };
            pool(cx, call, layer)
        },
    },
    Entry {
        names: &["torch.nn.functional.avg_pool2d"],
        signature: "input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None",
        eval: |cx, call| {
            let kernel = cx.pair(call.arg(1), "the kernel", call.span)?;
            let layer = Layer::AvgPool2d {
                kernel,
                stride: cx.stride_or(call.arg(2), kernel, call.span)?,
                padding: cx.pair(call.arg(3), "the padding", call.span)?,
                ceil_mode: cx.decide(call.arg(4), call.span)?,
                count_include_pad: cx.decide(call.arg(5), call.span)?,
            };
            pool(cx, call, layer)
        },
    },
    Entry {
        names: &["torch.nn.functional.adaptive_avg_pool2d"],
        signature: "input, output_size",
        eval: |cx, call| {
            let output = cx.pair(call.arg(1), "the output size", call.span)?;
            pool(cx, call, Layer::AdaptiveAvgPool2d { output })
        },
    },
    Entry {
        names: &["torch.nn.functional.adaptive_max_pool2d"],
        signature: "input, output_size, return_indices=False",
        eval: |cx, call| {
            let output = cx.pair(call.arg(1), "the output size", call.span)?;
            pool(cx, call, Layer::AdaptiveMaxPool2d { output })
        },
    },
];

fn pool(cx: &mut Interp<'_, '_>, call: &Call, layer: Layer) -> Eval<Value> {
    let input = cx.operand(call.arg(0), "the input", call.span)?;
    let shape = cx.output_shape(&layer, &input, call)?;
    let ty = tensor_type(DType::Float, shape);
    cx.add_op(Op::Pool(Box::new(layer)), vec![input.var], ty, call.span)
}
