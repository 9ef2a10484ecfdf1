//! `data check`: what is in a data set, and what is wrong with it.
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::trained::draw;
use super::{refuses, run, stderr, stdout};

/// One split in COCO's format with the pictures of those numbers, three captions each.
fn split(root: &Path, name: &str, pictures: std::ops::Range<usize>) {
    let scratch = tempfile::tempdir().unwrap();
    draw(scratch.path(), pictures.end);
    let folder = root.join(name);
    fs::create_dir_all(&folder).unwrap();
    for idx in pictures.clone() {
        let file = format!("{idx}.png");
        fs::copy(scratch.path().join(&file), folder.join(&file)).unwrap();
    }
    let images = pictures
        .clone()
        .map(|id| json!({ "id": id, "file_name": format!("{id}.png") }));
    let words = ["a shape", "one more shape", "a large shape on the left"];
    let captions =
        pictures.flat_map(|id| words.map(|words| json!({ "image_id": id, "caption": words })));
    write(
        root,
        name,
        &json!({ "images": images.collect::<Vec<_>>(), "annotations": captions.collect::<Vec<_>>() }),
    );
}

fn annotations(root: &Path, name: &str) -> std::path::PathBuf {
    root.join(format!("annotations/captions_{name}.json"))
}

fn write(root: &Path, name: &str, file: &Value) {
    fs::create_dir_all(root.join("annotations")).unwrap();
    fs::write(annotations(root, name), file.to_string()).unwrap();
}

fn sound(root: &Path) {
    split(root, "train2017", 0..6);
    split(root, "val2017", 6..9);
}

fn check(root: &Path) -> (Option<i32>, Value) {
    let output = run(&["data", "check", root.to_str().unwrap(), "--json"]);
    let answer = serde_json::from_slice(&output.stdout);
    (
        output.status.code(),
        answer.unwrap_or_else(|_| panic!("{}", stderr(&output))),
    )
}

#[test]
fn a_sound_set_is_counted_and_nothing_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    sound(folder.path());
    let (code, answer) = check(folder.path());
    assert_eq!(
        (code, &answer["wrong"]),
        (Some(0), &json!(false)),
        "{answer}"
    );
    let report = &answer["report"];
    let of = |split: usize, key: &str| report["splits"][split][key].clone();
    assert_eq!([of(0, "usable"), of(1, "usable")], [json!(6), json!(3)]);
    assert_eq!(
        [of(0, "captions"), of(1, "captions")],
        [json!(18), json!(9)]
    );
    assert_eq!(of(0, "captions_of_picture"), json!([3, 3]));
    let lengths = of(0, "lengths");
    assert_eq!(
        [&lengths["min"], &lengths["max"], &lengths["median"]],
        [2, 6, 3]
    );
    // a shape one more large on the left
    assert_eq!(
        report["vocabulary"][0],
        json!({ "threshold": 1, "words": 8, "unknown": 0.0 })
    );
    assert_eq!(
        report["vocabulary"][5]["words"], 2,
        "`a` and `shape` stand there ten times"
    );

    let people = run(&[
        "data",
        "check",
        &format!("coco:{}", folder.path().display()),
    ]);
    assert!(
        stdout(&people).ends_with("nothing is wrong\n"),
        "{}",
        stdout(&people)
    );
}

#[test]
fn every_kind_of_damage_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    sound(root);
    let train = root.join("train2017");
    let half = fs::read(train.join("0.png")).unwrap();
    fs::write(train.join("0.png"), &half[..half.len() / 2]).unwrap();
    fs::remove_file(train.join("1.png")).unwrap();
    fs::copy(train.join("2.png"), root.join("val2017/7.png")).unwrap();
    let file = fs::read(annotations(root, "train2017")).unwrap();
    let mut file: Value = serde_json::from_slice(&file).unwrap();
    let captions = file["annotations"].as_array_mut().unwrap();
    captions.retain(|caption| caption["image_id"] != 3);
    captions.push(json!({ "image_id": 77, "caption": "nothing" }));
    captions.push(json!({ "image_id": 77, "caption": "still nothing" }));
    file["images"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "id": 4, "file_name": "4.png" }));
    write(root, "train2017", &file);

    let (code, answer) = check(root);
    assert_eq!((code, &answer["wrong"]), (Some(1), &json!(true)));
    let report = &answer["report"];
    let problems = report["splits"][0]["problems"].as_array().unwrap();
    let found = |kind: &str| {
        let mut of_kind = problems.iter().filter(|problem| problem["kind"] == kind);
        let problem = of_kind
            .next()
            .unwrap_or_else(|| panic!("no {kind} in {problems:?}"));
        assert!(of_kind.next().is_none(), "{kind} once");
        (
            problem["message"].as_str().unwrap(),
            problem["count"].as_u64().unwrap(),
        )
    };
    assert!(found("broken_picture").0.contains("0.png is damaged"));
    assert!(found("missing_picture").0.contains("1.png"));
    assert!(found("no_caption").0.contains("3.png"));
    assert!(found("listed_twice").0.contains("4.png"));
    assert_eq!(found("no_picture").1, 2);
    assert_eq!(problems.len(), 5);
    assert_eq!(report["splits"][0]["usable"], 3);
    assert_eq!(report["splits"][0]["listed"], 6);
    let shared = json!([{ "train": "2.png", "validation": "7.png", "same_content": true }]);
    assert_eq!(report["shared"], shared);

    let people = stdout(&run(&["data", "check", root.to_str().unwrap()]));
    for line in [
        "pictures missing",
        "captions without a picture",
        "7.png to score on has the file of 2.png",
    ] {
        assert!(people.contains(line), "{line}: {people}");
    }
    assert!(people.ends_with("something is wrong\n"), "{people}");
}

#[test]
fn a_set_without_pictures_to_score_on_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    split(folder.path(), "train2017", 0..2);
    let (code, answer) = check(folder.path());
    assert_eq!(code, Some(1));
    assert_eq!(
        answer["report"]["splits"][1]["problems"][0]["kind"],
        "unopened"
    );
}

#[test]
fn what_is_no_data_set_is_unreadable_input() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    refuses(&["data", "check", path], 2, "is no data set");
    refuses(&["data", "check", "/no/such"], 2, "/no/such is no data set");
    refuses(
        &["data", "check", "coco:/no/such/folder"],
        2,
        "/no/such/folder",
    );
    refuses(&["data", "check", "picasa:x"], 2, "unknown data set");
}
