//! Modules: tied layers, lists of one and of several types, parameters of a module's own, recurrent layers.
use super::build::{Fun, Net, batch, float, int, length, number, pair};
use crate::ir::{
    Binary, Cell, Dim, Expr, FunctionId, Layer, Member, ModuleId, ModuleKind, Op, Param, ParamId,
    Program, Recurrent, Reduction, Role, Scalar, Sym, TensorType, Tree, Unary, VarId,
};

const NET: ModuleId = ModuleId(0);
const WIDTH: usize = 8;

fn words() -> TensorType {
    float(&[batch(), length(), number(8)])
}

fn row() -> TensorType {
    float(&[batch(), number(8)])
}

fn linear(d_input: usize, d_output: usize, bias: bool) -> Layer {
    Layer::Linear {
        d_input,
        d_output,
        bias,
    }
}

fn recurrent(bidirectional: bool) -> Recurrent {
    Recurrent {
        d_input: WIDTH,
        d_hidden: WIDTH,
        n_layers: 2,
        bias: true,
        batch_first: true,
        dropout: 0.25,
        bidirectional,
    }
}

/// `x + fc2(relu(fc1(norm(x)))) * scale`, with a parameter of its own.
fn block(net: &mut Net, parent: ModuleId, name: &str, hidden: usize) -> (ModuleId, FunctionId) {
    let block = net.class(parent, name, "Block");
    let norm = net.layer(
        block,
        "norm",
        Layer::LayerNorm {
            d_model: WIDTH,
            epsilon: 1e-6,
            bias: true,
        },
    );
    let first = net.layer(block, "fc1", linear(WIDTH, hidden, true));
    let second = net.layer(block, "fc2", linear(hidden, WIDTH, true));
    let scale = own_param(net, block, "layer_scale", &[WIDTH]);
    let wide = float(&[batch(), length(), Dim::from(hidden)]);
    let mut fun = Fun::new("forward", Some(block), block);
    let x = fun.param("x", words());
    let memory = fun.param("memory", words());
    let y = fun.apply("", norm, x, words());
    let y = fun.apply("", first, y, wide.clone());
    let y = fun.op("y", Op::Unary(Unary::Relu), &[y], wide);
    let y = fun.apply("y", second, y, words());
    let gain = fun.tensor("", float(&[number(8)]));
    fun.bind(Tree::Var(gain), Expr::Param(scale));
    let y = fun.op("y", Op::Binary(Binary::Mul), &[y, gain], words());
    let y = fun.op("", Op::Binary(Binary::Add), &[y, memory], words());
    let y = fun.op("", Op::Binary(Binary::Add), &[x, y], words());
    (block, net.function(fun.returns(Tree::Var(y))))
}

fn own_param(net: &mut Net, module: ModuleId, name: &str, shape: &[usize]) -> ParamId {
    let id = ParamId(u32::try_from(net.program.params.len()).unwrap());
    let path = &net.program[module].path;
    net.program.params.push(Param {
        name: format!("{path}.{name}"),
        owner: module,
        field: name.into(),
        shape: shape.to_vec(),
        role: Role::Weight,
        trainable: true,
        transposed: false,
        dtype: crate::ir::DType::Float,
        init: None,
        start: None,
        start_rows: None,
    });
    if let ModuleKind::Struct { members, .. } = &mut net.program.modules[module.index()].kind {
        members.insert(0, Member::Param(id));
    }
    id
}

/// `[conv, linear]` in one list: a struct of its own.
fn mixed(net: &mut Net) -> [ModuleId; 3] {
    let list = net.list(NET, "mixed");
    let first = net.layer(list, "0", linear(WIDTH, WIDTH, true));
    let norm = net.layer(
        list,
        "1",
        Layer::LayerNorm {
            d_model: WIDTH,
            epsilon: 1e-5,
            bias: false,
        },
    );
    let heads = net.list(NET, "heads");
    net.layer(heads, "0", linear(WIDTH, WIDTH, true));
    let head = net.layer(heads, "1", linear(WIDTH, 4, true));
    [first, norm, head]
}

