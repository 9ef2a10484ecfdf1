//! Classes that share a struct or do not, a `Sequential`, a list, masks, a cell in a loop.
use super::build::{Fun, Net, batch, boolean, float, int, length, number, pair};
use super::pieces::{NET, conv, integer, less, linear, loss, map, norm, tokens};
use crate::ir::{
    Binary, Carried, Cell, DType, Dim, Expr, FunctionId, Layer, ModuleId, Op, Program, Reduction,
    Scalar, Tree, Type, Unary,
};

/// A block: convolution, norm, activation and functional dropout, with a skip where the widths agree.
fn block(
    net: &mut Net,
    parent: ModuleId,
    name: &str,
    channels: [usize; 2],
) -> (ModuleId, FunctionId) {
    let block = net.class(parent, name, "ConvBlock");
    let conv_id = net.layer(block, "conv", conv(channels[0], channels[1], 3, 1));
    let norm_id = net.layer(block, "bn", norm(channels[1]));
    let [before, after] = channels.map(|channels| i64::try_from(channels).unwrap());
    let mut fun = Fun::new("forward", Some(block), block);
    let x = fun.param("x", map(before, 64));
    let y = fun.apply("", conv_id, x, map(after, 64));
    let y = fun.apply("y", norm_id, y, map(after, 64));
    let gate = fun.op("", Op::Unary(Unary::Sigmoid), &[y], map(after, 64));
    let y = fun.op("y", Op::Binary(Binary::Mul), &[y, gate], map(after, 64));
    let y = if before == after {
        fun.op("y", Op::Binary(Binary::Add), &[y, x], map(after, 64))
    } else {
        y
    };
    let y = fun.op("", Op::Dropout(0.2), &[y], map(after, 64));
    (block, net.function(fun.returns(Tree::Var(y))))
}

