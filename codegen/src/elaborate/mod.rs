//! Partial evaluation: the net's Python is run on known numbers and abstract tensors, and what is left is a Program.
//!
//! `__init__` is ordinary Python over known numbers: run, it leaves a tree of modules with every size. `forward` and
//! `learn` are run once on tensors of which only the type is known: what Python decides is decided here, and the tensor
//! operations are recorded, one function for one method.
#![expect(
    clippy::unused_self,
    reason = "what the evaluator can do is a method of it, whatever it reads of its state"
)]
#![expect(
    clippy::similar_names,
    reason = "`d_input` and `d_hidden`, `start` and `state` are the field's own names"
)]
mod align;
mod arena;
mod arith;
mod assign_item;
mod attribute;
mod beam;
mod bounds;
mod builtins;
mod call;
mod carry;
mod classes;
mod collect;
mod compare;
mod container;
mod context;
mod copy;
mod cut;
mod dataclass;
mod define;
mod derived;
mod entry;
mod expr;
mod frame;
mod hyper;
mod import;
mod index;
mod initial;
mod interp;
mod limits;
mod lists;
mod loops;
mod math;
mod methods;
mod module;
mod names;
mod pattern;
mod prelude;
mod program;
mod renumber;
mod rewrite;
mod specialise;
mod stateless;
mod stmt;
mod supplied;
mod tensor;
mod text;
mod torch;
mod train;
mod value;
mod variant;

use ruff_python_ast::ModModule;

use crate::Options;
use crate::diagnostic::Diagnostics;
use crate::extract::Block;
use crate::ir::{Program, Sizes};

pub(crate) use torch::{is_known, names_of, suggest_import};

/// Elaborates the net of a parsed file; nothing where a diagnostic says why not.
pub(crate) fn run(
    syntax: &ModModule,
    block: &Block,
    options: &Options,
    diags: &mut Diagnostics,
) -> Option<Program> {
    let sizes = Sizes {
        task: options.task,
        vocab: options.vocab,
        image: options.image,
    };
    let outcome = interp::Interp::new(block, sizes, diags).elaborate(&syntax.body, options);
    match outcome {
        Ok(program) => Some(program),
        Err(finding) => {
            finding.report(diags);
            None
        }
    }
}
