//! The store as the loop uses it.
use std::fs;
use std::path::Path;
use std::thread;

use codegen::Outcome;

use super::{
    Claim, Exchange, SearchRecord, Store, StoreError, TrialEnd, TrialRecord, TrialState, now,
};
use crate::llm::{Finish, Reply, Request, Sampling, Turn, Usage};
use crate::search::fixtures;

fn record() -> SearchRecord {
    SearchRecord {
        version: "0".to_owned(),
        began: now(),
        plan: [("trials".to_owned(), 8.into())].into(),
    }
}

fn request(trial: u64, attempt: u32) -> Request {
    Request {
        turn: Turn { trial, attempt },
        messages: Vec::new(),
        sampling: Sampling {
            temperature: 0.7,
            top_p: 0.95,
            top_k: None,
            seed: 7,
            max_tokens: 100,
        },
        schema: None,
    }
}

fn exchange(trial: u64, attempt: u32) -> Exchange {
    Exchange {
        attempt,
        request: request(trial, attempt),
        reply: Reply {
            text: "class Net:".to_owned(),
            reasoning: String::new(),
            model: "test".to_owned(),
            finish: Finish::Stop,
            usage: Usage::default(),
            seconds: 0.5,
            sent: 1,
        },
        rejected: Some(Outcome::Syntax),
        diagnostics: Vec::new(),
        repairs: None,
    }
}

/// Claims as the loop does: what was left behind, then a new trial.
#[expect(clippy::unnecessary_wraps, reason = "what `claim` takes")]
fn begin(trials: &[TrialRecord], left: &[u64]) -> Result<Claim, StoreError> {
    if let Some(number) = left.first() {
        return Ok(Claim::TakeOver(*number));
    }
    let number = trials.len() as u64 + 1;
    Ok(Claim::Begin {
        number,
        brief: fixtures::trial(number, &[]).brief,
        request: Box::new(request(number, 0)),
    })
}

fn new(folder: &Path) -> Store {
    Store::create(folder, &record()).unwrap()
}

fn done(message: &str) -> TrialEnd {
    TrialEnd {
        state: TrialState::Done,
        outcome: Some(Outcome::Trained),
        message: message.to_owned(),
    }
}

#[test]
fn what_was_kept_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = new(folder.path());
    store.claim(begin).unwrap();
    store.add_exchange(1, &exchange(1, 0)).unwrap();
    store.add_exchange(1, &exchange(1, 1)).unwrap();
    let net = fixtures::net(1);
    assert_eq!(store.accept(1, &net).unwrap(), None);
    store.set_folder(1, "trials/0001").unwrap();
    let [result] = &fixtures::trial(1, &[0.25]).rungs[..] else {
        panic!("one result");
    };
    store.add_rung(1, result, &done("fine")).unwrap();
    drop(store);
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(store.search().unwrap().plan["trials"], 8);
    let trials = store.trials().unwrap();
    let [trial] = trials.as_slice() else {
        panic!("one trial");
    };
    assert_eq!(trial.exchanges, [exchange(1, 0), exchange(1, 1)]);
    assert_eq!(trial.net.as_ref(), Some(&net));
    assert_eq!(trial.rungs.as_slice(), std::slice::from_ref(result));
    assert_eq!(
        (trial.state, trial.outcome),
        (TrialState::Done, Some(Outcome::Trained))
    );
    assert_eq!(trial.folder.as_deref(), Some("trials/0001"));
    assert_eq!(store.trial(1).unwrap().1, request(1, 0));
}

#[test]
fn the_same_net_is_found_by_hash_and_by_structure() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = new(folder.path());
    for _ in 0..3 {
        store.claim(begin).unwrap();
    }
    let first = fixtures::net(1);
    let mut renamed = fixtures::net(2);
    renamed.structure.clone_from(&first.structure);
    assert_eq!(store.accept(1, &first).unwrap(), None);
    assert_eq!(store.accept(2, &renamed).unwrap(), Some(1));
    assert_eq!(store.accept(3, &fixtures::net(3)).unwrap(), None);
    assert_eq!(
        store.accept(1, &first).unwrap(),
        None,
        "a trial is no duplicate of itself"
    );
    assert_eq!(store.trials().unwrap()[1].duplicate_of, Some(1));
}

#[test]
fn a_trial_whose_process_is_gone_is_claimed_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut dead = new(folder.path());
    dead.claim(begin).unwrap();
    let mut store = Store::resume(folder.path()).unwrap();
    let claim = store.claim(begin).unwrap();
    assert!(
        matches!(claim, Claim::Begin { number: 2, .. }),
        "the other process lives"
    );
    drop(dead);
    assert_eq!(store.claim(begin).unwrap(), Claim::TakeOver(1));
    let claim = store.claim(begin).unwrap();
    assert!(
        matches!(claim, Claim::Begin { number: 3, .. }),
        "it is taken over once"
    );
}

#[test]
fn of_two_writers_each_has_its_own_trials() {
    let folder = tempfile::tempdir().unwrap();
    drop(new(folder.path()));
    let claimed = thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut store = Store::resume(folder.path()).unwrap();
                    let claims: Vec<u64> = (0..5)
                        .map(|_| match store.claim(begin).unwrap() {
                            Claim::Begin { number, .. } => {
                                store.end(number, &done("")).unwrap();
                                number
                            }
                            other => panic!("{other:?}"),
                        })
                        .collect();
                    claims
                })
            })
            .collect();
        let mut claimed: Vec<u64> = writers
            .into_iter()
            .flat_map(|writer| writer.join().unwrap())
            .collect();
        claimed.sort_unstable();
        claimed
    });
    assert_eq!(claimed, (1..=20).collect::<Vec<u64>>());
}

#[test]
fn only_a_trial_without_a_reply_can_be_withdrawn() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = new(folder.path());
    store.claim(begin).unwrap();
    store.claim(begin).unwrap();
    store.add_exchange(1, &exchange(1, 0)).unwrap();
    store.withdraw(1).unwrap();
    store.withdraw(2).unwrap();
    let numbers: Vec<u64> = store
        .trials()
        .unwrap()
        .iter()
        .map(|trial| trial.number)
        .collect();
    assert_eq!(numbers, [1]);
}

#[test]
fn a_failing_decision_claims_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = new(folder.path());
    let refused = store.claim(|_, _| Err(StoreError::NoSearch { path: "x".into() }));
    assert!(refused.is_err());
    assert!(store.trials().unwrap().is_empty());
}

#[test]
fn a_folder_holds_one_search() {
    let folder = tempfile::tempdir().unwrap();
    drop(new(folder.path()));
    let error = Store::create(folder.path(), &record())
        .unwrap_err()
        .to_string();
    assert!(error.contains("already holds a search"), "{error}");
    assert!(error.contains("--resume"), "{error}");
}

#[test]
fn a_database_in_which_nothing_began_holds_no_search() {
    let folder = tempfile::tempdir().unwrap();
    // An empty file is an empty database.
    fs::write(folder.path().join("search.db"), "").unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let error = store.search().unwrap_err();
    assert!(matches!(error, StoreError::NoSearch { .. }), "{error}");
    drop(store);
    drop(new(folder.path()));
}

#[test]
fn what_is_no_search_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Store::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("there is no search.db"), "{error}");
    fs::write(
        folder.path().join("search.db"),
        "no database, but long enough to be looked at",
    )
    .unwrap();
    let error = Store::open(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("search.db") && error.contains("not a database"),
        "{error}"
    );
}
