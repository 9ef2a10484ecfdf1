//! Repairs of what language models get wrong most: edits attached to findings, applied in a bounded loop.
//!
//! A repair looks at one finding and at the syntax tree, and says which pieces of the code to replace. It is kept when
//! the finding is gone after it; otherwise it is taken back. One repair a file, one line in [`REPAIRS`].
mod argument;
mod attribute;
mod brackets;
mod declared;
mod diff;
mod hyperparameter;
mod import;
mod name;
mod shape_index;
mod star;
mod supported;
mod tail;
mod tree;
mod tuple;

use std::ops::Range;

use ruff_python_ast::ModModule;
use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Diagnostics, Edit, Repair, Severity};
use crate::extract::Block;
use crate::ir::Program;

/// How often a reply is translated anew at most.
const MAX_ATTEMPTS: usize = 16;

/// Which repairs are applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Repairs {
    /// None; findings carry them all the same.
    None,
    /// Those that say what the reply can only have meant.
    #[default]
    Safe,
    /// Those that guess, too.
    All,
}

impl Repairs {
    fn allow(self, fix: &Fix) -> bool {
        match self {
            Self::None => false,
            Self::Safe => fix.safe,
            Self::All => true,
        }
    }
}

/// What one translation came to.
pub(crate) struct Attempt {
    pub(crate) syntax: Option<ModModule>,
    pub(crate) program: Option<Program>,
    pub(crate) diags: Diagnostics,
}

/// What a repair sees.
struct Context<'a> {
    block: &'a Block,
    syntax: Option<&'a ModModule>,
    finding: &'a Diagnostic,
}

/// Pieces of the code and what replaces them, in order.
type Edits = Vec<(Range<usize>, String)>;

/// A change of the code.
#[derive(Clone, Debug, PartialEq)]
struct Fix {
    title: String,
    edits: Edits,
    safe: bool,
}

impl Fix {
    fn safe(title: impl Into<String>, edits: Edits) -> Self {
        Self {
            title: title.into(),
            edits,
            safe: true,
        }
    }

    fn guess(title: impl Into<String>, edits: Edits) -> Self {
        Self {
            safe: false,
            ..Self::safe(title, edits)
        }
    }
}

type Repairer = fn(&Context<'_>) -> Option<Fix>;

/// Every repair; the first that knows what to do with a finding does it.
const REPAIRS: &[Repairer] = &[
    brackets::repair,
    tail::repair,
    attribute::repair,
    import::repair,
    star::repair,
    name::repair,
    argument::repair,
    shape_index::repair,
    supported::repair,
    hyperparameter::repair,
    declared::repair,
    tuple::repair,
];

/// The last attempt and what led to it.
pub(crate) struct Outcome {
    pub(crate) block: Block,
    pub(crate) attempt: Attempt,
    /// From the Python of the reply to the repaired one, in the unified format.
    pub(crate) diff: Option<String>,
}

/// Translates a block, repairs it and translates it anew, until nothing is left to repair.
pub(crate) fn run(
    block: Block,
    allowed: Repairs,
    translate: impl Fn(&Block) -> Attempt,
) -> Outcome {
    let original = block.code.clone();
    let mut attempt = translate(&block);
    let (mut block, mut done, mut failed) = (block, Vec::new(), Vec::new());
    for _ in 1..MAX_ATTEMPTS {
        let fixes = fixes(&block, &mut attempt, allowed, &failed);
        let Some((next, tried)) = applied(&block, fixes) else {
            break;
        };
        let after = translate(&next);
        let useless = |finding: &Diagnostic| {
            let mut left = after.diags.found().iter();
            left.any(|left| left.repeats(finding))
        };
        if tried.iter().any(useless) {
            failed.extend(tried.into_iter().filter(|finding| useless(finding)));
        } else {
            done.extend(tried);
            (block, attempt) = (next, after);
        }
    }
    let diff = (block.code != original).then(|| diff::unified(&original, &block.code));
    for finding in done {
        attempt.diags.add(told(finding));
    }
    Outcome {
        block,
        attempt,
        diff,
    }
}

/// Attaches a repair to each finding that has one, and gives those that may be applied.
fn fixes(
    block: &Block,
    attempt: &mut Attempt,
    allowed: Repairs,
    failed: &[Diagnostic],
) -> Vec<(Diagnostic, Fix)> {
    let mut found = Vec::new();
    for finding in attempt.diags.found_mut() {
        if failed.iter().any(|failed| failed.repeats(finding)) {
            finding.repair = None;
            continue;
        }
        let cx = Context {
            block,
            syntax: attempt.syntax.as_ref(),
            finding,
        };
        let Some(fix) = REPAIRS.iter().find_map(|repair| repair(&cx)) else {
            continue;
        };
        finding.repair = Some(public(block, &fix));
        if allowed.allow(&fix) {
            found.push((finding.clone(), fix));
        }
    }
    found
}

fn public(block: &Block, fix: &Fix) -> Repair {
    let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    let edit = |(range, replacement): &(Range<usize>, String)| Edit {
        span: block.span(narrow(range.start)..narrow(range.end)),
        replacement: replacement.clone(),
    };
    Repair {
        title: fix.title.clone(),
        safe: fix.safe,
        edits: fix.edits.iter().map(edit).collect(),
    }
}

/// The block with all fixes that do not touch each other's places, and the findings they are for.
fn applied(block: &Block, fixes: Vec<(Diagnostic, Fix)>) -> Option<(Block, Vec<Diagnostic>)> {
    let mut edits: Edits = Vec::new();
    let mut findings = Vec::new();
    for (finding, fix) in fixes {
        let fits = |new: &Range<usize>| {
            let apart = |old: &Range<usize>| {
                (new.end <= old.start || old.end <= new.start) && new.start != old.start
            };
            new.end <= block.code.len() && edits.iter().all(|(old, _)| apart(old))
        };
        let is_known = fix.edits.iter().all(|edit| edits.contains(edit));
        if !is_known && !fix.edits.iter().all(|(range, _)| fits(range)) {
            continue;
        }
        if !is_known {
            edits.extend(fix.edits);
        }
        findings.push(finding);
    }
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    (!edits.is_empty()).then(|| (block.edited(&edits), findings))
}

/// A finding that is gone, as a note.
fn told(mut finding: Diagnostic) -> Diagnostic {
    let title = finding.repair.as_ref().map_or("", |repair| &repair.title);
    finding.message = format!("{}; repaired: {title}", finding.message);
    finding.severity = Severity::Note;
    finding.help = None;
    finding
}
