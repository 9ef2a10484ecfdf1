//! A net whose one method applies every operation.
use super::build::{Fun, Net, batch, boolean, float, int, length, number};
use crate::ir::{
    Binary, DType, Dim, Layer, ModuleId, Op, Program, Reduction, Scalar, SliceRange, TensorType,
    Tree, Unary, VarId,
};

const NET: ModuleId = ModuleId(0);

/// The function in the making and the sum of all results.
struct Sum {
    fun: Fun,
    total: VarId,
}

fn cube() -> TensorType {
    float(&[batch(), number(4), length()])
}

impl Sum {
    fn full(&mut self, ty: &TensorType) -> VarId {
        let value = if ty.dtype == DType::Float {
            Scalar::Float(0.5)
        } else {
            Scalar::Int(number(1))
        };
        self.fun.op("", Op::Full(value), &[], ty.clone())
    }

    /// Applies an operation to constant tensors and adds the mean of what it gives.
    fn add(&mut self, op: Op, args: &[&TensorType], out: &TensorType) {
        let args: Vec<VarId> = args.iter().map(|ty| self.full(ty)).collect();
        let result = self.fun.op("y", op, &args, out.clone());
        let result = if out.dtype == DType::Float {
            result
        } else {
            let shape = TensorType {
                dtype: DType::Float,
                shape: out.shape.clone(),
            };
            self.fun.op("", Op::Cast(DType::Float), &[result], shape)
        };
        let axes = (0..out.shape.len()).collect();
        let mean = Op::Reduce {
            reduction: Reduction::Mean,
            axes,
            keepdim: false,
        };
        let mean = self.fun.op("", mean, &[result], float(&[number(1)]));
        self.total = self.fun.op(
            "total",
            Op::Binary(Binary::Add),
            &[self.total, mean],
            float(&[number(1)]),
        );
    }

    fn unary(&mut self) {
        use Unary::{
            Abs, Cos, Exp, Gelu, GeluTanh, Hardsigmoid, Hardswish, Log, Mish, Neg, Relu, Relu6,
            RootOfSquares, Rsqrt, Sigmoid, Silu, Sin, Softplus, Sqrt, Square, Tanh,
        };
        let all = [
            Relu,
            Relu6,
            Sigmoid,
            Tanh,
            Gelu,
            GeluTanh,
            Silu,
            Mish,
            Softplus,
            Hardsigmoid,
            Hardswish,
            Exp,
            Log,
            Sqrt,
            RootOfSquares,
            Rsqrt,
            Square,
            Abs,
            Neg,
            Sin,
            Cos,
        ];
        for unary in all {
            self.add(Op::Unary(unary), &[&cube()], &cube());
        }
        let mask = boolean(&[batch()]);
        self.add(Op::Unary(Unary::Not), &[&mask], &mask);
    }

    fn binary(&mut self) {
        use Binary::{
            Add, Div, Equal, Greater, GreaterEqual, Less, LessEqual, Maximum, Minimum, Mul,
            NotEqual, Pow, Sub,
        };
        let numbers = int(&[batch(), number(4)]);
        let row = float(std::slice::from_ref(&length()));
        for binary in [
            Add,
            Sub,
            Mul,
            Div,
            Pow,
            Maximum,
            Minimum,
            Equal,
            NotEqual,
            Less,
            LessEqual,
            Greater,
            GreaterEqual,
        ] {
            let of = |ty: &TensorType| {
                if binary.is_comparison() {
                    boolean(&ty.shape)
                } else {
                    ty.clone()
                }
            };
            self.add(Op::Binary(binary), &[&cube(), &row], &of(&cube()));
            self.add(
                Op::BinaryScalar(binary, Scalar::Float(2.5)),
                &[&cube()],
                &of(&cube()),
            );
            self.add(
                Op::ScalarBinary(Scalar::Int(length()), binary),
                &[&cube()],
                &of(&cube()),
            );
            self.add(
                Op::BinaryScalar(binary, Scalar::Int(number(2))),
                &[&numbers],
                &of(&numbers),
            );
            if binary != Div && binary != Pow {
                self.add(
                    Op::ScalarBinary(Scalar::Int(number(-3)), binary),
                    &[&numbers],
                    &of(&numbers),
                );
            }
        }
        let (square, mask) = (boolean(&[number(2), number(2)]), boolean(&[number(2)]));
        self.add(Op::Binary(Binary::And), &[&square, &mask], &square);
        self.add(Op::Binary(Binary::Or), &[&mask, &square], &square);
    }

