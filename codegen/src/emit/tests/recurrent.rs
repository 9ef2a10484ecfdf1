//! The net of C5C-RESNETLSTM-2710: a tied layer, state as a tuple, a loop that breaks.
use super::build::{Fun, Net, batch, boolean, float, int, length, number, pair};
use super::pieces::{NET, conv, integer, less, linear, loss, map, norm, tokens};
use crate::diagnostic::Span;
use crate::ir::{
    Binary, Carried, Dim, Expr, FunctionId, Layer, ModuleId, Op, Program, Recurrent, Scalar, Stmt,
    Sym, Tree, Type, Unary,
};

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
