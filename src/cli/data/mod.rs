//! `data`: looking at data sets.
mod table;

use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use nn_caption::caption_models::data::check::{DataReport, check};
use nn_caption::caption_models::data::{DataError, DataSpec};
use serde_json::json;

use super::exit::{Answer, Exit, Failure};
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption data check /data/coco                   whatever lies there
  nn-caption data check coco:/data/coco              a folder of COCO 2014 or 2017
  nn-caption data check karpathy:dataset_coco.json
  nn-caption data check flickr:/data/flickr8k
  nn-caption data check jsonl:captions.jsonl --json  every problem, for machines

Every picture is decoded, on all cores. Exit code 1 when something is wrong: pictures that are missing or broken or have
no caption, captions without a picture, pictures that are in both splits.";

const CHECK_EXAMPLES: &str = "\
Examples:
  nn-caption data check /data/coco
  nn-caption data check flickr:/data/flickr8k --all
  nn-caption data check scenes --json";

const BAR: &str = "{bar:32} {pos}/{len} pictures  {per_sec}  {eta} left";

/// Look at a data set
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Check(CheckArgs),
}

/// Count pictures, captions and words, and say what is wrong
#[derive(Debug, clap::Args)]
#[command(after_help = CHECK_EXAMPLES)]
struct CheckArgs {
    /// A data set as `--data` takes it, or where one lies
    data: String,
    /// Show every problem, not the first ten of each kind
    #[arg(long)]
    all: bool,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        let Command::Check(args) = self.command;
        let spec = args.spec().map_err(Failure::usage)?;
        let report = watched(terminal, &spec).map_err(Failure::usage)?;
        if terminal.json {
            terminal.answer_json(&json!({ "wrong": report.is_wrong(), "report": report }));
        } else {
            terminal.answer(&table::text(&report, args.all));
        }
        Ok(if report.is_wrong() {
            Exit::No
        } else {
            Exit::Done
        })
    }
}

impl CheckArgs {
    /// What is no specification is a place.
    fn spec(&self) -> Result<DataSpec, DataError> {
        let path = Path::new(&self.data);
        match self.data.parse() {
            Err(_) if path.exists() || !self.data.contains(':') => DataSpec::at(path),
            parsed => parsed,
        }
    }
}

/// Checks under a bar.
fn watched(terminal: &Terminal, spec: &DataSpec) -> Result<DataReport, DataError> {
    let bar = if terminal.watched {
        ProgressBar::new(0)
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template(BAR) {
        bar.set_style(style);
    }
    let report = check(spec, |n_done, n_pictures| {
        bar.set_length(n_pictures as u64);
        bar.set_position(n_done as u64);
    });
    bar.finish_and_clear();
    report
}
