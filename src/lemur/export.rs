//! Writing nets and results.
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use caption_models::data::DataSpec;
use caption_models::train::EpochRow;
use serde::Serialize;

use super::{LemurError, METRIC, SPLITTER, STAT, StatRow, TASK};
use crate::run::{RunFolder, RunInfo};
use crate::store::{RungResult, TrialRecord};

const ABOUT: &str = "\
Nets and results of an nn-caption search in the layout of LEMUR (PyPI: nn-dataset): copy both folders into its `ab/nn`.

nn/C{K}C-{ANCHOR}-{md5}.py  a net; K classification nets were in the prompt, md5 is of the code without white space
stat/train/{task}_{data set}_{metric}_{net}/{epoch}.json  its results: BLEU-4 as LEMUR computes it, and how it was trained

What differs from LEMUR's own rows: `duration` is the time of training alone, in nanoseconds from the start, without the
scoring between epochs; `transform` names the equivalent of what nn-caption did (resized, between 0 and 1); a data set other
than COCO has a name that LEMUR has no loader for; rows are of the pictures that the search scored, which need not be
LEMUR's 300;
no row is left out for a low score.
";

/// What an export wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Names of the nets.
    pub nets: Vec<String>,
    /// Results: files, one an epoch and net.
    pub results: usize,
    /// Trials with a result whose net was exported under the same name before.
    pub same: Vec<u64>,
}

/// Writes every net that has a score, and its results, of the search in `dir` to `out`. What is there is kept, and replaced
/// where names are equal.
///
/// # Errors
///
/// When a run folder lacks its net or how it was asked for, or a file cannot be written.
pub fn export(dir: &Path, trials: &[TrialRecord], out: &Path) -> Result<Exported, LemurError> {
    let mut exported = Exported::default();
    for trial in trials.iter().filter(|trial| trial.best().is_some()) {
        let (Some(net), Some(folder)) = (&trial.net, &trial.folder) else {
            continue;
        };
        if !is_file_name(&net.name) {
            let (trial, name) = (trial.number, net.name.clone());
            return Err(LemurError::Name { trial, name });
        }
        if exported.nets.contains(&net.name) {
            exported.same.push(trial.number);
            continue;
        }
        let run = Run::read(trial, &dir.join(folder))?;
        write(
            &out.join("nn").join(format!("{}.py", net.name)),
            &run.python,
        )?;
        let names = [TASK, data_name(&run.info.data), METRIC, &net.name];
        let stat = out.join(STAT).join(names.join(&SPLITTER.to_string()));
        for (epoch, row) in &run.rows {
            // A map of names to numbers and text is always JSON.
            let json = serde_json::to_string_pretty(&[row.sorted()]).unwrap_or_default();
            write(&stat.join(format!("{epoch}.json")), &json)?;
        }
        exported.results += run.rows.len();
        exported.nets.push(net.name.clone());
    }
    write(&out.join("README.md"), ABOUT)?;
    Ok(exported)
}

/// What is exported of one trial.
struct Run {
    python: String,
    info: RunInfo,
    rows: BTreeMap<usize, StatRow>,
}

impl Run {
    fn read(trial: &TrialRecord, path: &Path) -> Result<Self, LemurError> {
        let cannot = |cause| LemurError::Run {
            trial: trial.number,
            cause: Box::new(cause),
        };
        let folder = RunFolder::open_begun(path).map_err(cannot)?;
        let info: RunInfo = folder.read_json(&folder.info()).map_err(cannot)?;
        let file = folder.python();
        let python = fs::read_to_string(&file).map_err(|cause| LemurError::Read {
            path: file.clone(),
            cause,
        })?;
        let rows = epochs(&history(&folder), &trial.rungs, &info);
        Ok(Self { python, info, rows })
    }
}

/// One result an epoch that was scored. The scores of a rung are those that rank.
fn epochs(history: &[EpochRow], rungs: &[RungResult], info: &RunInfo) -> BTreeMap<usize, StatRow> {
    let mut rows = BTreeMap::new();
    let mut seconds = 0.0;
    for row in history {
        seconds += row.seconds;
        let rung = rungs.iter().find(|rung| rung.epochs == row.epoch);
        let lemur = rung.map(lemur_score).or(row.bleu4.map(|bleu| bleu.lemur));
        if let Some(score) = lemur {
            rows.insert(row.epoch, StatRow::new(score, seconds, info));
        }
    }
    let mut seconds = 0.0;
    for rung in rungs {
        seconds += rung.seconds;
        let row = || StatRow::new(lemur_score(rung), seconds, info);
        rows.entry(rung.epochs).or_insert_with(row);
    }
    rows
}

fn lemur_score(rung: &RungResult) -> f64 {
    let [.., bleu4] = rung.scores.validation.lemur.net.bleu;
    bleu4.score
}

/// The rows of the history; a last one that was cut is left out.
fn history(folder: &RunFolder) -> Vec<EpochRow> {
    let text = fs::read_to_string(folder.history()).unwrap_or_default();
    let rows = text
        .lines()
        .map_while(|line| serde_json::from_str(line).ok());
    rows.collect()
}

/// LEMUR's name of a data set.
fn data_name(data: &DataSpec) -> &'static str {
    match data {
        DataSpec::Karpathy { .. } => "coco-karpathy",
        data => data.kind(),
    }
}

/// Whether it is a file name on its own that LEMUR's reader can take apart.
fn is_file_name(name: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-.+".contains(letter);
    !name.is_empty() && !name.starts_with('.') && name.chars().all(plain)
}

fn write(path: &Path, text: &str) -> Result<(), LemurError> {
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, text));
    written.map_err(|cause| LemurError::Write {
        path: path.to_path_buf(),
        cause,
    })
}
