//! N041 `special-ids`: PAD, SOS, EOS and UNK are 0, 1, 2 and 3; a net that takes others for them learns or says
//! something else than captions.
use crate::diagnostic::{Diagnostics, Span};
use crate::ir::{
    Block, DType, Expr, Function, FunctionId, Layer, ModuleKind, Op, Program, Scalar, Stmt, Task,
    Type,
};
use crate::rules::Rule;

const PAD: i64 = 0;
const SOS: i64 = 1;

pub(super) fn run(program: &Program, diags: &mut Diagnostics) {
    // Classes have no special ones.
    if program.sizes.task == Task::Classify {
        return;
    }
    embeddings(program, diags);
    losses(program, diags);
    if let Some(infer) = program.entries.infer {
        first_words(program, infer, diags);
    }
}

/// The embedding of the vocabulary may keep a row of zeros for PAD only.
fn embeddings(program: &Program, diags: &mut Diagnostics) {
    for module in &program.modules {
        if let ModuleKind::Layer { layer, .. } = &module.kind
            && let Layer::Embedding {
                n_embedding,
                padding_idx: Some(row),
                ..
            } = layer
            && *n_embedding == program.sizes.vocab
            && *row != 0
        {
            let message = format!("`padding_idx` is {row}, and PAD is 0");
            diags
                .warn(Rule::SpecialIds, module.span, message)
                .help("write `padding_idx=0`");
        }
    }
}

/// The loss must not count PAD.
fn losses(program: &Program, diags: &mut Diagnostics) {
    let mut found = Vec::new();
    for function in &program.functions {
        each(&function.body, &mut |expr, span| {
            if let Expr::Op {
                op: Op::CrossEntropy { ignore_index, .. },
                ..
            } = expr
                && *ignore_index != Some(PAD)
            {
                found.push((*ignore_index, span));
            }
        });
    }
    for (ignored, span) in found {
        let ignored = ignored.filter(|index| *index != -100);
        let ignored = ignored.map_or_else(|| "nothing".to_owned(), |index| index.to_string());
        let message =
            format!("the loss ignores {ignored}, and PAD is 0: what fills captions up is learnt");
        diags
            .warn(Rule::SpecialIds, span, message)
            .help("write `ignore_index=0`");
    }
}

/// A column of words that decoding starts with is SOS.
fn first_words(program: &Program, infer: FunctionId, diags: &mut Diagnostics) {
    let mut open = vec![infer];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(id) = open.pop().filter(|id| seen.insert(*id)) {
        let Some(function) = program.functions.get(id.index()) else {
            continue;
        };
        let mut wrong = Vec::new();
        for stmt in &function.body {
            if let Stmt::Let {
                out,
                expr:
                    Expr::Op {
                        op: Op::Full(Scalar::Int(word)),
                        ..
                    },
                span,
            } = stmt
                && out
                    .vars()
                    .first()
                    .is_some_and(|var| is_column(function, *var))
            {
                wrong.extend(
                    word.as_constant()
                        .filter(|word| *word != SOS)
                        .map(|word| (word, *span)),
                );
            }
        }
        for (word, span) in wrong {
            let message = format!("decoding starts from {word}, and SOS is 1");
            diags
                .warn(Rule::SpecialIds, span, message)
                .help("start from 1");
        }
        each(&function.body, &mut |expr, _| {
            if let Expr::Call { function, .. } = expr {
                open.push(*function);
            }
        });
    }
}

/// Int `[B]` or `[B, 1]`.
fn is_column(function: &Function, var: crate::ir::VarId) -> bool {
    let Some(Type::Tensor(ty)) = function.vars.get(var.index()).map(|var| &var.ty) else {
        return false;
    };
    let batch = crate::ir::Dim::symbol(crate::ir::Sym::Batch);
    let is_one = |dim: &crate::ir::Dim| dim.as_constant() == Some(1);
    ty.dtype == DType::Int
        && match ty.shape.as_slice() {
            [rows] => *rows == batch,
            [rows, columns] => *rows == batch && is_one(columns),
            _ => false,
        }
}

/// Every expression of a block with its place.
pub(super) fn each(block: &Block, act: &mut dyn FnMut(&Expr, Span)) {
    for stmt in block {
        match stmt {
            Stmt::Let { expr, span, .. } => act(expr, *span),
            Stmt::Loop(inner) => each(&inner.body, act),
            Stmt::BreakIf { .. } | Stmt::Push { .. } => {}
        }
    }
}
