//! `leaderboard`: the ranked nets of a search.
use std::path::PathBuf;

use nn_caption::report::search::Leaderboard;
use nn_caption::store::Store;

use super::exit::{Answer, Exit, Failure};
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption leaderboard runs/search          the ranked nets as a table
  nn-caption leaderboard runs/search --json   the same for machines, with all baselines

Works while the search runs. Nets are compared at equal epochs: those trained longest stand first, one with fewer epochs
stands below them whatever it scored, and is marked.";

/// Show the ranked nets of a search, baselines beside them
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The search's folder
    dir: PathBuf,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        let mut store = Store::open(&self.dir).map_err(Failure::usage)?;
        let trials = store.trials().map_err(Failure::usage)?;
        let board = Leaderboard::of(&trials).with_folders(&trials, &self.dir);
        if terminal.json {
            terminal.answer_json(&board);
        } else {
            terminal.answer(&board.to_string());
        }
        Ok(Exit::Done)
    }
}
