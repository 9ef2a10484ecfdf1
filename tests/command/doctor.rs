//! `doctor`: what this machine offers, and what is missing.
use serde_json::Value;

use super::{nn_caption, run, stdout};

fn sections(answer: &Value) -> Vec<&str> {
    let sections = answer["sections"].as_array().unwrap();
    sections
        .iter()
        .map(|section| section["title"].as_str().unwrap())
        .collect()
}

/// The finding about `what`.
fn finding<'a>(answer: &'a Value, what: &str) -> &'a Value {
    let sections = answer["sections"].as_array().unwrap();
    let mut findings = sections
        .iter()
        .flat_map(|section| section["findings"].as_array().unwrap());
    let found = findings.find(|finding| finding["what"] == what);
    found.unwrap_or_else(|| panic!("nothing about {what} in {answer}"))
}

#[test]
fn the_machine_that_built_this_can_do_the_main_job() {
    let output = run(&["doctor", "--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{answer}");
    assert_eq!(answer["able"], true);
    let expected = [
        "devices",
        "machine",
        "compiling nets",
        "limits of a candidate",
        "data sets",
        "caches",
    ];
    assert_eq!(sections(&answer), expected);
    assert_eq!(finding(&answer, "cpu")["state"], "good");
    assert_eq!(finding(&answer, "dependencies")["state"], "good");
    assert!(
        finding(&answer, "cargo")["value"]
            .as_str()
            .unwrap()
            .starts_with("cargo 1.")
    );
    assert!(finding(&answer, "threads")["value"].as_u64().unwrap() >= 1);
    if !cfg!(feature = "cuda") {
        let cuda = finding(&answer, "cuda");
        assert_eq!(
            (&cuda["state"], &cuda["found"]),
            (&"absent".into(), &"not built in".into())
        );
        assert!(cuda["advice"].as_str().unwrap().contains("--features cuda"));
    }
    let people = stdout(&run(&["doctor"]));
    assert!(
        people.ends_with("nets of replies can be compiled and trained here\n"),
        "{people}"
    );
}

#[test]
fn without_a_checkout_the_main_job_cannot_run() {
    let mut command = nn_caption(&["doctor"]);
    let output = command
        .env("NN_CAPTION_SOURCE", "/no/such/checkout")
        .output()
        .unwrap();
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("no checkout of nn-caption at /no/such/checkout"),
        "{said}"
    );
    assert!(
        said.contains("nn-caption models"),
        "what works all the same: {said}"
    );
}

#[test]
fn a_trial_of_a_device_that_is_none_is_an_answer() {
    let answer = stdout(&run(&["doctor-trial", "abacus"]));
    assert!(answer.contains("no device is called `abacus`"), "{answer}");
}
