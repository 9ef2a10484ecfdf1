//! What `generate`, `rules` and `spec` print: nothing is compiled here.
use serde_json::Value;

use super::{REPLY, refuses, run, run_on, stderr, stdout};

const SIZES: [&str; 4] = ["--vocab", "60", "--image", "64"];

fn generate(args: &[&str]) -> std::process::Output {
    run(&[&["generate", REPLY], &SIZES[..], args].concat())
}

#[test]
fn a_net_is_printed_in_every_way() {
    assert!(stdout(&generate(&["--emit", "program"])).contains("program vocab 60"));
    let program: Value = serde_json::from_str(&stdout(&generate(&["--emit", "json"]))).unwrap();
    assert_eq!(program["sizes"]["vocab"], 60);
    let table = stdout(&generate(&["--emit", "summary"]));
    assert!(
        table.contains("net: Net") && table.contains("activations"),
        "{table}"
    );
    let json: Value =
        serde_json::from_str(&stdout(&generate(&["--emit", "summary", "--json"]))).unwrap();
    let rows = json["summary"]["rows"].as_array().unwrap();
    assert_eq!(rows[0]["n_params"], json["summary"]["n_params"]);
}

#[test]
fn repairs_are_told_as_a_difference_and_can_be_forbidden() {
    let demo = std::fs::read_to_string(REPLY).unwrap();
    let wrong = demo.replacen("in_shape[1]", "in_shape[0]", 1);
    assert_ne!(demo, wrong);
    let args = [&["generate", "-"], &SIZES[..]].concat();
    let repaired = run_on(&args, &wrong);
    assert!(repaired.status.success(), "{}", stderr(&repaired));
    assert!(stderr(&repaired).contains("+++ net.py repaired"));
    assert_eq!(
        stdout(&repaired).lines().nth(1),
        stdout(&generate(&[])).lines().nth(1)
    );
    let refused = run_on(&[&args[..], &["--repair", "none"]].concat(), &wrong);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("`--repair safe` does:"));
}

#[test]
fn a_folder_becomes_a_crate() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("net");
    let output = generate(&["-o", out.to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
    for file in [
        "Cargo.toml",
        "Cargo.lock",
        "src/main.rs",
        "src/net.rs",
        ".cargo/config.toml",
    ] {
        assert!(out.join(file).is_file(), "{file}");
    }
}

#[test]
fn rules_are_explained_by_code_and_by_name() {
    assert!(stdout(&run(&["rules"])).lines().count() > 40);
    let by_code = stdout(&run(&["rules", "n010"]));
    assert!(
        by_code.contains("shape-mismatch") && by_code.contains("Example: "),
        "{by_code}"
    );
    assert_eq!(by_code, stdout(&run(&["rules", "shape-mismatch"])));
    let all: Value = serde_json::from_str(&stdout(&run(&["rules", "--json"]))).unwrap();
    assert_eq!(all[0]["code"], "N001");
    refuses(&["rules", "N999"], 2, "no rule `N999`");
}

#[test]
fn a_spec_has_a_schema_an_example_and_a_net() {
    let schema: Value = serde_json::from_str(&stdout(&run(&["spec", "--schema"]))).unwrap();
    assert_eq!(schema["required"][0], "encoder");
    let example = stdout(&run(&["spec"]));
    let python = run_on(&["spec", "-"], &example);
    assert!(stdout(&python).contains("class Net(nn.Module):"));
    let generated = run_on(&[&["generate", "-"], &SIZES[..]].concat(), &example);
    assert!(
        stdout(&generated).contains("impl Captioner for Net"),
        "{}",
        stderr(&generated)
    );
    let refused = run_on(&["spec", "-"], "{}");
    assert_eq!(refused.status.code(), Some(2));
}
