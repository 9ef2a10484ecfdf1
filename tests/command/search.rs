//! A search as a user meets it: offline, interrupted, replayed.
use std::fs;
use std::path::Path;

use nn_caption::store::{Store, TrialRecord};
use serde_json::Value;

use super::{refuses, run, stderr, stdout};

/// A search whose nets train for seconds.
pub(crate) fn tiny<'a>(out: &'a str, trials: &'a str) -> Vec<&'a str> {
    let mut args = vec!["search", "--out", out, "--trials", trials];
    args.extend(["--data", "scenes:16", "--image", "32", "--batch", "4"]);
    args.extend(["--epochs", "2", "--first", "1", "--eta", "2"]);
    args
}

pub(crate) fn trials(folder: &Path) -> Vec<TrialRecord> {
    Store::open(folder).unwrap().trials().unwrap()
}

/// What must be equal in two searches of the same replies.
pub(crate) fn essence(
    trials: &[TrialRecord],
) -> Vec<(Option<String>, Option<String>, Vec<String>)> {
    trials
        .iter()
        .map(|trial| {
            let hash = trial.net.as_ref().map(|net| net.hash.clone());
            let outcome = trial.outcome.map(|outcome| outcome.to_string());
            let scores = trial.rungs.iter().map(|rung| {
                let mut scores = serde_json::to_value(&rung.scores).unwrap();
                forget_clocks(&mut scores);
                format!("{} {scores}", rung.epochs)
            });
            (hash, outcome, scores.collect())
        })
        .collect()
}

/// Removes what the clock says.
fn forget_clocks(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !name.ends_with("seconds"));
            fields.values_mut().for_each(forget_clocks);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_clocks),
        _ => {}
    }
}

#[test]
fn two_offline_trials_end_in_a_leaderboard_and_replay_to_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("first");
    let mut args = tiny(first.to_str().unwrap(), "2");
    args.push("--json");
    let output = run(&args);
    assert!(output.status.success(), "{}", stderr(&output));
    let answer: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(answer["end"], "all_trials");
    let made = trials(&first);
    assert_eq!(made.len(), 2);
    assert!(made.iter().any(|trial| !trial.rungs.is_empty()), "{made:?}");
    assert!(made.iter().all(|trial| !trial.exchanges.is_empty()));

    let again = folder.path().join("again");
    let replay = format!("replay:{}", first.display());
    let mut args = tiny(again.to_str().unwrap(), "2");
    args.extend(["--llm", &replay]);
    let output = run(&args);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(essence(&trials(&again)), essence(&made));

    let out = first.to_str().unwrap();
    let mut args = vec!["search", "--resume", "--out", out, "--json"];
    args.extend(["--trials", "9", "--budget-tokens", "1"]);
    let output = run(&args);
    assert!(output.status.success(), "{}", stderr(&output));
    let answer: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(answer["end"], "out_of_tokens");
    assert_eq!(trials(&first).len(), 2, "a spent budget begins nothing");
}

#[test]
fn a_search_of_replies_goes_through_a_folder_of_nets() {
    let folder = tempfile::tempdir().unwrap();
    let replies = folder.path().join("replies");
    fs::create_dir(&replies).unwrap();
    fs::copy(super::REPLY, replies.join("a.md")).unwrap();
    fs::copy(super::REPLY, replies.join("b.md")).unwrap();
    fs::write(replies.join("c.md"), "I would rather not write a network.").unwrap();
    let out = folder.path().join("out");
    let replay = format!("replay:{}", replies.display());
    let mut args = tiny(out.to_str().unwrap(), "9");
    args.extend(["--llm", &replay]);
    let output = run(&args);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("have all been given"),
        "{}",
        stdout(&output)
    );
    let made = trials(&out);
    assert!(!made[0].rungs.is_empty());
    assert_eq!(made[1].duplicate_of, Some(1));
    assert_eq!(made[2].outcome.unwrap().name(), "extract");
}

#[test]
fn a_dry_run_prints_the_prompt_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut args = tiny(out.to_str().unwrap(), "2");
    args.extend(["--dry-run", "--snippets", "10", "--decoder", "gru"]);
    let output = run(&args);
    assert!(output.status.success(), "{}", stderr(&output));
    let prompt = stdout(&output);
    assert!(prompt.starts_with("----- system -----\n"), "{prompt}");
    assert!(prompt.contains("The decoder must be: gru."), "{prompt}");
    assert!(stderr(&output).contains("decoder gru; K = 10: "));
    assert!(!out.exists());

    args.push("--json");
    let asked: Value = serde_json::from_str(&stdout(&run(&args))).unwrap();
    assert_eq!(asked["brief"]["snippets"].as_array().unwrap().len(), 10);
    let sent = asked["request"]["messages"][1]["content"].as_str().unwrap();
    assert!(prompt.contains(sent));
}

#[test]
fn wrong_searches_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    refuses(
        &["search", "--resume", "--out", out],
        2,
        "there is no search.db",
    );
    refuses(
        &["search", "--resume", "--out", out, "--eta", "4"],
        2,
        "cannot be used with",
    );
    refuses(&["search", "--llm", "ftp://x", "--out", out], 2, "offline");
    refuses(
        &["search", "--llm", "replay:/nowhere", "--out", out],
        2,
        "/nowhere",
    );
    refuses(&["leaderboard", out], 2, "there is no search.db");
}