fn gru(fun: &mut Fun, net: &Cells, x: VarId) -> VarId {
    let state = float(&[number(4), batch(), number(8)]);
    let wide = float(&[batch(), length(), number(16)]);
    let [out, last] = [fun.tensor("", wide), fun.tensor("", state.clone())];
    fun.bind(
        pair([out, last]),
        Expr::Layer {
            layer: net.gru,
            args: vec![Tree::Var(x)],
        },
    );
    let half = float(&[number(2), batch(), number(8)]);
    let range = crate::ir::SliceRange {
        start: number(0),
        end: Some(number(2)),
        step: 1,
    };
    let full = crate::ir::SliceRange::full();
    let start = fun.op(
        "",
        Op::Slice(vec![range, full.clone(), full]),
        &[last],
        half.clone(),
    );
    let [out, h, c] = [words(), half.clone(), half.clone()].map(|ty| fun.tensor("", ty));
    let args = vec![Tree::Var(x), pair([start, start])];
    let tree = Tree::Tuple(vec![Tree::Var(out), pair([h, c])]);
    fun.bind(
        tree,
        Expr::Layer {
            layer: net.lstm,
            args,
        },
    );
    let h = fun.op(
        "h",
        Op::Select {
            axis: 0,
            index: number(1),
        },
        &[c],
        row(),
    );
    let next = fun.tensor("h", row());
    fun.bind(
        Tree::Var(next),
        Expr::Layer {
            layer: net.gru_cell,
            args: vec![Tree::Var(h), Tree::Var(h)],
        },
    );
    let next = fun.op(
        "",
        Op::Unsqueeze(1),
        &[next],
        float(&[batch(), number(1), number(8)]),
    );
    fun.op("y", Op::Binary(Binary::Add), &[out, next], words())
}

struct Cells {
    gru: ModuleId,
    lstm: ModuleId,
    gru_cell: ModuleId,
}

fn cells(net: &mut Net) -> Cells {
    Cells {
        gru: net.layer(NET, "gru", Layer::Gru(recurrent(true))),
        lstm: net.layer(NET, "rnn", Layer::Lstm(recurrent(false))),
        gru_cell: net.layer(
            NET,
            "cell",
            Layer::GruCell(Cell {
                d_input: WIDTH,
                d_hidden: WIDTH,
                bias: false,
            }),
        ),
    }
}

/// An activation written as a module: a struct without fields.
fn swish(net: &mut Net) -> (ModuleId, FunctionId) {
    let swish = net.class(NET, "act", "Swish");
    let mut fun = Fun::new("forward", Some(swish), swish);
    let x = fun.param("x", words());
    let gate = fun.op("", Op::Unary(Unary::Sigmoid), &[x], words());
    let y = fun.op("", Op::Binary(Binary::Mul), &[x, gate], words());
    (swish, net.function(fun.returns(Tree::Var(y))))
}

