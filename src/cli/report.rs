//! `report`: a whole search on one page.
use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use nn_caption::report::search::page;
use nn_caption::store::Store;
use serde_json::json;

use super::exit::{Answer, Exit, Failure};
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption report runs/search                 writes runs/search/report.html
  nn-caption report runs/search -o today.html   another file

Works while the search runs. The page is one file without scripts or links to elsewhere: leaderboard, score against size,
learning curves, failures by stage and K, family tree, and for each net its diagram, sources, captions and repair history.";

/// Write one HTML page that shows a whole search
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The search's folder
    dir: PathBuf,
    /// The page; by default report.html in the search's folder
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        let mut store = Store::open(&self.dir).map_err(Failure::usage)?;
        let search = store.search().map_err(Failure::usage)?;
        let trials = store.trials().map_err(Failure::usage)?;
        let html = page(&search, &trials, &self.dir);
        let path = self.out.unwrap_or_else(|| self.dir.join("report.html"));
        let written = fs::write(&path, &html);
        written
            .with_context(|| format!("cannot write {}", path.display()))
            .map_err(Failure::usage)?;
        if terminal.json {
            let bytes = html.len();
            terminal.answer_json(&json!({ "page": path, "bytes": bytes, "trials": trials.len() }));
        } else {
            terminal.answer(&format!("{} trials on {}", trials.len(), path.display()));
        }
        Ok(Exit::Done)
    }
}
