//! From the text of an LLM reply to the Rust source of a checked Burn module.
//!
//! The reply is never executed: its Python is taken out ([`extract`]), parsed, run on known numbers and abstract tensors
//! (partial evaluation), checked against the Net API, and what is left is printed as Rust. Every finding points at its
//! place in the reply.
//!
//! ```
//! let reply = "Sorry, I can only describe the network in words.";
//! let rejected = codegen::generate(reply, &codegen::Options::default()).unwrap_err();
//! assert_eq!(rejected.diagnostics[0].rule.code(), "N001");
//! assert_eq!(rejected.outcome(), codegen::Outcome::Extract);
//! ```
#![warn(clippy::panic, clippy::indexing_slicing, clippy::expect_used)]

mod check;
pub mod corpus;
pub mod cost;
mod diagnostic;
mod elaborate;
mod emit;
pub mod extract;
pub mod ir;
mod outcome;
mod parse;
mod render;
mod repair;
mod rules;
pub mod spec;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::thread;

use sha2::{Digest, Sha256};

pub use diagnostic::{Diagnostic, Diagnostics, Edit, Label, MAX_SHOWN, Repair, Severity, Span};
pub use ir::{Program, Task};
pub use outcome::Outcome;
pub use render::{Style, plain_text, render};
pub use repair::Repairs;
pub use rules::{Rule, RuleDoc};

use extract::Block;
use repair::Attempt;

/// Stack of the thread that runs the pipeline: syntax trees are dropped and walked by recursion.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// What a net is generated for.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// What the net is for.
    pub task: Task,
    /// Words of the vocabulary, special ones included; the classes of a classifier.
    pub vocab: usize,
    /// Channels, height and width of an image.
    pub image: [usize; 3],
    /// Images in a training batch; the net sees it in `in_shape[0]` and `prm['batch']`.
    pub batch: usize,
    /// Hyper-parameters, as the net finds them in `prm`.
    pub prm: BTreeMap<String, serde_json::Value>,
    /// How large the net may be.
    pub limits: cost::Limits,
    /// Which repairs are applied. Default: the safe ones
    pub repair: Repairs,
}

impl Default for Options {
    fn default() -> Self {
        let prm = [("lr", 0.001), ("momentum", 0.9), ("dropout", 0.1)];
        let prm = prm
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()));
        Self {
            task: Task::Caption,
            vocab: 10_000,
            image: [3, 224, 224],
            batch: 16,
            prm: prm.collect(),
            limits: cost::Limits::default(),
            repair: Repairs::default(),
        }
    }
}

/// An accepted reply.
#[derive(Clone, Debug)]
pub struct Generated {
    /// Rust source of the module.
    pub source: String,
    /// The Python that was taken out of the reply, repaired.
    pub python: String,
    /// What repairs changed in it, in the unified format.
    pub repairs: Option<String>,
    /// SHA-256 of the Program without its places in the reply: equal nets have equal hashes.
    pub hash: String,
    /// The checked Program.
    pub program: Program,
    /// Warnings and notes.
    pub diagnostics: Vec<Diagnostic>,
}

/// A rejected reply.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the reply is rejected: {}", told(first_error(.diagnostics)))]
pub struct Rejected {
    /// The Python that was taken out of the reply, if any, as far as it was repaired.
    pub python: Option<String>,
    /// What repairs changed in it, in the unified format.
    pub repairs: Option<String>,
    /// What is wrong, errors among warnings and notes, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
}

/// What the message of a finding says where not the reply is at fault.
const BUG: &str = "a bug of codegen";

impl Rejected {
    /// Whether codegen found a fault of its own.
    pub fn is_bug(&self) -> bool {
        let mut messages = self.diagnostics.iter().map(|found| &found.message);
        messages.any(|message| message.contains(BUG))
    }

    /// How the candidate ended: by the rule of the first error.
    pub fn outcome(&self) -> Outcome {
        first_error(&self.diagnostics).map_or(Outcome::Extract, |error| error.rule.outcome())
    }
}

fn first_error(diagnostics: &[Diagnostic]) -> Option<&Diagnostic> {
    diagnostics
        .iter()
        .find(|finding| finding.severity == Severity::Error)
}

fn told(error: Option<&Diagnostic>) -> String {
    error.map_or_else(String::new, |error| {
        format!("{} {}", error.rule, error.message)
    })
}

/// Translates an LLM reply (or a bare Python file) to Rust.
///
/// # Errors
///
/// [`Rejected`], when a rule finds an error: its diagnostics say what and where.
///
/// # Panics
///
/// When no thread can be started.
pub fn generate(reply: &str, options: &Options) -> Result<Generated, Box<Rejected>> {
    thread::scope(|scope| {
        let run = thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || pipeline(reply, options));
        let outcome = match run {
            Ok(worker) => worker.join(),
            Err(error) => {
                std::panic::resume_unwind(Box::new(format!("no thread for codegen: {error}")))
            }
        };
        outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn pipeline(reply: &str, options: &Options) -> Result<Generated, Box<Rejected>> {
    let mut diags = Diagnostics::default();
    let Some(block) = extract::run(reply, &mut diags).filter(|_| !diags.has_errors()) else {
        return Err(Box::new(Rejected {
            python: None,
            repairs: None,
            diagnostics: diags.into_list(),
        }));
    };
    let translate = |block: &Block| translate(block, options, diags.clone());
    let repair::Outcome {
        block,
        attempt,
        diff,
    } = repair::run(block, options.repair, translate);
    match attempt.program {
        Some(program) if !attempt.diags.has_errors() => {
            generated(reply, &block, diff, program, attempt.diags)
        }
        _ => Err(Box::new(rejected(&block, diff, attempt.diags))),
    }
}

fn rejected(block: &Block, repairs: Option<String>, diags: Diagnostics) -> Rejected {
    Rejected {
        python: Some(block.code.clone()),
        repairs,
        diagnostics: diags.into_list(),
    }
}

/// Everything between extraction and emission, once.
fn translate(block: &Block, options: &Options, mut diags: Diagnostics) -> Attempt {
    block.check(&mut diags);
    let syntax = if diags.has_errors() {
        None
    } else {
        parse::run(block, &mut diags)
    };
    let program = syntax
        .as_ref()
        .and_then(|syntax| elaborate::run(syntax, block, options, &mut diags));
    if let Some(program) = &program {
        check::run(program, options, &mut diags);
    }
    Attempt {
        syntax,
        program,
        diags,
    }
}

fn generated(
    reply: &str,
    block: &Block,
    repairs: Option<String>,
    program: Program,
    mut diags: Diagnostics,
) -> Result<Generated, Box<Rejected>> {
    let header = emit::Header {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        reply_sha256: hex_sha256(reply.as_bytes()),
    };
    match emit::run(&program, &header) {
        Ok(source) => Ok(Generated {
            source,
            python: block.code.clone(),
            repairs,
            hash: hex_sha256(program.without_places().as_bytes()),
            program,
            diagnostics: diags.into_list(),
        }),
        Err(error) => {
            let message = format!("printing this net is not supported, by {BUG}: {error}");
            diags.error(Rule::UnsupportedConstruct, block.whole(), message);
            Err(Box::new(rejected(block, repairs, diags)))
        }
    }
}

fn hex_sha256(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
