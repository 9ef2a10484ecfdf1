//! A whole search that asks a server.
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use nn_caption::codegen::spec::NetSpec;
use nn_caption::store::Store;
use serde_json::json;

use super::fake::{Fake, answer, good, refusal};

const KEY: &str = "sk-a-secret-of-mine";

/// The command, with a key in the environment.
fn run(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nn-caption"));
    command.args(args).env("NN_CAPTION_API_KEY", KEY);
    command.output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A search of nets as data that train for seconds.
fn search(url: &str, out: &Path) -> Output {
    let out = out.to_str().unwrap();
    let mut args = vec!["search", "--llm", url, "--out", out, "--reply", "spec"];
    args.extend(["--trials", "1", "--snippets", "0", "--retries", "1"]);
    args.extend(["--data", "scenes:16", "--image", "32", "--batch", "4"]);
    args.extend(["--epochs", "1", "--first", "1"]);
    run(&args)
}

fn good_spec() -> String {
    serde_json::to_string(&NetSpec::example()).unwrap()
}

#[test]
fn a_reply_of_another_schema_goes_back_and_everything_is_kept_but_the_key() {
    let wrong = good(&[&json!({ "encoder": "resnet" }).to_string()]);
    let failed = refusal(500, &format!("I lost {KEY}"));
    let spec = good_spec();
    let (first, second) = spec.split_at(spec.len() / 2);
    let fake = Fake::new(vec![failed, wrong, good(&[first, second])]);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let output = search(&fake.url(), &out);
    assert!(output.status.success(), "{}", stderr(&output));

    let mut store = Store::open(&out).unwrap();
    let trial = store.trials().unwrap().remove(0);
    let outcomes: Vec<Option<String>> = trial
        .exchanges
        .iter()
        .map(|exchange| exchange.rejected.map(|outcome| outcome.to_string()))
        .collect();
    assert_eq!(outcomes.len(), 2);
    assert!(
        outcomes[0].is_some() && outcomes[1].is_none(),
        "{outcomes:?}"
    );
    assert_eq!((trial.exchanges[0].reply.sent, trial.rungs.len()), (2, 1));
    let in_vain = store.in_vain(1).unwrap();
    assert!(
        in_vain[0].sent.fault.contains("I lost [key]"),
        "{in_vain:?}"
    );
    assert!(out.join("trials/0001/exchanges/0.in-vain.jsonl").is_file());

    let chats = fake.chats();
    let last = chats[2].body["messages"]
        .as_array()
        .unwrap()
        .last()
        .unwrap();
    assert!(
        last["content"].as_str().unwrap().contains("rejects"),
        "{last}"
    );
    let sends_key = format!("authorization: bearer {KEY}");
    assert!(
        chats
            .iter()
            .all(|chat| chat.head.to_lowercase().contains(&sends_key))
    );
    for place in [&output.stdout, &output.stderr] {
        assert!(!holds(place, KEY));
    }
    let files = files(&out);
    assert!(files.len() > 10);
    for file in files {
        assert!(!holds(&fs::read(&file).unwrap(), KEY), "{}", file.display());
    }
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes
        .windows(word.len())
        .any(|found| found == word.as_bytes())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn a_search_whose_server_goes_away_goes_on_when_it_is_back() {
    let gone = || answer(503, "Retry-After: 0\r\n", "gone");
    let fake = Fake::new(vec![gone(), gone(), good(&[&good_spec()])]);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let output = search(&fake.url(), &out);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let said = stderr(&output);
    assert!(
        said.contains("503: gone") && said.contains("--resume"),
        "{said}"
    );
    assert_eq!(Store::open(&out).unwrap().in_vain(1).unwrap().len(), 2);

    let output = run(&["search", "--resume", "--out", out.to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
    let trial = Store::open(&out).unwrap().trials().unwrap().remove(0);
    assert_eq!(trial.rungs.len(), 1);
}

#[test]
fn a_server_that_is_not_there_leaves_no_folder_behind() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let output = search(&url, &out);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("cannot be reached"),
        "{}",
        stderr(&output)
    );
    assert!(!out.exists());
}
