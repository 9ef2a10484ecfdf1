//! Every run ends in an outcome, and what it computed before stays.
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{REPLY, nn_caption, run, stderr};

/// `train` on a few small scenes into `out`.
fn train<'a>(out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let out = out.to_str().expect("paths of tests are UTF-8");
    let args = ["train", REPLY, "--data", "scenes:16", "--image", "32"];
    [&args[..], &["--out", out], more].concat()
}

/// More epochs than any test waits for.
const FOR_EVER: [&str; 2] = ["--epochs", "1000000"];

fn json(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("a run writes it");
    serde_json::from_str(&text).expect("it is JSON")
}

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", stderr(output)))
}

/// Checks that a run ended early so, in the answer as in the folder, with at least `n_epochs` kept.
#[track_caller]
fn ended(out: &Path, outcome: &str, n_epochs: u64) {
    let recorded = json(&out.join("outcome.json"));
    assert_eq!(recorded["outcome"], outcome, "{recorded}");
    assert_eq!(recorded["stage"], "run", "{recorded}");
    let epochs = recorded["epochs"].as_u64().unwrap();
    assert!(epochs >= n_epochs, "{recorded}");
    let history = fs::read_to_string(out.join("history.jsonl")).unwrap_or_default();
    assert_eq!(history.lines().count() as u64, epochs);
    assert_eq!(
        out.join("checkpoint/model.safetensors").is_file(),
        recorded["checkpoint"].as_bool().unwrap()
    );
    assert!(n_epochs == 0 || recorded["checkpoint"] == true);
}

#[test]
fn a_trained_net_has_its_outcome_in_the_answer_and_in_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let more = [
        "--epochs",
        "1",
        "--memory",
        "2g",
        "--time-limit",
        "10m",
        "--no-verify",
        "--json",
    ];
    let output = run(&train(&out, &more));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let recorded = json(&out.join("outcome.json"));
    let captions = json(&out.join("captions.json"));
    let captions = captions.as_array().unwrap();
    let is_same = captions
        .iter()
        .all(|line| line["caption"] == captions[0]["caption"]);
    let expected = if is_same { "collapse" } else { "trained" };
    assert_eq!(recorded["outcome"], expected);
    assert_eq!(answer(&output)["outcome"], expected);
    let info = json(&out.join("run.json"));
    assert_eq!(info["limits"]["memory_mb"], 2048);
    assert_eq!(info["time_limit"], 600);
    assert!(!out.join("checks.json").exists(), "it was not verified");
    let job = json(&out.join("scratch/job.json"));
    assert_eq!(job["limits"], info["limits"]);
}

#[test]
fn memory_ends_in_oom() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let output = run(&train(&out, &["--memory", "12m", "--json"]));
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let answer = answer(&output);
    assert_eq!(
        (&answer["outcome"], &answer["exit"]),
        (&"oom".into(), &3.into())
    );
    assert!(answer["error"].as_str().unwrap().contains("memory ran out"));
    ended(&out, "oom", 0);
}

#[test]
fn a_file_that_grows_too_large_ends_in_disk_and_leaves_no_half_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let output = run(&train(&out, &["--file-size", "1m"]));
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("outcome: disk; ") && said.contains("--file-size"),
        "{said}"
    );
    ended(&out, "disk", 0);
    assert_eq!(fs::read_dir(out.join("checkpoint")).unwrap().count(), 0);
}

/// How many epochs fit is the machine's affair, and no part of the test.
#[test]
fn the_wall_clock_ends_in_timeout() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let more = [&FOR_EVER[..], &["--time-limit", "2s"]].concat();
    let output = run(&train(&out, &more));
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("stopped after 2 s"), "{said}");
    ended(&out, "timeout", 0);
}

/// A training for ever whose first epoch has just ended.
fn at_work(out: &Path) -> (Child, impl Iterator<Item = String>) {
    let mut command = nn_caption(&train(out, &FOR_EVER));
    command.stderr(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().expect("the command starts");
    let pipe = child.stderr.take().expect("stderr is piped");
    let mut lines = BufReader::new(pipe).lines().map_while(Result::ok);
    lines
        .find(|line| line.starts_with("epoch 1/"))
        .expect("the first epoch ends");
    (child, lines)
}

/// The process that runs this program.
fn process_of(program: &Path) -> Pid {
    let runs = |entry: &fs::DirEntry| {
        fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == program)
    };
    let mut processes = fs::read_dir("/proc").expect("Linux").flatten();
    let process = processes.find(runs).expect("it runs");
    let pid = process.file_name().to_string_lossy().parse().ok();
    pid.and_then(Pid::from_raw).expect("its name is its number")
}

#[test]
fn a_candidate_killed_from_outside_keeps_its_epochs_and_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().canonicalize().unwrap().join("run");
    let (mut child, lines) = at_work(&out);
    let second = run(&train(&out, &["--epochs", "1"]));
    assert_eq!(second.status.code(), Some(2));
    assert!(stderr(&second).contains("already holds a run"));
    kill_process(process_of(&out.join("scratch/candidate")), Signal::KILL).unwrap();
    let said: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert!(
        said.iter().any(|line| line.contains("(SIGKILL)")),
        "{said:?}"
    );
    ended(&out, "killed", 1);
}

#[test]
fn ctrl_c_takes_the_candidate_along_and_keeps_its_epochs() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let (mut child, lines) = at_work(&out);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let said: Vec<String> = lines.collect();
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(Signal::INT.as_raw()), "{status}");
    assert!(
        said.iter().any(|line| line == "interrupted by SIGINT"),
        "{said:?}"
    );
    ended(&out, "killed", 1);
}
