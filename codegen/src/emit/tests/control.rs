//! Loops: values that change places, breaks, lists, nesting. Each is a method with results that are easy to compute.
use super::build::{Fun, Net, batch, boolean, float, int, length, number};
use crate::diagnostic::Span;
use crate::ir::{
    Binary, Carried, Dim, Expr, FunctionId, Layer, ModuleId, Op, Program, Reduction, Scalar,
    SliceRange, Stmt, Sym, TensorType, Tree, Type, VarId,
};

const NET: ModuleId = ModuleId(0);

fn row() -> TensorType {
    float(&[batch(), number(4)])
}

fn flag() -> TensorType {
    boolean(&[number(1)])
}

fn add(fun: &mut Fun, name: &str, x: VarId, value: f64) -> VarId {
    let op = Op::BinaryScalar(Binary::Add, Scalar::Float(value));
    fun.op(name, op, &[x], row())
}

fn sum(fun: &mut Fun, name: &str, x: VarId, y: VarId) -> VarId {
    fun.op(name, Op::Binary(Binary::Add), &[x, y], row())
}

/// `(x > value).all()`
fn above(fun: &mut Fun, x: VarId, value: f64) -> VarId {
    let op = Op::BinaryScalar(Binary::Greater, Scalar::Float(value));
    let mask = fun.op("", op, &[x], boolean(&row().shape));
    fun.op("", Op::All, &[mask], flag())
}

fn break_if(fun: &mut Fun, cond: VarId, next: &[VarId]) {
    fun.push(Stmt::BreakIf {
        cond,
        next: next.to_vec(),
        span: Span::default(),
    });
}

/// `for _ in range(5): a, b = b, a + b`; from 1 and 1 it gives 8.
fn fibonacci(net: &mut Net) -> FunctionId {
    let mut fun = Fun::new("fibonacci", None, NET);
    let x = fun.param("x", row());
    let [a, b, a3, b3] = ["a", "b", "a", "b"].map(|name| fun.tensor(name, row()));
    let index = fun.index();
    fun.open();
    let next = sum(&mut fun, "", a, b);
    let carried = vec![
        Carried {
            init: x,
            current: a,
            next: b,
            result: a3,
        },
        Carried {
            init: x,
            current: b,
            next,
            result: b3,
        },
    ];
    fun.close(index, "_", number(5), carried);
    net.function(fun.returns(Tree::Var(a3)))
}

/// `for step in range(10): x = x + 1; if x > 3: break; x = x + step`; from 1: 2, 4, then 5.
fn early(net: &mut Net) -> FunctionId {
    let mut fun = Fun::new("early", None, NET);
    let start = fun.param("x", row());
    let [x, result] = [(); 2].map(|()| fun.tensor("x", row()));
    let index = fun.index();
    fun.open();
    let more = add(&mut fun, "x", x, 1.0);
    let stop = above(&mut fun, more, 3.0);
    break_if(&mut fun, stop, &[more]);
    let op = Op::BinaryScalar(Binary::Add, Scalar::Int(Dim::symbol(index)));
    let next = fun.op("x", op, &[more], row());
    fun.close(
        index,
        "step",
        number(10),
        vec![Carried {
            init: start,
            current: x,
            next,
            result,
        }],
    );
    net.function(fun.returns(Tree::Var(result)))
}

/// Two breaks, one before the change and one after; `y` counts; from 1: x 2, 4, 8 with y 1, 2, 3: 11.
fn twice(net: &mut Net) -> FunctionId {
    let mut fun = Fun::new("twice", None, NET);
    let start = fun.param("x", row());
    let zero = fun.op("y", Op::Full(Scalar::Float(0.0)), &[], row());
    let [x, y, x3, y3] = ["x", "y", "x", "y"].map(|name| fun.tensor(name, row()));
    let index = fun.index();
    fun.open();
    let stop = above(&mut fun, x, 100.0);
    break_if(&mut fun, stop, &[x, y]);
    let x2 = sum(&mut fun, "doubled", x, x);
    let y2 = add(&mut fun, "y", y, 1.0);
    let stop = above(&mut fun, x2, 7.0);
    break_if(&mut fun, stop, &[x2, y2]);
    let carried = vec![
        Carried {
            init: start,
            current: x,
            next: x2,
            result: x3,
        },
        Carried {
            init: zero,
            current: y,
            next: y2,
            result: y3,
        },
    ];
    fun.close(index, "i", number(50), carried);
    let result = sum(&mut fun, "", x3, y3);
    net.function(fun.returns(Tree::Var(result)))
}

/// Two loops in each other: 3 times (2 times x = x + y; y = y + 1); from 1 and 1: 3, 7, 13.
fn nested(net: &mut Net) -> FunctionId {
    let mut fun = Fun::new("nested", None, NET);
    let start = fun.param("x", row());
    let one = fun.op("y", Op::Full(Scalar::Float(1.0)), &[], row());
    let [x, y, x3, y3, inner, inner3] =
        ["x", "y", "x", "y", "x", "x"].map(|n| fun.tensor(n, row()));
    let (outer_index, inner_index) = (fun.index(), fun.index());
    fun.open();
    fun.open();
    let next = sum(&mut fun, "x", inner, y);
    fun.close(
        inner_index,
        "j",
        number(2),
        vec![Carried {
            init: x,
            current: inner,
            next,
            result: inner3,
        }],
    );
    let y2 = add(&mut fun, "y", y, 1.0);
    let carried = vec![
        Carried {
            init: start,
            current: x,
            next: inner3,
            result: x3,
        },
        Carried {
            init: one,
            current: y,
            next: y2,
            result: y3,
        },
    ];
    fun.close(outer_index, "i", number(3), carried);
    net.function(fun.returns(Tree::Var(x3)))
}

