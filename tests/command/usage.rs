//! Help, wrong usage, and input that cannot be read: nothing is compiled here.
use std::path::Path;

use serde_json::Value;

use super::{REPLY, refuses, run, run_on, stderr, stdout};

#[test]
fn help_teaches_by_example_and_names_the_exit_codes() {
    let help = stdout(&run(&["--help"]));
    for word in [
        "generate",
        "train",
        "caption",
        "probe",
        "demo",
        "models",
        "Examples:",
        "Exit codes:",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
    for command in [
        "generate", "train", "caption", "probe", "demo", "models", "corpus",
    ] {
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
fn encoders_are_listed_with_their_size() {
    let all = stdout(&run(&["models"]));
    assert!(
        all.contains("resnet50") && all.contains("vit_b_16"),
        "{all}"
    );
    let some = stdout(&run(&["models", "mobilenet", "--json"]));
    let some: Value = serde_json::from_str(&some).unwrap();
    assert_eq!(some["encoders"].as_array().unwrap().len(), 3);
    assert_eq!(some["encoders"][0]["name"], "mobilenet_v2");
    assert_eq!(some["encoders"][0]["parameters"], 3_504_872);
    refuses(&["models", "gpt"], 2, "no name holds `gpt`");
}

#[test]
fn wrong_usage_is_exit_code_2() {
    refuses(&[], 2, "Usage");
    refuses(&["translate"], 2, "translate");
    refuses(&["train", "reply.md"], 2, "--data");
    refuses(&["train", "reply.md", "--data", "flickr"], 2, "flickr");
    refuses(
        &["generate", "reply.md", "--image", "0"],
        2,
        "a side is a number",
    );
    refuses(&["generate", "reply.md", "--prm", "lr"], 2, "name=value");
    let train = |more: [&str; 2], word| {
        let args = ["train", "reply.md", "--data", "scenes:8"];
        refuses(&[&args[..], &more[..]].concat(), 2, word);
    };
    train(["--score-train", "all"], "--score-train");
    train(["--epochs", "0"], "a whole number from 1");
    train(["--batch", "0"], "a whole number from 1");
    train(["--memory", "4"], "such as 800m or 4g");
    train(["--file-size", "0g"], "a limit of 0");
    train(["--time-limit", "1d"], "such as 90, 30m or 2h");
    train(["--cpu-seconds", "soon"], "such as 90, 30m or 2h");
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
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["accepted"], false);
    assert_eq!(answer["diagnostics"][0]["severity"], "error");
}

#[test]
fn errors_are_data_with_json() {
    let output = run(&["caption", "/no/such/run", "cat.jpg", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
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
    let output = run(&[
        "generate",
        REPLY,
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

/// What `train` says about a reply that it rejects, and that nothing was made.
#[track_caller]
fn rejected(reply: &str, outcome: &str, word: &str) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let out = out.to_str().unwrap();
    let args = ["train", "-", "--data", "scenes:8", "--image", "32", "--out"];
    let people = run_on(&[&args[..], &[out]].concat(), reply);
    let said = stderr(&people);
    assert_eq!(people.status.code(), Some(1), "{said}");
    assert!(said.contains(word), "{said}");
    assert!(said.contains(&format!("outcome: {outcome}")), "{said}");
    let json = run_on(&[&args[..], &[out, "--json"]].concat(), reply);
    let answer: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(answer["outcome"], outcome);
    assert!(!Path::new(out).exists(), "a rejected reply makes no run");
}

#[test]
fn replies_without_a_net_are_rejected_before_anything_is_made() {
    rejected("", "extract", "holds no block of Python");
    rejected("I am sorry.", "extract", "holds no block of Python");
    let demo = std::fs::read_to_string(REPLY).unwrap();
    let (cut, _) = demo.split_once("class Net").unwrap();
    rejected(cut, "contract", "the reply ends before its block does");
}

#[test]
fn a_shape_error_is_found_before_any_build_and_names_its_line() {
    let demo = std::fs::read_to_string(REPLY).unwrap();
    let wrong = demo.replace("nn.Linear(96 * 4 * 4,", "nn.Linear(96 * 4,");
    rejected(&wrong, "shape", "--> reply:42:");
}

#[test]
fn a_net_may_not_import_the_system() {
    let demo = std::fs::read_to_string(REPLY).unwrap();
    let wrong = demo.replacen("import torch\n", "import os\nimport torch\n", 1);
    rejected(&wrong, "contract", "`os` may not be imported");
}

#[test]
fn a_run_folder_that_cannot_be_made_is_wrong_usage() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let below = file.path().join("run");
    let args = ["train", REPLY, "--data", "scenes:8", "--image", "32"];
    for out in [file.path(), &below] {
        let out = ["--out", out.to_str().unwrap()];
        refuses(
            &[&args[..], &out[..]].concat(),
            2,
            "choose one that can be written",
        );
    }
}

#[test]
fn annotations_that_are_none_are_refused_with_what_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let annotations = folder.path().join("annotations");
    std::fs::create_dir_all(&annotations).unwrap();
    std::fs::create_dir_all(folder.path().join("train2017")).unwrap();
    let file = annotations.join("captions_train2017.json");
    let data = format!("coco:{}", folder.path().display());
    for json in ["", "{", "[]", r#"{"images": [{"id": "x"}]}"#] {
        std::fs::write(&file, json).unwrap();
        let args = ["train", REPLY, "--data", &data];
        refuses(&args, 2, "captions_train2017.json is no COCO caption file");
    }
}

#[test]
fn a_golden_without_numbers_is_no_pass() {
    let folder = tempfile::tempdir().unwrap();
    let golden = folder.path().join("golden.json");
    let golden = golden.to_str().unwrap();
    let said = |json: &str, code| {
        std::fs::write(golden, json).unwrap();
        let output = run(&["probe", REPLY, "--golden", golden]);
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        stdout(&output) + &stderr(&output)
    };
    let failed = said(
        r#"{"const": {"V": 9, "C": 3, "H": 32, "W": 32}, "error": "IndexError", "message": "too far"}"#,
        1,
    );
    assert!(
        failed.contains("holds no numbers") && failed.contains("IndexError: too far"),
        "{failed}"
    );
    assert!(said("{}", 1).contains("holds no numbers"));
    let sizeless = said(r#"{"params": [{"name": "w", "shape": [1]}]}"#, 2);
    assert!(sizeless.contains(&format!("{golden} names no image size")));
}
