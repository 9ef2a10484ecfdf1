//! The nets of the goldens.
use super::build::{Fun, Net, batch, boolean, float, int, length, number, pair};
use crate::diagnostic::Span;
use crate::ir::{
    Binary, Carried, Cell, DType, Dim, Expr, FunctionId, Layer, ModuleId, Op, Program, Recurrent,
    Reduction, Scalar, SliceRange, Stmt, Sym, Tree, Type, Unary,
};

const NET: ModuleId = ModuleId(0);

fn conv(channels_in: usize, channels_out: usize, kernel: usize, stride: usize) -> Layer {
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

fn norm(n_features: usize) -> Layer {
    Layer::BatchNorm {
        n_features,
        epsilon: 1e-5,
        momentum: 0.1,
        affine: true,
    }
}

fn linear(d_input: usize, d_output: usize, bias: bool) -> Layer {
    Layer::Linear {
        d_input,
        d_output,
        bias,
    }
}

fn map(channels: i64, side: i64) -> crate::ir::TensorType {
    float(&[batch(), number(channels), number(side), number(side)])
}

fn integer(value: i64) -> Scalar {
    Scalar::Int(number(value))
}

fn less(dim: &Dim, value: i64) -> Dim {
    dim.sub(&number(value)).unwrap()
}

/// `captions[:, :-1]` or `captions[:, 1:]`
fn tokens(fun: &mut Fun, name: &str, captions: crate::ir::VarId, shift: i64) -> crate::ir::VarId {
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
fn loss(net: &mut Net, forward: FunctionId) -> FunctionId {
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

struct Parts {
    encoder: ModuleId,
    rnn: ModuleId,
    layers: Vec<ModuleId>,
    embed: ModuleId,
    lstm: ModuleId,
    fc: ModuleId,
    feat_norm: ModuleId,
}

fn parts(net: &mut Net) -> Parts {
    let encoder = net.class(NET, "encoder", "Encoder");
    let mut layers = vec![
        net.layer(encoder, "conv1", conv(3, 32, 7, 2)),
        net.layer(encoder, "bn1", norm(32)),
    ];
    let pool = Layer::MaxPool2d {
        kernel: [3; 2],
        stride: [2; 2],
        padding: [1; 2],
        dilation: [1; 2],
        ceil_mode: false,
    };
    layers.push(net.layer(encoder, "pool", pool));
    layers.push(net.layer(
        encoder,
        "adap_pool",
        Layer::AdaptiveMaxPool2d { output: [7, 7] },
    ));
    layers.push(net.layer(encoder, "fc", linear(1568, 256, true)));
    let rnn = net.class(NET, "rnn", "DecoderRNN");
    let embed = net.layer(
        rnn,
        "embed",
        Layer::Embedding {
            n_embedding: 60,
            d_model: 256,
            padding_idx: None,
        },
    );
    let lstm = Recurrent {
        d_input: 512,
        d_hidden: 256,
        n_layers: 1,
        bias: true,
        batch_first: true,
        dropout: 0.0,
        bidirectional: false,
    };
    let lstm = net.layer(rnn, "lstm", Layer::Lstm(lstm));
    let weight = net.param_of(embed, 0);
    let fc = net.tied_layer(rnn, "fc", linear(256, 60, false), &[weight]);
    let feat_norm = net.layer(
        rnn,
        "feat_norm",
        Layer::LayerNorm {
            d_model: 256,
            epsilon: 1e-5,
            bias: true,
        },
    );
    Parts {
        encoder,
        rnn,
        layers,
        embed,
        lstm,
        fc,
        feat_norm,
    }
}

fn encoder(net: &mut Net, parts: &Parts) -> FunctionId {
    let mut fun = Fun::new("forward", Some(parts.encoder), parts.encoder);
    let [conv1, bn1, pool, adap_pool, fc] = parts.layers[..] else {
        panic!("five layers")
    };
    let x = fun.param("x", map(3, 64));
    let conv = fun.apply("", conv1, x, map(32, 32));
    let conv = fun.apply("", bn1, conv, map(32, 32));
    let x = fun.op("x", Op::Unary(Unary::Relu), &[conv], map(32, 32));
    let x = fun.apply("x", pool, x, map(32, 16));
    let x = fun.apply("x", adap_pool, x, map(32, 7));
    let x = fun.op("x", Op::Reshape, &[x], float(&[batch(), number(1568)]));
    let x = fun.apply("x", fc, x, float(&[batch(), number(256)]));
    net.function(fun.returns(Tree::Var(x)))
}

fn state() -> crate::ir::TensorType {
    float(&[number(1), batch(), number(256)])
}

fn init_hidden(net: &mut Net, rnn: ModuleId) -> FunctionId {
    let mut fun = Fun::new("init_hidden", Some(rnn), rnn);
    let h = fun.op("h", Op::Full(Scalar::Float(0.0)), &[], state());
    let c = fun.op("c", Op::Full(Scalar::Float(0.0)), &[], state());
    net.function(fun.returns(pair([h, c])))
}

fn decoder(net: &mut Net, parts: &Parts) -> FunctionId {
    let mut fun = Fun::new("forward", Some(parts.rnn), parts.rnn);
    let width = |n: i64| float(&[batch(), number(n)]);
    let inputs = fun.param("inputs", int(&[batch(), length()]));
    let [h0, c0] = fun.pair("hidden", ["h", "c"], &state());
    let features = fun.param("encoder_features", width(256));
    let embeds = fun.apply(
        "embeds",
        parts.embed,
        inputs,
        float(&[batch(), length(), number(256)]),
    );
    let ef = fun.apply("ef", parts.feat_norm, features, width(256));
    let outputs = fun.var(
        "outputs",
        Type::List {
            item: width(60),
            length: length(),
        },
    );
    fun.bind(Tree::Var(outputs), Expr::List(vec![]));
    let index = fun.index();
    let [h1, c1, h2, c2, h3, c3] =
        ["h", "c", "h", "c", "h", "c"].map(|name| fun.tensor(name, state()));
    fun.open();
    let word = Op::Select {
        axis: 1,
        index: Dim::symbol(index),
    };
    let word = fun.op("word_t", word, &[embeds], width(256));
    let step_in = fun.op("step_in", Op::Cat(1), &[word, ef], width(512));
    let step_in = fun.op(
        "",
        Op::Unsqueeze(1),
        &[step_in],
        float(&[batch(), number(1), number(512)]),
    );
    let out = fun.tensor("out", float(&[batch(), number(1), number(256)]));
    let expr = Expr::Layer {
        layer: parts.lstm,
        args: vec![Tree::Var(step_in), pair([h1, c1])],
    };
    fun.bind(Tree::Tuple(vec![Tree::Var(out), pair([h2, c2])]), expr);
    let out = fun.op("", Op::Squeeze(1), &[out], width(256));
    let out = fun.apply("", parts.fc, out, width(60));
    fun.append(outputs, out);
    let carried = vec![
        Carried {
            init: h0,
            current: h1,
            next: h2,
            result: h3,
        },
        Carried {
            init: c0,
            current: c1,
            next: c2,
            result: c3,
        },
    ];
    fun.close(index, "t", length(), carried);
    let logits = fun.op(
        "logits",
        Op::Stack(1),
        &[outputs],
        float(&[batch(), length(), number(60)]),
    );
    net.function(fun.returns(Tree::Tuple(vec![Tree::Var(logits), pair([h3, c3])])))
}

fn generate(net: &mut Net, parts: &Parts, forward: FunctionId) -> FunctionId {
    let mut fun = Fun::new("generate", Some(parts.rnn), parts.rnn);
    let ids = || int(&[batch()]);
    let features = fun.param("encoder_features", float(&[batch(), number(256)]));
    let [h0, c0] = fun.pair("hidden", ["", ""], &state());
    let ef = fun.apply(
        "ef",
        parts.feat_norm,
        features,
        float(&[batch(), number(256)]),
    );
    let cur0 = fun.op("cur", Op::Full(integer(1)), &[], ids());
    let steps = Dim::symbol(Sym::Count(9));
    let generated = fun.var(
        "generated",
        Type::List {
            item: ids(),
            length: steps.clone(),
        },
    );
    fun.bind(Tree::Var(generated), Expr::List(vec![]));
    let index = fun.index();
    let [h1, c1, h3, c3] = [(); 4].map(|()| fun.tensor("hidden", state()));
    let [h2, c2] = [(); 2].map(|()| fun.tensor("", state()));
    let [cur1, cur3] = [(); 2].map(|()| fun.tensor("cur", ids()));
    fun.open();
    let token = fun.op("", Op::Unsqueeze(1), &[cur1], int(&[batch(), number(1)]));
    let logits = fun.tensor("step_logits", float(&[batch(), number(1), number(60)]));
    let out = Tree::Tuple(vec![Tree::Var(logits), pair([h2, c2])]);
    let args = vec![Tree::Var(token), pair([h1, c1]), Tree::Var(ef)];
    fun.call(
        forward,
        Some(parts.rnn),
        args,
        vec![(Sym::Length, number(1)), (Sym::Batch, batch())],
        out,
    );
    let logits = fun.op("", Op::Squeeze(1), &[logits], float(&[batch(), number(60)]));
    let next = fun.op(
        "next_ids",
        Op::Argmax {
            axis: 1,
            keepdim: false,
        },
        &[logits],
        ids(),
    );
    fun.append(generated, next);
    let done = Op::BinaryScalar(Binary::Equal, integer(2));
    let done = fun.op("", done, &[next], boolean(&[batch()]));
    let done = fun.op("", Op::All, &[done], boolean(&[number(1)]));
    fun.push(Stmt::BreakIf {
        cond: done,
        next: vec![h2, c2, next],
        span: Span::default(),
    });
    let carried = vec![
        Carried {
            init: h0,
            current: h1,
            next: h2,
            result: h3,
        },
        Carried {
            init: c0,
            current: c1,
            next: c2,
            result: c3,
        },
        Carried {
            init: cur0,
            current: cur1,
            next,
            result: cur3,
        },
    ];
    fun.close(index, "_", number(50), carried);
    let ids = fun.op("", Op::Stack(1), &[generated], int(&[batch(), steps]));
    net.function(fun.returns(Tree::Tuple(vec![Tree::Var(ids), pair([h3, c3])])))
}

/// C5C-RESNETLSTM-2710, with one convolution.
pub(super) fn recurrent() -> Program {
    let mut net = Net::new();
    let parts = parts(&mut net);
    let encode = encoder(&mut net, &parts);
    let init = init_hidden(&mut net, parts.rnn);
    let decode = decoder(&mut net, &parts);
    let generate = generate(&mut net, &parts, decode);
    let start = |fun: &mut Fun| {
        let images = fun.param("images", map(3, 64));
        let features = fun.tensor("features", float(&[batch(), number(256)]));
        fun.call(
            encode,
            Some(parts.encoder),
            vec![Tree::Var(images)],
            vec![],
            Tree::Var(features),
        );
        let hidden = [(); 2].map(|()| fun.tensor("", state()));
        (features, hidden)
    };
    let mut fun = Fun::new("forward", Some(NET), NET);
    let (features, hidden) = start(&mut fun);
    let captions = fun.param("captions", int(&[batch(), length()]));
    fun.call(
        init,
        Some(parts.rnn),
        vec![],
        vec![(Sym::Batch, batch())],
        pair(hidden),
    );
    let inputs = tokens(&mut fun, "inputs", captions, 0);
    let logits = fun.tensor("logits", float(&[batch(), less(&length(), 1), number(60)]));
    let rest = [(); 2].map(|()| fun.tensor("_", state()));
    let args = vec![Tree::Var(inputs), pair(hidden), Tree::Var(features)];
    let out = Tree::Tuple(vec![Tree::Var(logits), pair(rest)]);
    fun.call(
        decode,
        Some(parts.rnn),
        args,
        vec![(Sym::Length, less(&length(), 1)), (Sym::Batch, batch())],
        out,
    );
    let forward = net.function(fun.returns(Tree::Var(logits)));

    let mut fun = Fun::new("forward", Some(NET), NET).variant("without_captions");
    let (features, hidden) = start(&mut fun);
    fun.call(
        init,
        Some(parts.rnn),
        vec![],
        vec![(Sym::Batch, batch())],
        pair(hidden),
    );
    let ids = fun.tensor("tokens", int(&[batch(), Dim::symbol(Sym::Count(9))]));
    let rest = [(); 2].map(|()| fun.tensor("_", state()));
    let out = Tree::Tuple(vec![Tree::Var(ids), pair(rest)]);
    fun.call(
        generate,
        Some(parts.rnn),
        vec![Tree::Var(features), pair(hidden)],
        vec![(Sym::Batch, batch())],
        out,
    );
    let infer = net.function(fun.returns(Tree::Var(ids)));
    let loss = loss(&mut net, forward);
    net.finish(forward, loss, Some(infer))
}

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