/// A list that starts with an item and grows until a break; as many as it has is used as a size.
fn lists(net: &mut Net) -> FunctionId {
    let mut fun = Fun::new("lists", None, NET);
    let start = fun.param("x", row());
    let count = Dim::symbol(Sym::Count(7));
    let n_items = count.add(&number(1)).unwrap();
    let items = fun.var(
        "items",
        Type::List {
            item: row(),
            length: n_items.clone(),
        },
    );
    fun.bind(Tree::Var(items), Expr::List(vec![start]));
    let [x, result] = [(); 2].map(|()| fun.tensor("x", row()));
    let index = fun.index();
    fun.open();
    let next = add(&mut fun, "x", x, 1.0);
    fun.append(items, next);
    let stop = above(&mut fun, next, 3.0);
    break_if(&mut fun, stop, &[next]);
    fun.close(
        index,
        "_",
        number(9),
        vec![Carried {
            init: start,
            current: x,
            next,
            result,
        }],
    );
    let rows = batch().mul(&n_items).unwrap();
    let joined = fun.op(
        "joined",
        Op::Stack(0),
        &[items],
        float(&[n_items.clone(), batch(), number(4)]),
    );
    let flat = fun.op("flat", Op::Reshape, &[joined], float(&[rows, number(4)]));
    let scaled = Op::BinaryScalar(Binary::Div, Scalar::Int(count));
    let scaled = fun.op(
        "",
        scaled,
        &[flat],
        float(&[batch().mul(&n_items).unwrap(), number(4)]),
    );
    let first = SliceRange {
        start: number(0),
        end: Some(batch()),
        step: 1,
    };
    let first = fun.op(
        "",
        Op::Slice(vec![first, SliceRange::full()]),
        &[scaled],
        row(),
    );
    let last = sum(&mut fun, "", first, result);
    net.function(fun.returns(Tree::Var(last)))
}

/// A name that is bound anew while its old value is still needed: from 1 it gives (1 + 2) + 1 + (3 + 1) = 8.
fn shadows(net: &mut Net) -> FunctionId {
    let mut fun = Fun::new("shadows", None, NET);
    let x = fun.param("x", row());
    let more = add(&mut fun, "x", x, 2.0);
    let both = sum(&mut fun, "x", more, x);
    let last = add(&mut fun, "relu", more, 1.0);
    let last = sum(&mut fun, "", both, last);
    net.function(fun.returns(Tree::Var(last)))
}

/// The loops, added up over a plain decoder.
pub(super) fn control() -> Program {
    let mut net = Net::new();
    let embedding = Layer::Embedding {
        n_embedding: 60,
        d_model: 60,
        padding_idx: None,
    };
    let embed = net.layer(NET, "embed", embedding);
    let cases = [
        fibonacci(&mut net),
        early(&mut net),
        twice(&mut net),
        nested(&mut net),
        lists(&mut net),
        shadows(&mut net),
    ];
    let mut fun = Fun::new("forward", Some(NET), NET);
    fun.param(
        "images",
        float(&[batch(), number(3), number(64), number(64)]),
    );
    let captions = fun.param("captions", int(&[batch(), length()]));
    let mut total = fun.op("", Op::Full(Scalar::Float(1.0)), &[], row());
    for case in cases {
        let out = fun.tensor("total", row());
        fun.call(
            case,
            None,
            vec![Tree::Var(total)],
            vec![(Sym::Batch, batch())],
            Tree::Var(out),
        );
        total = out;
    }
    let mean = Op::Reduce {
        reduction: Reduction::Mean,
        axes: vec![0, 1],
        keepdim: false,
    };
    let total = fun.op("", mean, &[total], float(&[number(1)]));
    let scores = float(&[batch(), length(), number(60)]);
    let logits = fun.apply("logits", embed, captions, scores.clone());
    let logits = fun.op(
        "",
        Op::Binary(Binary::Add),
        &[logits, total],
        scores.clone(),
    );
    let forward = net.function(fun.returns(Tree::Var(logits)));

    let mut fun = Fun::new("learn", Some(NET), NET);
    let images = fun.param(
        "images",
        float(&[batch(), number(3), number(64), number(64)]),
    );
    let all = int(&[batch(), Dim::symbol(Sym::Captions), length()]);
    let captions = fun.param("captions", all);
    let first = Op::Select {
        axis: 1,
        index: number(0),
    };
    let captions = fun.op("", first, &[captions], int(&[batch(), length()]));
    let logits = fun.tensor("logits", scores);
    let args = vec![Tree::Var(images), Tree::Var(captions)];
    fun.call(forward, Some(NET), args, vec![], Tree::Var(logits));
    let mean = Op::Reduce {
        reduction: Reduction::Mean,
        axes: vec![0, 1, 2],
        keepdim: false,
    };
    let loss = fun.op("", mean, &[logits], float(&[number(1)]));
    let loss = net.function(fun.returns(Tree::Var(loss)));
    net.finish(forward, loss, None)
}
