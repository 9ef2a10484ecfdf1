//! `leaderboard` and `report` on a store.
use std::path::Path;
use std::process::{Command, Output};

use nn_caption::store::{Claim, Store, StoreError, TrialEnd};

use super::made;

/// A search in a store.
fn stored(dir: &Path) {
    let (record, trials) = made::search(dir);
    let mut store = Store::create(dir, &record).unwrap();
    for trial in &trials {
        let begin = Claim::Begin {
            number: trial.number,
            brief: trial.brief.clone(),
            request: Box::new(trial.exchanges[0].request.clone()),
        };
        store.claim(|_, _| Ok::<_, StoreError>(begin)).unwrap();
        for exchange in &trial.exchanges {
            store.add_exchange(trial.number, exchange).unwrap();
        }
        if let Some(net) = &trial.net {
            store.accept(trial.number, net).unwrap();
        }
        if let Some(folder) = &trial.folder {
            store.set_folder(trial.number, folder).unwrap();
        }
        let end = TrialEnd {
            state: trial.state,
            outcome: trial.outcome,
            message: trial.message.clone(),
        };
        store.end(trial.number, &end).unwrap();
        for rung in &trial.rungs {
            store.add_rung(trial.number, rung, &end).unwrap();
        }
    }
}

fn run(args: &[&str]) -> Output {
    let command = env!("CARGO_BIN_EXE_nn-caption");
    Command::new(command).args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_search_is_ranked_for_people_and_for_machines() {
    let dir = tempfile::tempdir().unwrap();
    stored(dir.path());
    let folder = dir.path().to_str().unwrap();
    let table = run(&["leaderboard", folder]);
    assert!(table.status.success());
    let table = said(&table);
    assert!(
        table.contains("BLEU-4 by protocol coco on 8 validation pictures"),
        "{table}"
    );
    let first = table.lines().nth(2).unwrap();
    assert!(
        first.trim_start().starts_with("1     12  C5C-RESNETLSTM-"),
        "{table}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&said(&run(&["leaderboard", folder, "--json"]))).unwrap();
    let trials = json["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["trial"].as_u64().unwrap());
    assert_eq!(trials.collect::<Vec<_>>(), [12, 7, 1, 8, 3, 10, 4]);
    assert_eq!(json["rows"][0]["constant"], 0.12);
    assert_eq!(json["rows"][4]["fewer_epochs"], true);
}

#[test]
fn the_page_lies_in_the_searchs_folder() {
    let dir = tempfile::tempdir().unwrap();
    stored(dir.path());
    let folder = dir.path().to_str().unwrap();
    let output = run(&["report", folder]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let page = std::fs::read_to_string(dir.path().join("report.html")).unwrap();
    assert!(page.contains("<h2 id=\"leaderboard\">") && page.contains("what net 12 says"));
}

#[test]
fn what_is_exported_for_lemur_can_be_asked_for_as_an_anchor() {
    let dir = tempfile::tempdir().unwrap();
    stored(dir.path());
    let folder = dir.path().to_str().unwrap();
    let json: serde_json::Value =
        serde_json::from_str(&said(&run(&["export", folder, "--lemur", "--json"]))).unwrap();
    let nets = json["exported"]["nets"].as_array().unwrap();
    assert_eq!(nets.len(), 7);
    let lemur = dir.path().join("lemur");
    let name = nets[0].as_str().unwrap();
    assert!(lemur.join(format!("nn/{name}.py")).is_file());
    let from = lemur.to_str().unwrap();
    let output = run(&["search", "--dry-run", "--nets", from, "--anchor", name]);
    assert!(output.status.success());
    let prompt = said(&output);
    assert!(prompt.contains(&format!("# Anchor: {name}")), "{prompt}");
    assert!(prompt.contains("was a mean sentence BLEU-4 of"), "{prompt}");
}

#[test]
fn a_folder_without_a_search_is_wrong_input() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().to_str().unwrap();
    for command in [&["leaderboard"][..], &["report"], &["export", "--lemur"]] {
        let output = run(&[command, &[folder]].concat());
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("holds no search"), "{said}");
    }
}
