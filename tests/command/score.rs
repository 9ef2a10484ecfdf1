//! `score`: captions in files of every kind, and the comparison of two systems.
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{refuses, run, stdout};

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path: PathBuf = folder.join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

const LINES: &str = "A dog runs.\nA cat sleeps on a bed.\nBirds fly high.\n";
const TABS: &str =
    "A dog runs on grass.\tThe dog runs\nA cat sleeps.\tOne cat sleeps on a bed.\nTwo birds fly.\n";
const RESULTS: &str = r#"[{"image_id": 3, "caption": "A dog runs."}, {"image_id": 5, "caption": "A cat sleeps on a bed."},
{"image_id": 9, "caption": "Birds fly high."}]"#;
const ANNOTATIONS: &str = r#"{"annotations": [{"image_id": 9, "caption": "Two birds fly."},
{"image_id": 3, "caption": "A dog runs on grass."}, {"image_id": 5, "caption": "A cat sleeps."},
{"image_id": 3, "caption": "The dog runs"}, {"image_id": 5, "caption": "One cat sleeps on a bed."},
{"image_id": 11, "caption": "Nobody captioned this."}]}"#;

fn scores(args: &[&str]) -> Vec<(String, f64)> {
    let output = run(args);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let answer: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let scores = answer["systems"][0]["scores"].as_array().unwrap();
    let score = |score: &Value| {
        assert!(
            score["signature"]
                .as_str()
                .unwrap()
                .starts_with("nrefs:var|"),
            "{score}"
        );
        (
            score["name"].as_str().unwrap().to_owned(),
            score["score"].as_f64().unwrap(),
        )
    };
    scores.iter().map(score).collect()
}

#[test]
fn the_same_captions_score_the_same_from_every_kind_of_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name, text| file(folder.path(), name, text);
    let lines = [file("hyps.txt", LINES), file("refs.tsv", TABS)];
    let images = [
        file("results.json", RESULTS),
        file("annotations.json", ANNOTATIONS),
    ];
    let of =
        |[hyps, refs]: &[String; 2]| scores(&["score", "--hyps", hyps, "--refs", refs, "--json"]);
    let found = of(&lines);
    assert_eq!(found, of(&images));
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr-D"]
    );
    // The worked example of the metric's own documentation.
    assert!((found[3].1 - 0.800_937_137_839_122).abs() < 1e-12);
    assert!((found[5].1 - 4.298_422_743_516_093).abs() < 1e-12);
}

#[test]
fn a_table_shows_signatures_and_two_systems_a_test() {
    let folder = tempfile::tempdir().unwrap();
    let hyps = file(folder.path(), "hyps.txt", LINES);
    let worse = file(folder.path(), "worse.txt", "A dog.\nA bed.\nBirds.\n");
    let refs = file(folder.path(), "refs.tsv", TABS);
    let metrics = "bleu,sacrebleu,chrf++";
    let output = run(&[
        "score",
        "--hyps",
        &worse,
        "--hyps",
        &hyps,
        "--refs",
        &refs,
        "--metrics",
        metrics,
    ]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    for wanted in [
        "3 segments, references in varying numbers",
        "nrefs:var|tok:ptb|preset:coco",
        "nrefs:var|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0",
        "chrF2++",
        "paired bootstrap, bs:1000|seed:12345",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
}

#[test]
fn errors_name_the_file_and_what_it_should_have_been() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name, text| file(folder.path(), name, text);
    let (hyps, refs) = (file("hyps.txt", LINES), file("refs.tsv", TABS));
    let short = file("short.txt", "A dog runs.\n");
    let results = file("results.json", RESULTS);
    let empty = file("empty.txt", "");
    let twice = format!("[{0},{0}]", r#"{"image_id": 3, "caption": "a"}"#);
    let twice = file("twice.json", &twice);
    let annotations = file("annotations.json", ANNOTATIONS);
    let score =
        |hyps: &str, refs: &str, word| refuses(&["score", "--hyps", hyps, "--refs", refs], 2, word);
    score(
        &short,
        &refs,
        "has 1 captions, and --refs has references for 3",
    );
    score(&results, &refs, "give both by image or both by line");
    score(&empty, &refs, "holds no caption");
    score(&twice, &annotations, "image 3 has captions 1 and 2");
    score("absent.txt", &refs, "cannot read absent.txt");
    let one = file("one.tsv", "A dog.\n");
    score(&short, &one, "score at least two images");
    refuses(&["score", "--hyps", &hyps], 2, "--refs");
}
