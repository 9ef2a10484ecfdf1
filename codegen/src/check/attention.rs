//! N044 `one-token-attention` and N045 `missing-causal-mask`: attention that has nothing to choose from, or that sees the
//! words it is to predict.
use std::collections::BTreeSet;

use super::special_ids::each;
use crate::diagnostic::{Diagnostics, Span};
use crate::ir::{Expr, Function, FunctionId, Layer, ModuleKind, Program, Task, Tree, Type};
use crate::rules::Rule;

/// How an attention layer is called: sequence, what it attends to, and the mask of positions.
struct Attended<'t> {
    sequence: &'t Tree,
    memory: &'t Tree,
    /// The mask of the sequence's own positions; nothing where it does not attend to itself.
    mask: Option<&'t Tree>,
    batch_first: bool,
}

pub(super) fn run(program: &Program, diags: &mut Diagnostics) {
    let mut seen = BTreeSet::new();
    for function in reached(program, program.entries.logits) {
        each(&function.body, &mut |expr, span| {
            if let Expr::Layer { layer, args } = expr
                && let Some(module) = program.modules.get(layer.index())
                && let ModuleKind::Layer { layer, .. } = &module.kind
                && let Some(attended) = attended(layer, args)
                && seen.insert((span.start, span.end))
            {
                judge(program, function, layer, &attended, span, diags);
            }
        });
    }
}

fn judge(
    program: &Program,
    function: &Function,
    layer: &Layer,
    attended: &Attended<'_>,
    span: Span,
    diags: &mut Diagnostics,
) {
    let name = layer.class_name();
    let length = |tree| length(function, tree, attended.batch_first);
    if length(attended.memory).is_some_and(|tokens| tokens == Some(1)) {
        let message = format!("`{name}` attends to one token: its weight is always 1");
        diags
            .warn(Rule::OneTokenAttention, span, message)
            .help("keep the encoder's map as a sequence of regions, or use a linear layer");
    }
    // A length that is no number is the caption's.
    let is_caption = length(attended.sequence).is_some_and(|tokens| tokens.is_none());
    let has_no_mask = attended.mask.is_some_and(Tree::is_empty);
    if program.sizes.task == Task::Caption && is_caption && has_no_mask {
        let message = format!("`{name}` reads the caption without a mask of positions");
        diags
            .warn(Rule::MissingCausalMask, span, message)
            .help("pass `nn.Transformer.generate_square_subsequent_mask(length)` as the mask");
    }
}

fn attended<'t>(layer: &Layer, args: &'t [Tree]) -> Option<Attended<'t>> {
    let (sequence, second) = (args.first()?, args.get(1));
    match layer {
        Layer::MultiheadAttention(attention) => {
            let memory = second?;
            Some(Attended {
                sequence,
                memory,
                mask: args.get(3).filter(|_| sequence == memory),
                batch_first: attention.batch_first,
            })
        }
        Layer::TransformerEncoderLayer(layer) => Some(encoder(sequence, second, layer.batch_first)),
        Layer::TransformerEncoder(stack) => {
            Some(encoder(sequence, second, stack.layer.batch_first))
        }
        Layer::TransformerDecoderLayer(layer) => decoder(args, layer.batch_first),
        Layer::TransformerDecoder(stack) => decoder(args, stack.layer.batch_first),
        _ => None,
    }
}

fn encoder<'t>(sequence: &'t Tree, mask: Option<&'t Tree>, batch_first: bool) -> Attended<'t> {
    Attended {
        sequence,
        memory: sequence,
        mask,
        batch_first,
    }
}

fn decoder(args: &[Tree], batch_first: bool) -> Option<Attended<'_>> {
    Some(Attended {
        sequence: args.first()?,
        memory: args.get(1)?,
        mask: args.get(2),
        batch_first,
    })
}

/// Tokens of a sequence, where they are a number.
#[expect(
    clippy::option_option,
    reason = "no sequence, and a sequence of no known length"
)]
fn length(function: &Function, tree: &Tree, batch_first: bool) -> Option<Option<i64>> {
    let [var] = tree.vars()[..] else { return None };
    let Type::Tensor(ty) = &function.vars.get(var.index())?.ty else {
        return None;
    };
    let axis = match ty.shape.len() {
        3 => usize::from(batch_first),
        _ => 0,
    };
    ty.shape.get(axis).map(crate::ir::Dim::as_constant)
}

/// The function and all that it calls.
fn reached(program: &Program, entry: FunctionId) -> Vec<&Function> {
    let (mut open, mut seen) = (vec![entry], BTreeSet::new());
    while let Some(id) = open.pop() {
        if seen.insert(id)
            && let Some(function) = program.functions.get(id.index())
        {
            each(&function.body, &mut |expr, _| {
                if let Expr::Call { function, .. } = expr {
                    open.push(*function);
                }
            });
        }
    }
    seen.iter()
        .filter_map(|id| program.functions.get(id.index()))
        .collect()
}
