//! `corpus`: a folder of nets, counted. Nothing is compiled here.
use serde_json::Value;

use super::{refuses, run, stderr, stdout};

#[test]
fn a_folder_gives_a_line_a_file_and_a_table() {
    let dir = tempfile::tempdir().unwrap();
    let net = "import torch.nn as nn\n\n\nclass Net(nn.Module):\n    pass\n";
    std::fs::write(dir.path().join("alt-1.py"), "no net\n").unwrap();
    std::fs::write(dir.path().join("ga-1.py"), net).unwrap();
    let path = dir.path().to_str().unwrap();
    let output = run(&[
        "corpus", path, "--task", "classify", "--sample", "0", "--json",
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
    let told = stdout(&output);
    let lines: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2, "{told}");
    assert_eq!(lines[0]["family"], "alt*/rl*");
    let first = &lines[1]["diagnostics"][0];
    assert_eq!(first["line"], 4, "{told}");
    assert!(first["rule"].is_string() && first["construct"].is_string());
    assert!(stderr(&output).contains("0/1 0.0 %"), "{}", stderr(&output));
}

#[test]
fn a_folder_without_nets_is_wrong_usage() {
    let dir = tempfile::tempdir().unwrap();
    refuses(
        &["corpus", dir.path().to_str().unwrap()],
        2,
        "holds no .py file",
    );
    refuses(&["corpus", "/nowhere"], 2, "cannot list");
}
