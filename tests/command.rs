//! The command as a user meets it: help, exit codes, messages.
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

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

#[test]
fn help_teaches_by_example_and_names_the_exit_codes() {
    let help = stdout(&run(&["--help"]));
    for word in [
        "generate",
        "train",
        "caption",
        "probe",
        "demo",
        "Examples:",
        "Exit codes:",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
    for command in ["generate", "train", "caption", "probe", "demo"] {
        let output = run(&[command, "--help"]);
        assert!(output.status.success());
        let help = stdout(&output);
        assert!(
            help.contains("Examples:") && help.contains("--json"),
            "{help}"
        );
    }
}

#[test]
fn wrong_usage_is_exit_code_2() {
    refuses(&[], 2, "Usage");
    refuses(&["translate"], 2, "translate");
    refuses(&["train", "reply.md"], 2, "--data");
    refuses(&["train", "reply.md", "--data", "flickr"], 2, "flickr");
    refuses(
        &["train", "x.md", "--data", "scenes", "--score-train", "all"],
        2,
        "--score-train",
    );
    refuses(
        &["generate", "reply.md", "--image", "0"],
        2,
        "a side is a number",
    );
    refuses(&["generate", "reply.md", "--prm", "lr"], 2, "name=value");
}

#[test]
fn missing_files_are_named() {
    refuses(&["generate", "/no/such/reply.md"], 2, "/no/such/reply.md");
    refuses(
        &["train", "/no/such/net.py", "--data", "scenes:8"],
        2,
        "/no/such/net.py",
    );
    refuses(&["caption", "/no/such/run", "cat.jpg"], 2, "/no/such/run");
    refuses(&["probe", "/no/such/net.py"], 2, "/no/such/net.py");
}

#[test]
fn a_missing_golden_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let net = folder.path().join("net.py");
    std::fs::write(&net, "x = 1\n").unwrap();
    refuses(
        &[
            "probe",
            net.to_str().unwrap(),
            "--golden",
            "/no/such/golden.json",
        ],
        2,
        "/no/such/golden.json",
    );
}

#[test]
fn an_unknown_device_is_wrong_usage_and_a_missing_one_a_stop() {
    refuses(&["demo", "--device", "abacus"], 2, "abacus");
    if !cfg!(feature = "cuda") {
        refuses(&["demo", "--device", "cuda"], 3, "--features cuda");
    }
}

#[test]
fn an_empty_reply_is_rejected_with_a_reason() {
    let output = run_on(&["generate", "-"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).is_empty() && !stderr(&output).is_empty());
}

#[test]
fn a_rejected_reply_is_data_with_json() {
    let output = run_on(
        &["generate", "-", "--json"],
        "I am sorry, I cannot help with that.",
    );
    assert_eq!(output.status.code(), Some(1));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["accepted"], false);
    assert_eq!(answer["diagnostics"][0]["severity"], "error");
}

#[test]
fn errors_are_data_with_json() {
    let output = run(&["caption", "/no/such/run", "cat.jpg", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["exit"], 2);
    assert!(answer["error"].as_str().unwrap().contains("/no/such/run"));
}

#[test]
fn a_folder_with_a_run_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("reply.md"), "mine").unwrap();
    refuses(
        &["demo", "--out", folder.path().to_str().unwrap()],
        2,
        "already holds a run",
    );
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 1);
}

#[test]
fn the_demos_reply_generates_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("net.rs");
    let reply = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/demo/reply.md");
    let output = run(&[
        "generate",
        reply.to_str().unwrap(),
        "--vocab",
        "60",
        "--image",
        "64",
        "--out",
        out.to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
    let source = std::fs::read_to_string(out).unwrap();
    assert!(source.starts_with("// @generated by codegen "), "{source}");
    assert!(source.contains("impl Captioner for Net"), "{source}");
}
