//! The command as a user meets it: help, exit codes, messages, outcomes.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

mod attention;
mod bad_pictures;
mod corpus;
mod data_check;
mod doctor;
mod export;
mod outcomes;
mod pictures;
mod prints;
mod resume;
mod score;
mod search;
mod search_hostile;
mod search_killed;
mod trained;
mod usage;

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// The demo's reply.
const REPLY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/demo/reply.md");

fn nn_caption(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nn-caption"));
    command.args(args).stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    nn_caption(args).output().expect("the command starts")
}

/// Runs with `stdin` as the reply.
fn run_on(args: &[&str], stdin: &str) -> Output {
    let mut command = nn_caption(args);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    let mut pipe = child.stdin.take().expect("stdin is piped");
    pipe.write_all(stdin.as_bytes())
        .expect("the command reads its reply");
    drop(pipe);
    child.wait_with_output().expect("the command ends")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Checks the exit code and that stderr says `word`.
#[track_caller]
fn refuses(args: &[&str], code: i32, word: &str) {
    let output = run(args);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    assert!(said.contains(word), "{args:?}: {said}");
    assert!(!said.contains("panicked"), "{said}");
}
