//! `search --dry-run`: what a trial would ask, to be read.
use std::path::Path;

use nn_caption::llm::{Request, Role};
use nn_caption::search::{SearchError, SearchPlan, preview};
use nn_caption::store::{Brief, Store, TrialRecord};
use serde_json::json;

use super::exit::{Answer, Exit};
use super::search::pool;
use super::terminal::Terminal;

/// Prints what the first trial of a search would ask.
pub(super) fn first(terminal: &Terminal, plan: &SearchPlan) -> Answer {
    show(terminal, plan, Path::new(""), &[])
}

/// Prints what the next trial of the search in `folder` would ask.
pub(super) fn next(terminal: &Terminal, folder: &Path) -> Answer {
    let mut store = Store::open(folder).map_err(SearchError::from)?;
    let record = store.search().map_err(SearchError::from)?;
    let plan = SearchPlan::of(&record).map_err(SearchError::from)?;
    let trials = store.trials().map_err(SearchError::from)?;
    show(terminal, &plan, folder, &trials)
}

fn show(terminal: &Terminal, plan: &SearchPlan, folder: &Path, trials: &[TrialRecord]) -> Answer {
    let (brief, request) = preview(plan, &pool(plan)?, folder, trials)?;
    if terminal.json {
        terminal.answer_json(&json!({ "brief": brief, "request": request }));
        return Ok(Exit::Done);
    }
    for message in &request.messages {
        let who = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        terminal.answer(&format!("----- {who} -----\n{}\n", message.content));
    }
    terminal.say(&about(&brief, &request));
    Ok(Exit::Done)
}

/// What the prompt was made from, in a few lines.
fn about(brief: &Brief, request: &Request) -> String {
    let characters: usize = request
        .messages
        .iter()
        .map(|message| message.content.chars().count())
        .sum();
    let snippets = match brief.snippets.len() {
        0 => "K = 0".to_owned(),
        k => format!("K = {k}: {}", brief.snippets.join(", ")),
    };
    let mut parts = vec![
        format!("prompt {}: {characters} characters", brief.version),
        format!("anchor {}", brief.anchor),
        format!("decoder {}", brief.decoder.as_deref().unwrap_or("any")),
        snippets,
    ];
    if !brief.parents.is_empty() {
        let parents: Vec<String> = brief.parents.iter().map(u64::to_string).collect();
        parts.push(format!("shows trials {}", parents.join(", ")));
    }
    if request.schema.is_some() {
        parts.push("a JSON Schema is sent beside it".to_owned());
    }
    parts.join("; ")
}