/// Everything above in one net.
pub(super) fn modules() -> Program {
    let mut net = Net::new();
    let embed = net.layer(
        NET,
        "embed",
        Layer::Embedding {
            n_embedding: 60,
            d_model: WIDTH,
            padding_idx: None,
        },
    );
    let weight = net.param_of(embed, 0);
    let blocks = net.list(NET, "blocks");
    let items: Vec<_> = [16, 16, 24]
        .iter()
        .enumerate()
        .map(|(at, hidden)| block(&mut net, blocks, &at.to_string(), *hidden))
        .collect();
    let [first, norm, head] = mixed(&mut net);
    let cells = cells(&mut net);
    let act = swish(&mut net);
    let out = net.tied_layer(NET, "out", linear(WIDTH, 60, true), &[weight]);
    let bias = net.param_of(out, 1);

    let mut fun = Fun::new("decode", Some(NET), NET);
    let captions = fun.param("captions", int(&[batch(), length()]));
    let ids = int(&[batch(), number(2), length()]);
    let twice = fun.op("", Op::Stack(1), &[captions, captions], ids);
    let all = fun.apply(
        "all",
        embed,
        twice,
        float(&[batch(), number(2), length(), number(8)]),
    );
    let mut x = fun.op(
        "x",
        Op::Select {
            axis: 1,
            index: number(0),
        },
        &[all],
        words(),
    );
    let memory = fun.op(
        "memory",
        Op::Select {
            axis: 1,
            index: number(1),
        },
        &[all],
        words(),
    );
    for (module, function) in items {
        let next = fun.tensor("x", words());
        let args = vec![Tree::Var(x), Tree::Var(memory)];
        fun.call(function, Some(module), args, vec![], Tree::Var(next));
        x = next;
    }
    let x = fun.apply("x", first, x, words());
    let x = fun.apply("x", norm, x, words());
    let active = fun.tensor("x", words());
    fun.call(
        act.1,
        Some(act.0),
        vec![Tree::Var(x)],
        vec![],
        Tree::Var(active),
    );
    let y = gru(&mut fun, &cells, active);
    let narrow = fun.apply("", head, y, float(&[batch(), length(), number(4)]));
    let mean = Op::Reduce {
        reduction: Reduction::Mean,
        axes: vec![0, 1, 2],
        keepdim: false,
    };
    let mean = fun.op("", mean, &[narrow], float(&[number(1)]));
    let last = fun.op(
        "",
        Op::Select {
            axis: 1,
            index: number(0),
        },
        &[y],
        row(),
    );
    let last = fun.apply("last", out, last, float(&[batch(), number(60)]));
    let last = fun.op(
        "",
        Op::Unsqueeze(1),
        &[last],
        float(&[batch(), number(1), number(60)]),
    );
    let scores = float(&[batch(), length(), number(60)]);
    let logits = fun.apply("logits", out, y, scores.clone());
    let logits = fun.op(
        "logits",
        Op::Binary(Binary::Add),
        &[logits, last],
        scores.clone(),
    );
    let offset = fun.tensor("", float(&[number(60)]));
    fun.bind(Tree::Var(offset), Expr::Param(bias));
    let logits = fun.op(
        "logits",
        Op::Binary(Binary::Sub),
        &[logits, offset],
        scores.clone(),
    );
    let half = fun.op(
        "",
        Op::ScalarBinary(Scalar::Float(1.0), Binary::Sub),
        &[mean],
        float(&[number(1)]),
    );
    let logits = fun.op("", Op::Binary(Binary::Add), &[logits, half], scores.clone());
    let decode = net.function(fun.returns(Tree::Var(logits)));
    entries(net, decode, &scores)
}

fn entries(mut net: Net, decode: FunctionId, scores: &TensorType) -> Program {
    let images = float(&[batch(), number(3), number(64), number(64)]);
    let mut fun = Fun::new("forward", Some(NET), NET);
    fun.param("images", images.clone());
    let captions = fun.param("captions", int(&[batch(), length()]));
    let logits = fun.tensor("logits", scores.clone());
    fun.call(
        decode,
        Some(NET),
        vec![Tree::Var(captions)],
        vec![],
        Tree::Var(logits),
    );
    let forward = net.function(fun.returns(Tree::Var(logits)));
    let mut fun = Fun::new("learn", Some(NET), NET);
    let images = fun.param("images", images);
    let all = int(&[batch(), Dim::symbol(Sym::Captions), length()]);
    let captions = fun.param("captions", all);
    let first = Op::Select {
        axis: 1,
        index: number(0),
    };
    let captions = fun.op("", first, &[captions], int(&[batch(), length()]));
    let logits = fun.tensor("logits", scores.clone());
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