/// Blocks that share a struct, a `Sequential`, lists, masks and a cell without a loop.
pub(super) fn convolutional() -> Program {
    let mut net = Net::new();
    let encoder = net.class(NET, "encoder", "CNNEncoder");
    let (wide, narrow) = (
        block(&mut net, encoder, "first", [3, 16]),
        block(&mut net, encoder, "second", [16, 32]),
    );
    let list = net.list(encoder, "blocks");
    let items: Vec<_> = (0..3)
        .map(|at| block(&mut net, list, &at.to_string(), [32, 32]))
        .collect();
    let head = net.class(encoder, "head", "Sequential");
    let layers = [
        net.layer(head, "0", linear(32, 24, true)),
        net.layer(head, "2", Layer::Dropout { prob: 0.5 }),
        net.layer(head, "3", linear(24, 16, true)),
    ];
    let embed = net.layer(
        NET,
        "embed",
        Layer::Embedding {
            n_embedding: 60,
            d_model: 16,
            padding_idx: Some(0),
        },
    );
    let cell = net.layer(
        NET,
        "cell",
        Layer::LstmCell(Cell {
            d_input: 16,
            d_hidden: 16,
            bias: true,
        }),
    );
    let out = net.layer(NET, "type", linear(16, 60, true));

    let width = |n: i64| float(&[batch(), number(n)]);
    let mut fun = Fun::new("forward", Some(head), head);
    let x = fun.param("input", width(32));
    let x = fun.apply("", layers[0], x, width(24));
    let x = fun.op("", Op::Unary(Unary::Gelu), &[x], width(24));
    let x = fun.apply("", layers[1], x, width(24));
    let x = fun.apply("", layers[2], x, width(16));
    let head_forward = net.function(fun.returns(Tree::Var(x)));

    let mut fun = Fun::new("forward", Some(encoder), encoder);
    let mut x = fun.param("images", map(3, 64));
    for ((module, function), channels) in [wide, narrow]
        .into_iter()
        .chain(items)
        .zip([16, 32, 32, 32, 32])
    {
        let out = fun.tensor("x", map(channels, 64));
        fun.call(
            function,
            Some(module),
            vec![Tree::Var(x)],
            vec![],
            Tree::Var(out),
        );
        x = out;
    }
    let mean = Op::Reduce {
        reduction: Reduction::Mean,
        axes: vec![2, 3],
        keepdim: false,
    };
    let x = fun.op("x", mean, &[x], width(32));
    let out_var = fun.tensor("", width(16));
    fun.call(
        head_forward,
        Some(head),
        vec![Tree::Var(x)],
        vec![],
        Tree::Var(out_var),
    );
    let encode = net.function(fun.returns(Tree::Var(out_var)));

    let mut fun = Fun::new("forward", Some(NET), NET);
    let images = fun.param("images", map(3, 64));
    let captions = fun.param("captions", int(&[batch(), length()]));
    let memory = fun.tensor("memory", width(16));
    fun.call(
        encode,
        Some(encoder),
        vec![Tree::Var(images)],
        vec![],
        Tree::Var(memory),
    );
    let inputs = tokens(&mut fun, "inputs", captions, 0);
    let steps = less(&length(), 1);
    let words = fun.apply(
        "words",
        embed,
        inputs,
        float(&[batch(), steps.clone(), number(16)]),
    );
    let zero = fun.op("", Op::Full(Scalar::Float(0.0)), &[], width(16));
    let outputs = fun.var(
        "outputs",
        Type::List {
            item: width(60),
            length: steps.clone(),
        },
    );
    fun.bind(Tree::Var(outputs), Expr::List(vec![]));
    let index = fun.index();
    let [h1, c1, h2, c2, h3, c3] =
        ["h", "c", "h", "c", "h", "c"].map(|name| fun.tensor(name, width(16)));
    fun.open();
    let word = fun.op(
        "",
        Op::Select {
            axis: 1,
            index: Dim::symbol(index),
        },
        &[words],
        width(16),
    );
    let input = fun.op("x", Op::Binary(Binary::Add), &[word, memory], width(16));
    fun.bind(
        pair([h2, c2]),
        Expr::Layer {
            layer: cell,
            args: vec![Tree::Var(input), pair([h1, c1])],
        },
    );
    let row = fun.apply("", out, h2, width(60));
    fun.append(outputs, row);
    let carried = vec![
        Carried {
            init: memory,
            current: h1,
            next: h2,
            result: h3,
        },
        Carried {
            init: zero,
            current: c1,
            next: c2,
            result: c3,
        },
    ];
    fun.close(index, "step", steps.clone(), carried);
    let logits = fun.op(
        "logits",
        Op::Stack(1),
        &[outputs],
        float(&[batch(), steps.clone(), number(60)]),
    );
    let mask = fun.op(
        "mask",
        Op::BinaryScalar(Binary::Equal, integer(0)),
        &[inputs],
        boolean(&[batch(), steps.clone()]),
    );
    let mask = fun.op(
        "",
        Op::Unsqueeze(2),
        &[mask],
        boolean(&[batch(), steps.clone(), number(1)]),
    );
    let logits = fun.op(
        "logits",
        Op::MaskedFill(Scalar::Float(-1e9)),
        &[logits, mask],
        float(&[batch(), steps.clone(), number(60)]),
    );
    let places = fun.op(
        "",
        Op::Arange {
            start: integer(0),
            step: integer(1),
        },
        &[],
        int(std::slice::from_ref(&steps)),
    );
    let places = fun.op(
        "",
        Op::Cast(DType::Float),
        &[places],
        float(std::slice::from_ref(&steps)),
    );
    let places = fun.op(
        "",
        Op::BinaryScalar(Binary::Mul, Scalar::Float(1e-3)),
        &[places],
        float(std::slice::from_ref(&steps)),
    );
    let places = fun.op(
        "places",
        Op::Reshape,
        &[places],
        float(&[steps.clone(), number(1)]),
    );
    let logits = fun.op(
        "logits",
        Op::Binary(Binary::Add),
        &[logits, places],
        float(&[batch(), steps, number(60)]),
    );
    let forward = net.function(fun.returns(Tree::Var(logits)));
    let loss = loss(&mut net, forward);
    net.finish(forward, loss, None)
}
