//! Which pictures `caption` takes: files, folders, stdin.
use std::fs;
use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use super::trained::{draw, system};
use super::{nn_caption, refuses, run, run_on, stderr, stdout};

#[test]
fn a_folder_and_a_list_on_stdin_are_captioned_in_order() {
    let folder = tempfile::tempdir().unwrap();
    draw(folder.path(), 20);
    let (run_folder, folder) = (
        system("resnet-lstm"),
        folder.path().to_str().unwrap().to_owned(),
    );
    let run_folder = run_folder.to_str().unwrap();
    let output = run(&["caption", run_folder, &folder]);
    assert!(output.status.success(), "{}", stderr(&output));
    let of_folder = stdout(&output);
    assert_eq!(of_folder.lines().count(), 20);
    let first = format!("{folder}/0.png: ");
    assert!(of_folder.starts_with(&first), "{of_folder}");
    let paths = of_folder
        .lines()
        .map(|line| line.split(": ").next().unwrap());
    let list: Vec<&str> = paths.collect();
    let output = run_on(&["caption", run_folder, "-"], &list.join("\n"));
    assert_eq!(stdout(&output), of_folder);
    let output = run(&["caption", run_folder, &folder, "--jsonl"]);
    let lines = stdout(&output);
    for (line, path) in lines.lines().zip(list) {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["image"], path);
        assert!(line["caption"].is_string() && line.get("attention").is_none());
    }
}

#[test]
fn a_picture_on_stdin_is_captioned_as_its_file_is() {
    let folder = tempfile::tempdir().unwrap();
    draw(folder.path(), 1);
    let picture = folder.path().join("0.png");
    let run_folder = system("resnet-lstm");
    let run_folder = run_folder.to_str().unwrap();
    let of_file = stdout(&run(&["caption", run_folder, picture.to_str().unwrap()]));
    let mut command = nn_caption(&["caption", run_folder, "-"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let bytes = fs::read(&picture).unwrap();
    child.stdin.take().unwrap().write_all(&bytes).unwrap();
    let of_stdin = stdout(&child.wait_with_output().unwrap());
    assert_eq!(
        of_stdin.strip_prefix("-: "),
        of_file.split_once(": ").map(|(_, caption)| caption)
    );
}

#[test]
fn what_is_no_picture_is_said_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let (run_folder, folder) = (
        system("resnet-lstm"),
        folder.path().to_str().unwrap().to_owned(),
    );
    let run_folder = run_folder.to_str().unwrap();
    refuses(&["caption", run_folder, &folder], 2, "holds no picture");
    refuses(&["caption", run_folder, "-"], 2, "stdin is empty");
    refuses(&["caption", run_folder, "-", "--json", "--jsonl"], 2, "");
    let output = run_on(&["caption", run_folder, "-"], "no/such.png\n");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("there is no picture no/such.png"));
}