    fn products(&mut self) {
        let of = |dims: &[i64]| float(&dims.iter().map(|dim| number(*dim)).collect::<Vec<_>>());
        self.add(Op::MatMul, &[&of(&[2, 3]), &of(&[3, 4])], &of(&[2, 4]));
        self.add(
            Op::MatMul,
            &[&of(&[5, 2, 3]), &of(&[3, 4])],
            &of(&[5, 2, 4]),
        );
        self.add(Op::MatMul, &[&of(&[3]), &of(&[5, 3, 4])], &of(&[5, 4]));
        self.add(Op::MatMul, &[&of(&[5, 2, 3]), &of(&[3])], &of(&[5, 2]));
        self.add(Op::MatMul, &[&of(&[2, 3]), &of(&[3])], &of(&[2]));
        self.add(Op::MatMul, &[&of(&[3]), &of(&[3])], &of(&[1]));
    }

    fn shapes(&mut self) {
        let flat = float(&[batch().mul(&number(4)).unwrap(), length()]);
        self.add(Op::Reshape, &[&cube()], &flat);
        self.add(
            Op::Permute(vec![0, 2, 1]),
            &[&cube()],
            &float(&[batch(), length(), number(4)]),
        );
        self.add(
            Op::Permute(vec![2, 0, 1]),
            &[&cube()],
            &float(&[length(), batch(), number(4)]),
        );
        let wide = float(&[batch(), number(1), number(4), length()]);
        self.add(Op::Unsqueeze(1), &[&cube()], &wide);
        self.add(Op::Squeeze(1), &[&wide], &cube());
        self.add(Op::Expand, &[&float(&[number(4), number(1)])], &cube());
        self.add(
            Op::Repeat(vec![number(1), number(4), number(1)]),
            &[&float(&[batch(), number(1), length()])],
            &cube(),
        );
        self.add(
            Op::Repeat(vec![batch(), number(4), number(1)]),
            &[&float(std::slice::from_ref(&length()))],
            &cube(),
        );
        let part = |start: i64, end: i64, step: usize| SliceRange {
            start: number(start),
            end: Some(number(end)),
            step,
        };
        let less = length().sub(&number(1)).unwrap();
        let last = SliceRange {
            start: less.clone(),
            end: Some(length()),
            step: 1,
        };
        let ranges = vec![SliceRange::full(), part(0, 3, 2), last];
        let piece = float(&[batch(), number(2), number(1)]);
        self.add(Op::Slice(ranges.clone()), &[&cube()], &piece);
        self.add(Op::SliceAssign(ranges), &[&cube(), &piece], &cube());
        self.add(
            Op::Select {
                axis: 2,
                index: less.clone(),
            },
            &[&cube()],
            &float(&[batch(), number(4)]),
        );
        self.add(
            Op::Select {
                axis: 0,
                index: less,
            },
            &[&float(std::slice::from_ref(&length()))],
            &float(&[number(1)]),
        );
        self.add(
            Op::Cat(2),
            &[&cube(), &cube()],
            &float(&[batch(), number(4), length().mul(&number(2)).unwrap()]),
        );
        self.add(
            Op::Stack(0),
            &[&cube(), &cube()],
            &float(&[number(2), batch(), number(4), length()]),
        );
    }

    fn reductions(&mut self) {
        for reduction in [
            Reduction::Mean,
            Reduction::Sum,
            Reduction::Max,
            Reduction::Min,
            Reduction::Amax,
            Reduction::Amin,
        ] {
            let of = |axes: &[usize], keepdim| Op::Reduce {
                reduction,
                axes: axes.to_vec(),
                keepdim,
            };
            self.add(of(&[0, 1, 2], false), &[&cube()], &float(&[number(1)]));
            self.add(of(&[1], false), &[&cube()], &float(&[batch(), length()]));
            self.add(
                of(&[1], true),
                &[&cube()],
                &float(&[batch(), number(1), length()]),
            );
            self.add(of(&[1, 2], false), &[&cube()], &float(&[batch()]));
            self.add(
                of(&[1, 2], true),
                &[&cube()],
                &float(&[batch(), number(1), number(1)]),
            );
        }
        self.add(Op::Softmax(1), &[&cube()], &cube());
        self.add(Op::LogSoftmax(2), &[&cube()], &cube());
        self.add(
            Op::Argmax {
                axis: 1,
                keepdim: false,
            },
            &[&cube()],
            &int(&[batch(), length()]),
        );
        self.add(
            Op::Argmax {
                axis: 1,
                keepdim: true,
            },
            &[&cube()],
            &int(&[batch(), number(1), length()]),
        );
        self.add(
            Op::Argmax {
                axis: 0,
                keepdim: false,
            },
            &[&float(&[batch()])],
            &int(&[number(1)]),
        );
        self.add(
            Op::All,
            &[&boolean(&[batch(), length()])],
            &boolean(&[number(1)]),
        );
        self.add(
            Op::Any,
            &[&boolean(&[batch(), length()])],
            &boolean(&[number(1)]),
        );
    }

