//! Pictures and run files that are damaged: what can be read is used, the rest is named.
use std::fs;
use std::path::{Path, PathBuf};

use nn_caption::caption_models::data::{DataSpec, Split};
use serde_json::{Value, json};

use super::{REPLY, refuses, run, stderr};

/// A drawn picture as a PNG file.
fn draw(path: &Path, idx: usize) {
    let spec = DataSpec::Scenes { n_train: 16 };
    let data = spec.open(Split::Train).expect("scenes need no file");
    let picture = data.picture(idx, [32, 32]).expect("scenes are drawn");
    picture.save(path).expect("the folder can be written");
}

/// One split in COCO's format: 12 drawn pictures.
fn split(root: &Path, name: &str) {
    let pictures = root.join(name);
    fs::create_dir_all(&pictures).expect("the folder can be written");
    for idx in 0..12 {
        draw(&pictures.join(format!("{idx}.png")), idx);
    }
    let images = (0..12).map(|id| json!({ "id": id, "file_name": format!("{id}.png") }));
    let captions = (0..12).map(|id| json!({ "image_id": id, "caption": format!("shape {id}") }));
    let file = json!({
        "images": images.collect::<Vec<_>>(),
        "annotations": captions.collect::<Vec<_>>(),
    });
    let annotations = root.join("annotations");
    fs::create_dir_all(&annotations).expect("the folder can be written");
    fs::write(
        annotations.join(format!("captions_{name}.json")),
        file.to_string(),
    )
    .expect("the folder can be written");
}

/// A folder in COCO's format and a run trained on it, with one damaged and one missing picture.
fn trained(folder: &Path) -> (PathBuf, Value) {
    let (data, out) = (folder.join("coco"), folder.join("run"));
    split(&data, "train2017");
    split(&data, "val2017");
    let damaged = data.join("train2017/3.png");
    let half = fs::read(&damaged).expect("it was drawn");
    fs::write(&damaged, &half[..half.len() / 2]).expect("the folder can be written");
    fs::remove_file(data.join("train2017/5.png")).expect("it was drawn");
    let data = format!("coco:{}", data.display());
    let out_text = out.to_str().expect("paths of tests are UTF-8");
    let output = run(&[
        "train", REPLY, "--data", &data, "--image", "32", "--epochs", "2", "--out", out_text,
        "--json",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let answer = serde_json::from_slice(&output.stdout).expect("the answer is JSON");
    (out, answer)
}

#[test]
fn damaged_pictures_are_named_once_and_damaged_runs_say_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let (out, answer) = trained(folder.path());
    let warnings: Vec<&str> = answer["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .filter(|warning| warning.contains(".png"))
        .collect();
    let [damaged, missing] = warnings[..] else {
        panic!("each once, in two epochs: {warnings:?}")
    };
    assert!(damaged.contains("3.png is damaged"), "{damaged}");
    assert!(
        missing.contains("no picture") && missing.contains("5.png"),
        "{missing}"
    );
    pictures_to_caption(folder.path(), &out);
    damaged_runs(folder.path(), &out);
}

/// `caption` on pictures good and bad.
fn pictures_to_caption(folder: &Path, out: &Path) {
    let (good, bad) = (folder.join("good.png"), folder.join("bad.jpg"));
    draw(&good, 0);
    fs::write(&bad, b"\xff\xd8\xff\xe0 and then nothing").unwrap();
    let [out, good, bad] = [out, &good, &bad].map(|path| path.to_str().unwrap());
    refuses(
        &["caption", out, good, "/no/cat.jpg"],
        2,
        "there is no picture /no/cat.jpg",
    );
    refuses(&["caption", out, bad], 2, "bad.jpg is ");
    refuses(&["caption", out, good, "--device", "abacus"], 2, "`abacus`");
    let output = run(&["caption", out, bad, good, "--json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("1 of 2 pictures could not be read"));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["captions"].as_array().unwrap().len(), 1);
    assert!(
        answer["captions"][0]["image"]
            .as_str()
            .unwrap()
            .ends_with("good.png")
    );
}

/// `caption` on a run some of whose files hold something else.
fn damaged_runs(folder: &Path, out: &Path) {
    let good = folder.join("good.png");
    let [run_folder, good] = [out, &good].map(|path| path.to_str().unwrap());
    let args = ["caption", run_folder, good];
    let damaged = |file: &str, word| {
        let path = out.join(file);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, "{\"words\": 3").unwrap();
        refuses(&args, 2, word);
        fs::write(&path, whole).unwrap();
    };
    damaged("vocab.json", "vocab.json is no vocabulary");
    damaged(
        "checkpoint/model.safetensors",
        "model.safetensors is no checkpoint",
    );
    // Scores are no part of captioning.
    fs::write(out.join("scores.json"), "{").unwrap();
    assert_eq!(run(&args).status.code(), Some(0));
    // How the net was asked for is needed only to compile it again.
    fs::remove_file(out.join("scratch/candidate")).unwrap();
    damaged("run.json", "run.json is damaged");
}
