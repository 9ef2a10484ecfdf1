//! `corpus`: how many nets of a folder go through, counted three ways that are never merged.
mod compiled;
mod generated;
mod matched;
mod table;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;

use super::exit::{Answer, Exit, Failure};
use super::input::parse_image;
use super::task::Task;
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption corpus ~/nets                                        captioning nets: what codegen makes of each file
  nn-caption corpus ~/nets --task classify --sample 0             generated only, a minute for ten thousand files
  nn-caption corpus ~/nets --task classify --golden golden/nets   compile 300 of them, compare where a golden is
  nn-caption corpus ~/nets --task classify --json > corpus.jsonl  one JSON line a file

The three columns of the table:
  generated  every file: codegen gave Rust source
  compiled   a sample drawn by --seed among the generated: the compiler took it (many nets in one build)
  logits     every NAME.json of --golden whose net NAME.py is in DIR: PyTorch's logits are matched

A file that is not generated ends in a diagnostic with rule, line and construct; the most frequent are listed at the
end. A panic of codegen or a file beyond --time-limit is a line too, and never ends the run. Classifiers are tried with
pictures of --image, then 64, 128 and 224, until their windows fit; a hyper-parameter without a value is 0.5.";

/// Count how many nets of a folder are generated, compile, and match PyTorch
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A folder of bare .py files
    dir: PathBuf,
    /// What the nets are for
    #[arg(long, value_enum, default_value = "caption")]
    task: Task,
    /// Generated nets that are compiled; 0 for none
    #[arg(long, default_value_t = 300, value_name = "N")]
    sample: usize,
    /// Which nets the sample holds
    #[arg(long, default_value_t = 0, value_name = "S")]
    seed: u64,
    /// PyTorch's side, one NAME.json for NAME.py
    #[arg(long, value_name = "DIR")]
    golden: Option<PathBuf>,
    /// Words of a captioning net, classes of a classifier [default: 60 or 10]
    #[arg(long, value_name = "WORDS")]
    vocab: Option<usize>,
    /// Picture size to try first: one side, or height and width as in 224x160
    #[arg(long, default_value = "32", value_parser = parse_image, value_name = "SIZE")]
    image: [usize; 3],
    /// Seconds that codegen may take for one file
    #[arg(long, default_value_t = 20, value_name = "SECONDS")]
    time_limit: u64,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        let files = self.files()?;
        let words = self.vocab.unwrap_or(match self.task {
            Task::Caption => 60,
            Task::Classify => 10,
        });
        let plan = generated::Plan {
            options: self
                .task
                .of(nn_caption::run::options(words, self.image, 2, [].into())),
            limit: Duration::from_secs(self.time_limit),
            seed: self.seed,
        };
        let mut rows = generated::run(terminal, &files, &plan);
        if self.sample > 0 {
            compiled::run(terminal, &mut rows, &plan, self.sample)?;
        }
        if let Some(golden) = &self.golden {
            matched::run(terminal, &mut rows, golden)?;
        }
        table::show(terminal, &rows);
        Ok(Exit::Done)
    }

    /// The nets of the folder, by name.
    fn files(&self) -> Result<Vec<PathBuf>, Failure> {
        let list = || -> anyhow::Result<Vec<PathBuf>> {
            let mut files = Vec::new();
            for entry in std::fs::read_dir(&self.dir)? {
                let path = entry?.path();
                if path.extension().is_some_and(|extension| extension == "py") {
                    files.push(path);
                }
            }
            files.sort();
            Ok(files)
        };
        let files = list()
            .with_context(|| format!("cannot list the nets of {}", self.dir.display()))
            .map_err(Failure::usage)?;
        if files.is_empty() {
            return Err(Failure::usage(anyhow::anyhow!(
                "{} holds no .py file",
                self.dir.display()
            )));
        }
        Ok(files)
    }
}

/// A bar over `length` things, where somebody watches.
fn bar(terminal: &Terminal, length: usize, what: &'static str) -> indicatif::ProgressBar {
    if !terminal.watched {
        return indicatif::ProgressBar::hidden();
    }
    let style =
        indicatif::ProgressStyle::with_template("{prefix} {bar:32} {pos}/{len}  {eta} left");
    let bar = indicatif::ProgressBar::new(length as u64).with_prefix(what);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
