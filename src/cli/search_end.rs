//! How a search ends: with a leaderboard, by an error, by a signal.
use std::path::Path;

use anyhow::anyhow;
use nn_caption::candidate::LastWill;
use nn_caption::report::search::Leaderboard;
use nn_caption::run::RunError;
use nn_caption::search::{SearchEnd, SearchError};
use nn_caption::store::TrialRecord;
use serde_json::json;

use super::exit::{Exit, Failure};
use super::terminal::Terminal;

/// Shows what a search came to.
pub(super) fn show(terminal: &Terminal, folder: &Path, end: SearchEnd, trials: &[TrialRecord]) {
    let board = Leaderboard::of(trials).with_folders(trials, folder);
    if terminal.json {
        terminal.answer_json(&json!({ "search": folder, "end": end, "leaderboard": board }));
        return;
    }
    terminal.answer(&board.to_string());
    terminal.answer(match end {
        SearchEnd::AllTrials => "All trials were made.",
        SearchEnd::NoMoreReplies => "The recorded replies have all been given.",
        SearchEnd::OutOfTime => "The budget of time is used up; --resume goes on.",
        SearchEnd::OutOfTokens => "The budget of tokens is used up; --resume with more goes on.",
    });
    terminal.answer(&format!(
        "Look at it: nn-caption report {}",
        folder.display()
    ));
}

/// A search that an error stops says how to go on.
pub(super) fn stopped(terminal: &Terminal, folder: &Path, error: SearchError) -> Failure {
    terminal.say(&format!("what was finished is kept; {}", go_on(folder)));
    error.into()
}

/// What is said when a signal ends the search.
pub(super) fn last_will(terminal: Terminal, folder: &Path) -> LastWill {
    let folder = folder.to_path_buf();
    LastWill::new(move |signal| {
        terminal.say(&format!("\ninterrupted by {signal}; {}", go_on(&folder)));
    })
}

fn go_on(folder: &Path) -> String {
    format!(
        "go on by: nn-caption search --resume --out {}",
        folder.display()
    )
}

impl From<SearchError> for Failure {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Run(error) => RunError::into(error),
            SearchError::Llm(error) => Self {
                exit: Exit::Stopped,
                ..Self::usage(error)
            },
            error => Self::usage(anyhow!(error)),
        }
    }
}
