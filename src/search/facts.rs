//! What is known of a net before it is trained: its families, its size, and what makes it equal to another.
use std::collections::BTreeSet;
use std::fmt::Write as _;

use codegen::Generated;
use codegen::cost::{Batch, Summary};
use codegen::ir::{
    Binary, Expr, Function, Layer, ModuleKind, Op, Program, Stmt, TensorType, Type, VarId,
};
use md5::Md5;
use sha2::{Digest, Sha256};

use crate::store::NetFacts;

impl NetFacts {
    /// The facts of a net that was drawn from an anchor and `k` snippets, for a batch of so many pictures.
    pub fn of(generated: &Generated, k: usize, anchor: &str, batch: usize) -> Self {
        let program = &generated.program;
        let summary = Summary::of(program, Batch::of(batch));
        let used = used_layers(program, &summary);
        let maps = map_ops(program);
        Self {
            name: lemur_name(k, anchor, &generated.python),
            hash: generated.hash.clone(),
            structure: structure(program, &used, &maps),
            encoder: encoder_family(&used, &maps).to_owned(),
            decoder: decoder_family(&used, program).to_owned(),
            blocks: gates(&maps),
            n_params: summary.n_params,
            flops: summary.flops_per_image(),
            activation_bytes: summary.total.activation_bytes,
        }
    }
}

/// LEMUR's name of a net: `C{K}C-{ANCHOR}-{md5 of the code without white space}`.
pub fn lemur_name(k: usize, anchor: &str, python: &str) -> String {
    let bare: String = python.split_whitespace().collect();
    format!("C{k}C-{anchor}-{}", hex(&Md5::digest(bare.as_bytes())))
}

/// sha256 of the layers that the loss calls, with their sizes, of what is done with feature maps between them, and of the
/// shapes of all parameters.
fn structure(program: &Program, used: &[&Layer], maps: &BTreeSet<MapOp>) -> String {
    // Writing to a string cannot fail.
    let mut text = String::new();
    for layer in used {
        let _ = writeln!(text, "{layer:?}");
    }
    let _ = writeln!(text, "{maps:?}");
    for param in &program.params {
        let _ = writeln!(text, "{:?}", param.shape);
    }
    hex(&Sha256::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The layers that the loss calls.
fn used_layers<'a>(program: &'a Program, summary: &Summary) -> Vec<&'a Layer> {
    let rows = program.modules.iter().zip(&summary.rows);
    rows.filter(|(_, row)| !row.output.is_empty())
        .filter_map(|(module, _)| match &module.kind {
            ModuleKind::Layer { layer, .. } => Some(layer),
            _ => None,
        })
        .collect()
}

fn decoder_family(used: &[&Layer], program: &Program) -> &'static str {
    let has = |wanted: fn(&Layer) -> bool| used.iter().any(|layer| wanted(layer));
    if has(|layer| matches!(layer, Layer::Lstm(_) | Layer::LstmCell(_))) {
        "lstm"
    } else if has(|layer| matches!(layer, Layer::Gru(_) | Layer::GruCell(_))) {
        "gru"
    } else if has(is_attention)
        || has_class(program, "transformer")
        || has_class(program, "attention")
    {
        "transformer"
    } else {
        "other"
    }
}

fn is_attention(layer: &Layer) -> bool {
    matches!(
        layer,
        Layer::MultiheadAttention(_)
            | Layer::TransformerEncoderLayer(_)
            | Layer::TransformerDecoderLayer(_)
            | Layer::TransformerEncoder(_)
            | Layer::TransformerDecoder(_)
    )
}

/// Whether a class of the net has the word in its name.
fn has_class(program: &Program, word: &str) -> bool {
    program.modules.iter().any(|module| match &module.kind {
        ModuleKind::Struct { class, .. } => class.to_lowercase().contains(word),
        _ => false,
    })
}

fn encoder_family(used: &[&Layer], maps: &BTreeSet<MapOp>) -> &'static str {
    let mut convolutions = 0;
    let mut depthwise = BTreeSet::new();
    for layer in used {
        if let Layer::Conv2d {
            channels_in,
            groups,
            kernel,
            ..
        } = layer
        {
            convolutions += 1;
            if groups == channels_in && *groups > 1 {
                depthwise.insert(kernel[0]);
            }
        }
    }
    if depthwise.iter().any(|kernel| *kernel >= 7) {
        "convnext"
    } else if !depthwise.is_empty() {
        "mbconv"
    } else if convolutions == 0
        || (convolutions <= 2 && used.iter().any(|layer| is_attention(layer)))
    {
        "patches"
    } else if maps.contains(&MapOp::Add) {
        "residual"
    } else if maps.contains(&MapOp::Join) {
        "dense"
    } else {
        "plain"
    }
}

/// What a net does with feature maps outside its layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum MapOp {
    /// Adds one to another.
    Add,
    /// Puts the channels of several one after the other.
    Join,
    /// Weighs channels: squeeze and excitation.
    WeighChannels,
    /// Weighs places, as CBAM does.
    WeighPlaces,
}

fn map_ops(program: &Program) -> BTreeSet<MapOp> {
    let mut ops = BTreeSet::new();
    for function in &program.functions {
        see(function, &function.body, &mut ops);
    }
    ops
}

fn see(function: &Function, body: &[Stmt], ops: &mut BTreeSet<MapOp>) {
    for stmt in body {
        match stmt {
            Stmt::Let {
                expr: Expr::Op { op, args },
                ..
            } => ops.extend(map_op(function, op, args)),
            Stmt::Loop(inner) => see(function, &inner.body, ops),
            _ => {}
        }
    }
}

fn map_op(function: &Function, op: &Op, args: &[VarId]) -> Option<MapOp> {
    let maps: Option<Vec<_>> = args.iter().map(|var| map_of(function, *var)).collect();
    match (op, maps?.as_slice()) {
        (Op::Binary(Binary::Add), [left, right]) => (left == right).then_some(MapOp::Add),
        (Op::Binary(Binary::Mul), [left, right]) => gate(left, right).or_else(|| gate(right, left)),
        (Op::Cat(1), [_, _, ..]) => Some(MapOp::Join),
        _ => None,
    }
}

/// What `gate` weighs of `map`.
fn gate(map: &TensorType, gate: &TensorType) -> Option<MapOp> {
    let is_one = |ty: &TensorType, axis: usize| ty.shape[axis].as_constant() == Some(1);
    if map.shape[1] == gate.shape[1] && is_one(gate, 2) && !is_one(map, 2) {
        Some(MapOp::WeighChannels)
    } else if map.shape[2..] == gate.shape[2..] && is_one(gate, 1) && !is_one(map, 1) {
        Some(MapOp::WeighPlaces)
    } else {
        None
    }
}

/// The gates among them, by the names that papers give them.
fn gates(ops: &BTreeSet<MapOp>) -> Vec<String> {
    let has = |op| ops.contains(&op);
    let gate = match (has(MapOp::WeighChannels), has(MapOp::WeighPlaces)) {
        (true, true) => Some("cbam"),
        (true, false) => Some("se"),
        (false, true) => Some("spatial"),
        (false, false) => None,
    };
    gate.map(str::to_owned).into_iter().collect()
}

/// The type of a variable that is a batch of feature maps.
fn map_of(function: &Function, var: VarId) -> Option<&TensorType> {
    match &function.vars.get(var.index())?.ty {
        Type::Tensor(ty) if ty.shape.len() == 4 => Some(ty),
        _ => None,
    }
}
