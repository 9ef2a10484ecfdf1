//! The third column: every golden whose net is in the folder, all in one program, each in a process of its own.
use std::path::{Path, PathBuf};

use nn_caption::candidate::Builder;
use nn_caption::caption_models::harness::{Event, ProbeJob};
use nn_caption::caption_models::probe::{Check, Golden, Numbers, compare};
use nn_caption::codegen;
use nn_caption::run::{self, RunError};

use super::super::exit::Failure;
use super::super::input::read_reply;
use super::super::task::Task;
use super::super::terminal::Terminal;
use super::bar;
use super::generated::Row;

/// A golden with a net that codegen took.
struct Case {
    row: usize,
    golden: Golden,
    source: String,
}

/// Compares every net that has a golden with it.
pub(super) fn run(terminal: &Terminal, rows: &mut [Row], golden: &Path) -> Result<(), Failure> {
    let cases = cases(rows, golden);
    let scratch = tempfile::tempdir().map_err(Failure::usage)?;
    let executable = scratch.path().join("corpus");
    terminal.say(&format!("building {} nets with a golden", cases.len()));
    let sources: Vec<&str> = cases.iter().map(|case| case.source.as_str()).collect();
    let refused = Builder::find()
        .and_then(|builder| builder.build_many(&sources, Some(&executable)))
        .map_err(RunError::from)?;
    let progress = bar(terminal, cases.len(), "logits");
    for (number, case) in cases.iter().enumerate() {
        let against = if let Some(error) = refused.get(&number) {
            Err(error.clone())
        } else {
            let folder = scratch.path().join(number.to_string());
            measure(&executable, number, case.golden.job(), &folder)
                .map_err(|error| error.to_string())
                .and_then(|numbers| numbers.ok_or_else(|| "the probe gave no numbers".to_owned()))
        };
        let row = &mut rows[case.row];
        let (logits, against) = match against {
            Ok(numbers) => judge(&numbers, &case.golden),
            Err(error) => (false, vec![error]),
        };
        row.logits = Some(logits);
        row.against.extend(against);
        progress.inc(1);
    }
    progress.finish_and_clear();
    Ok(())
}

/// The goldens of the rows; a net that codegen rejects under its golden's sizes does not match.
fn cases(rows: &mut [Row], folder: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    for (at, row) in rows.iter_mut().enumerate() {
        let Some(golden) = golden_of(&row.path, folder) else {
            continue;
        };
        let (Some(words), Some(image)) = (golden.words(), golden.image()) else {
            continue;
        };
        let options = run::options(words, image, golden.job().batch, golden.prm.clone());
        let options = Task::from(golden.task).of(options);
        let text = read_reply(&row.path).unwrap_or_default();
        match codegen::generate(&text, &options) {
            Ok(generated) => cases.push(Case {
                row: at,
                golden,
                source: generated.source,
            }),
            Err(rejected) => {
                row.logits = Some(false);
                row.against.push(rejected.to_string());
            }
        }
    }
    cases
}

/// `NAME.json`, if it holds numbers.
fn golden_of(net: &Path, folder: &Path) -> Option<Golden> {
    let path: PathBuf = folder.join(net.file_stem()?).with_added_extension("json");
    let golden = Golden::read(&path).ok()?;
    golden.without_numbers().is_none().then_some(golden)
}

fn measure(
    executable: &Path,
    number: usize,
    job: ProbeJob,
    folder: &Path,
) -> Result<Option<Numbers>, RunError> {
    let mut process = run::probe_one_of_many(executable, number, job, folder)?;
    let mut numbers = None;
    while let Some(event) = process.next_event() {
        if let Event::Probe { numbers: measured } = event {
            numbers = Some(*measured);
        }
    }
    process.finish()?;
    Ok(numbers)
}

/// Whether the logits match, and all that does not.
fn judge(numbers: &Numbers, golden: &Golden) -> (bool, Vec<String>) {
    let differences = compare(numbers, golden);
    let logits = differences
        .iter()
        .all(|found| !matches!(found.check, Check::Logits | Check::Params));
    (
        logits,
        differences.iter().map(ToString::to_string).collect(),
    )
}
