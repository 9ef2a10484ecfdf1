//! How codegen ends on a whole folder of nets: what one file gives, and which family it belongs to.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use serde::Serialize;

use crate::diagnostic::Cause;
use crate::{Diagnostic, Generated, Options, Outcome, Rejected, Severity, Task, generate};

/// The families of LEMUR's nets, in the order of a table.
pub const FAMILIES: [&str; 7] = [
    "alt*/rl*",
    "ga",
    "ga-mut",
    "ast-*",
    "FractalNet",
    "rag",
    "others",
];

/// Characters of a construct that are shown.
const MAX_CONSTRUCT: usize = 80;

/// The family of a file, by its name.
pub fn family(file: &str) -> &'static str {
    const PREFIXES: [(&str, usize); 7] = [
        ("alt", 0),
        ("rl", 0),
        ("ga-mut", 2),
        ("ga", 1),
        ("ast-", 3),
        ("FractalNet", 4),
        ("rag", 5),
    ];
    let known = PREFIXES.iter().find(|(prefix, _)| file.starts_with(prefix));
    let at = known.map_or(FAMILIES.len() - 1, |(_, at)| *at);
    FAMILIES.get(at).copied().unwrap_or("others")
}

/// What codegen made of one file.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Name of the file.
    pub file: String,
    /// See [`family`].
    pub family: &'static str,
    /// How it ended.
    pub outcome: Ending,
    /// The errors; none for a generated net.
    pub diagnostics: Vec<Found>,
    /// Time it took.
    pub milliseconds: u64,
}

/// How a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// There is Rust source.
    Generated,
    /// A rule rejected it.
    Rejected(Outcome),
    /// A bug: codegen panicked.
    Bug,
    /// It took longer than a file may take.
    TimeLimit,
}

/// An error with its place in the words of the file.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// Code of the rule.
    pub rule: String,
    /// What it says.
    pub message: String,
    /// From 1.
    pub line: usize,
    /// The first line of the source text that it points at.
    pub construct: String,
}

/// Sides of the picture that are tried, besides that of the options, until the windows of a classifier fit.
const SIDES: [usize; 4] = [64, 128, 224, 299];
/// The value of a hyper-parameter that has none, as LEMUR draws them from 0 to 1.
const ANY_PRM: f64 = 0.5;
/// Hyper-parameters that a net may ask for beside those of the options.
const MAX_ASKED: usize = 8;

/// Runs codegen on the text of a file; a panic is an ending too.
///
/// Options that the net does not go with are changed: a larger picture for a classifier whose shapes do not fit, and
/// 0.5 for a hyper-parameter without a value.
pub fn examine(file: &str, text: &str, options: &Options) -> (Line, Option<Box<Generated>>) {
    let started = Instant::now();
    let result = catch_unwind(AssertUnwindSafe(|| generate_fitting(text, options)));
    let (outcome, diagnostics, generated) = match result {
        Ok(Ok(generated)) => (Ending::Generated, Vec::new(), Some(Box::new(generated))),
        Ok(Err(rejected)) => (
            if rejected.is_bug() {
                Ending::Bug
            } else {
                Ending::Rejected(rejected.outcome())
            },
            errors(&rejected, text),
            None,
        ),
        Err(panic) => (Ending::Bug, vec![bug(panic.as_ref())], None),
    };
    let line = Line {
        file: file.to_owned(),
        family: family(file),
        outcome,
        diagnostics,
        milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    (line, generated)
}

fn generate_fitting(text: &str, options: &Options) -> Result<Generated, Box<Rejected>> {
    let first = generate_asking(text, options);
    let Err(rejected) = &first else { return first };
    if options.task != Task::Classify || rejected.outcome() != Outcome::Shape {
        return first;
    }
    let [channels, ..] = options.image;
    let mut larger = SIDES.iter().map(|side| Options {
        image: [channels, *side, *side],
        ..options.clone()
    });
    larger
        .find_map(|options| generate_asking(text, &options).ok())
        .map_or(first, Ok)
}

/// Gives hyper-parameters that the net asks for a value.
fn generate_asking(text: &str, options: &Options) -> Result<Generated, Box<Rejected>> {
    let mut options = options.clone();
    for _ in 0..MAX_ASKED {
        match generate(text, &options) {
            Err(rejected) => match asked(&rejected) {
                Some(name) if !options.prm.contains_key(name) => {
                    options.prm.insert(name.to_owned(), ANY_PRM.into());
                }
                _ => return Err(rejected),
            },
            accepted => return accepted,
        }
    }
    generate(text, &options)
}

/// The hyper-parameter that nobody gave.
fn asked(rejected: &Rejected) -> Option<&str> {
    match &crate::first_error(&rejected.diagnostics)?.cause {
        Some(Cause::NoHyperparameter { name }) => Some(name),
        _ => None,
    }
}

/// The line of a file that was given up.
pub fn given_up(file: &str, milliseconds: u64) -> Line {
    Line {
        file: file.to_owned(),
        family: family(file),
        outcome: Ending::TimeLimit,
        diagnostics: Vec::new(),
        milliseconds,
    }
}

fn errors(rejected: &Rejected, text: &str) -> Vec<Found> {
    let errors = rejected
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Error);
    errors.map(|error| found(error, text)).collect()
}

fn found(error: &Diagnostic, text: &str) -> Found {
    let start = error.primary.start as usize;
    let before = text.as_bytes().iter().take(start);
    let pointed = text.get(error.primary.range()).unwrap_or_default();
    let construct = pointed.lines().next().unwrap_or_default().trim();
    Found {
        rule: error.rule.code().to_owned(),
        message: error.message.clone(),
        line: before.filter(|byte| **byte == b'\n').count() + 1,
        construct: construct.chars().take(MAX_CONSTRUCT).collect(),
    }
}

fn bug(panic: &(dyn std::any::Any + Send)) -> Found {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    Found {
        rule: "BUG".to_owned(),
        message: text.unwrap_or("a panic without words").to_owned(),
        line: 0,
        construct: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_read_off_the_name() {
        assert_eq!(family("alt-nn1-2e10.py"), "alt*/rl*");
        assert_eq!(family("ga-mut-7.py"), "ga-mut");
        assert_eq!(family("ga-7.py"), "ga");
        assert_eq!(family("AlexNet.py"), "others");
    }

    #[test]
    fn an_error_names_line_and_construct() {
        let text = "import torch\nimport torch.nn as nn\n\nclass Net(nn.Conv9d):\n    pass\n";
        let (line, generated) = examine("alt-1.py", text, &Options::default());
        assert!(generated.is_none());
        assert!(matches!(line.outcome, Ending::Rejected(_)));
        let first = line.diagnostics.first().unwrap();
        assert_eq!((first.line, first.construct.as_str()), (4, "Net"));
    }
}