    fn rest(&mut self) {
        let square = [length(), length()];
        self.add(
            Op::IndexSelect(1),
            &[&cube(), &int(&[number(7)])],
            &float(&[batch(), number(7), length()]),
        );
        self.add(Op::Gather(1), &[&cube(), &int(&cube().shape)], &cube());
        let mask = boolean(&square);
        self.add(
            Op::MaskedFill(Scalar::Float(f64::NEG_INFINITY)),
            &[&float(&square), &mask],
            &float(&square),
        );
        let row = boolean(&[number(1), length()]);
        self.add(
            Op::Where,
            &[&row, &float(&square), &float(&[number(1)])],
            &float(&square),
        );
        for (upper, dtype) in [(true, DType::Float), (false, DType::Bool)] {
            let ty = TensorType {
                dtype,
                shape: square.to_vec(),
            };
            self.add(Op::Triangle { upper, diagonal: 1 }, &[&ty], &ty);
        }
        self.add(Op::Cast(DType::Bool), &[&cube()], &boolean(&cube().shape));
        self.add(Op::Cast(DType::Int), &[&cube()], &int(&cube().shape));
        self.add(Op::Cast(DType::Int), &[&boolean(&square)], &int(&square));
        self.add(Op::Dropout(0.1), &[&cube()], &cube());
        self.add(Op::Dropout(0.3), &[&cube()], &cube());
        let loss = Op::CrossEntropy {
            ignore_index: None,
            label_smoothing: 0.0,
        };
        self.add(
            loss,
            &[&float(&[batch(), number(9)]), &int(&[batch()])],
            &float(&[number(1)]),
        );
        self.add(Op::Detach, &[&cube()], &cube());
    }

    fn creation(&mut self) {
        let row = |n: i64| float(&[number(n)]);
        let arange = |start: Scalar, step: Scalar| Op::Arange { start, step };
        let whole = |value: i64| Scalar::Int(number(value));
        self.add(
            arange(whole(0), whole(1)),
            &[],
            &int(std::slice::from_ref(&length())),
        );
        self.add(arange(whole(0), whole(2)), &[], &row(8));
        self.add(
            arange(Scalar::Float(0.5), Scalar::Float(0.25)),
            &[],
            &row(8),
        );
        self.add(arange(whole(5), whole(-1)), &[], &int(&[number(5)]));
        for value in [0, 1, 7] {
            self.add(Op::Full(whole(value)), &[], &int(&[batch()]));
        }
        self.add(Op::Full(Scalar::Float(-1e9)), &[], &cube());
        self.add(Op::Full(Scalar::Int(length())), &[], &row(1));
        self.add(Op::Full(whole(1)), &[], &boolean(&[number(2), number(2)]));
    }
}

/// A net that is one method of everything, and a plain decoder.
pub(super) fn operations() -> Program {
    let mut net = Net::new();
    let embed = net.layer(
        NET,
        "embed",
        Layer::Embedding {
            n_embedding: 60,
            d_model: 60,
            padding_idx: None,
        },
    );
    let [channels, height, width] = [3, 64, 64].map(number);
    let mut fun = Fun::new("everything", Some(NET), NET);
    fun.param(
        "images",
        float(&[batch(), channels.clone(), height.clone(), width.clone()]),
    );
    let captions = fun.param("captions", int(&[batch(), length()]));
    let total = fun.op(
        "total",
        Op::Full(Scalar::Float(0.0)),
        &[],
        float(&[number(1)]),
    );
    let mut sum = Sum { fun, total };
    sum.unary();
    sum.binary();
    sum.products();
    sum.shapes();
    sum.reductions();
    sum.rest();
    sum.creation();
    let Sum { mut fun, total } = sum;
    let scores = float(&[batch(), length(), number(60)]);
    let logits = fun.apply("", embed, captions, scores.clone());
    let logits = fun.op(
        "",
        Op::Binary(Binary::Add),
        &[logits, total],
        scores.clone(),
    );
    let everything = net.function(fun.returns(Tree::Var(logits)));

    let mut fun = Fun::new("learn", Some(NET), NET);
    let images = fun.param("images", float(&[batch(), channels, height, width]));
    let captions = fun.param(
        "captions",
        int(&[batch(), Dim::symbol(crate::ir::Sym::Captions), length()]),
    );
    let captions = fun.op(
        "",
        Op::Select {
            axis: 1,
            index: number(0),
        },
        &[captions],
        int(&[batch(), length()]),
    );
    let logits = fun.tensor("logits", scores);
    fun.call(
        everything,
        Some(NET),
        vec![Tree::Var(images), Tree::Var(captions)],
        vec![],
        Tree::Var(logits),
    );
    let mean = Op::Reduce {
        reduction: Reduction::Mean,
        axes: vec![0, 1, 2],
        keepdim: false,
    };
    let loss = fun.op("", mean, &[logits], float(&[number(1)]));
    let loss = net.function(fun.returns(Tree::Var(loss)));
    net.finish(everything, loss, None)
}
