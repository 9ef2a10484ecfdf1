//! The first column: codegen on every file, in parallel.
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use nn_caption::caption_models::probe::fill;
use nn_caption::codegen::corpus::{self, Ending, Line};
use nn_caption::codegen::{Generated, Options};
use rayon::prelude::*;
use serde::Serialize;

use super::super::input::read_reply;
use super::super::terminal::Terminal;
use super::bar;

/// How files are run.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) options: Options,
    /// Time of one file.
    pub(super) limit: Duration,
    pub(super) seed: u64,
}

/// A file and what became of it.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    #[serde(skip)]
    pub(super) path: PathBuf,
    #[serde(flatten)]
    pub(super) line: Line,
    /// Whether the compiler took it; `None` outside the sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) compiled: Option<bool>,
    /// Whether PyTorch's logits are matched; `None` without a golden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) logits: Option<bool>,
    /// What compiler and golden have against it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) against: Vec<String>,
}

/// Runs codegen on every file.
pub(super) fn run(terminal: &Terminal, files: &[PathBuf], plan: &Plan) -> Vec<Row> {
    let progress = bar(terminal, files.len(), "generated");
    let row = |path: &PathBuf| {
        let (line, _) = one(path, plan);
        progress.inc(1);
        Row {
            path: path.clone(),
            line,
            compiled: None,
            logits: None,
            against: Vec::new(),
        }
    };
    let rows = files.par_iter().map(row).collect();
    progress.finish_and_clear();
    rows
}

/// Runs codegen on one file, and gives it up at the limit: the thread ends by codegen's own limits.
pub(super) fn one(path: &Path, plan: &Plan) -> (Line, Option<Box<Generated>>) {
    let file = name(path);
    let text = read_reply(path).unwrap_or_default();
    let (sender, receiver) = channel();
    let (options, own_name) = (plan.options.clone(), file.clone());
    let worker = thread::Builder::new().spawn(move || {
        // The receiver has gone when the limit has passed.
        let _ = sender.send(corpus::examine(&own_name, &text, &options));
    });
    let answer = worker
        .ok()
        .and_then(|_| receiver.recv_timeout(plan.limit).ok());
    let milliseconds = u64::try_from(plan.limit.as_millis()).unwrap_or(u64::MAX);
    answer.unwrap_or_else(|| (corpus::given_up(&file, milliseconds), None))
}

/// Places of the generated rows in an order that the seed draws.
pub(super) fn drawn(rows: &[Row], seed: u64) -> Vec<usize> {
    let mut places: Vec<usize> = (0..rows.len())
        .filter(|at| rows[*at].line.outcome == Ending::Generated)
        .collect();
    places.sort_by_key(|at| fill::seed(&format!("{seed}:{}", rows[*at].line.file)));
    places
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
