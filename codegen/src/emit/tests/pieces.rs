//! What the nets of the goldens have in common.
use super::build::{Fun, Net, batch, float, int, length, number};
use crate::ir::{Dim, FunctionId, Layer, ModuleId, Op, Scalar, SliceRange, Sym, Tree};

pub(super) const NET: ModuleId = ModuleId(0);

pub(super) fn conv(channels_in: usize, channels_out: usize, kernel: usize, stride: usize) -> Layer {
    Layer::Conv2d {
        channels_in,
        channels_out,
        kernel: [kernel; 2],
        stride: [stride; 2],
        padding: [kernel / 2; 2],
        dilation: [1; 2],
        groups: 1,
        bias: true,
    }
}

pub(super) fn norm(n_features: usize) -> Layer {
    Layer::BatchNorm {
        n_features,
        epsilon: 1e-5,
        momentum: 0.1,
        affine: true,
    }
}

pub(super) fn linear(d_input: usize, d_output: usize, bias: bool) -> Layer {
    Layer::Linear {
        d_input,
        d_output,
        bias,
    }
}

pub(super) fn map(channels: i64, side: i64) -> crate::ir::TensorType {
    float(&[batch(), number(channels), number(side), number(side)])
}

pub(super) fn integer(value: i64) -> Scalar {
    Scalar::Int(number(value))
}

pub(super) fn less(dim: &Dim, value: i64) -> Dim {
    dim.sub(&number(value)).unwrap()
}

/// `captions[:, :-1]` or `captions[:, 1:]`
pub(super) fn tokens(
    fun: &mut Fun,
    name: &str,
    captions: crate::ir::VarId,
    shift: i64,
) -> crate::ir::VarId {
    let range = SliceRange {
        start: number(shift),
        end: Some(less(&length(), 1 - shift)),
        step: 1,
    };
    let range = if shift > 0 {
        SliceRange { end: None, ..range }
    } else {
        range
    };
    let op = Op::Slice(vec![SliceRange::full(), range]);
    fun.op(name, op, &[captions], int(&[batch(), less(&length(), 1)]))
}

/// `loss(images, captions)` with the first caption of each image.
pub(super) fn loss(net: &mut Net, forward: FunctionId) -> FunctionId {
    let mut fun = Fun::new("learn", Some(NET), NET);
    let images = fun.param("images", map(3, 64));
    let captions = fun.param(
        "captions",
        int(&[batch(), Dim::symbol(Sym::Captions), length()]),
    );
    let first = Op::Select {
        axis: 1,
        index: number(0),
    };
    let captions = fun.op("caps", first, &[captions], int(&[batch(), length()]));
    let logits = fun.tensor("logits", float(&[batch(), less(&length(), 1), number(60)]));
    fun.call(
        forward,
        Some(NET),
        vec![Tree::Var(images), Tree::Var(captions)],
        vec![],
        Tree::Var(logits),
    );
    let targets = tokens(&mut fun, "", captions, 1);
    let rows = batch().mul(&less(&length(), 1)).unwrap();
    let logits = fun.op(
        "",
        Op::Reshape,
        &[logits],
        float(&[rows.clone(), number(60)]),
    );
    let targets = fun.op("", Op::Reshape, &[targets], int(&[rows]));
    let op = Op::CrossEntropy {
        ignore_index: Some(0),
        label_smoothing: 0.1,
    };
    let loss = fun.op("loss", op, &[logits, targets], float(&[number(1)]));
    net.function(fun.returns(Tree::Var(loss)))
}
