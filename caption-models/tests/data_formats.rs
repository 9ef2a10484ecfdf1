//! The formats of captioned photographs, in folders made for the test.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

use std::fmt::Write;
use std::fs;
use std::path::Path;

use caption_models::data::{DataError, DataSet, DataSpec, Photos, Split};
use image::RgbImage;

fn picture(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    RgbImage::from_pixel(3, 2, [9, 80, 200].into())
        .save(path)
        .unwrap();
}

fn names(set: &Photos) -> Vec<&str> {
    set.items().iter().map(|item| &*item.name).collect()
}

#[test]
fn karpathys_splits_are_read_with_restval() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("dataset_coco.json");
    for name in ["train2014/a.png", "val2014/b.png", "val2014/c.png"] {
        picture(&dir.path().join(name));
    }
    let text = r#"{"dataset": "coco", "images": [
        {"filepath": "train2014", "filename": "a.png", "split": "train", "sentences": [{"raw": "A dog ."}, {"raw": "!"}]},
        {"filepath": "val2014", "filename": "b.png", "split": "restval", "sentences": [{"raw": "A cat."}]},
        {"filepath": "val2014", "filename": "c.png", "split": "val", "sentences": [{"raw": "A cow."}]},
        {"filepath": "val2014", "filename": "d.png", "split": "test", "sentences": [{"raw": "A bee."}]}]}"#;
    fs::write(&file, text).unwrap();

    let train = Photos::karpathy(&file, Split::Train).unwrap();
    assert_eq!(names(&train), ["train2014/a.png", "val2014/b.png"]);
    assert_eq!(train.items()[0].captions, ["A dog ."]);
    assert_eq!(train.picture(1, [4, 4]).unwrap().dimensions(), (4, 4));
    let validation = Photos::karpathy(&file, Split::Validation).unwrap();
    assert_eq!(names(&validation), ["val2014/c.png"]);
}

#[test]
fn karpathys_flickr_pictures_lie_in_a_folder_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    picture(&dir.path().join("Images/a.png"));
    let file = dir.path().join("dataset_flickr8k.json");
    let text =
        r#"{"images": [{"filename": "a.png", "split": "train", "sentences": [{"raw": "A dog"}]}]}"#;
    fs::write(&file, text).unwrap();
    assert_eq!(
        names(&Photos::karpathy(&file, Split::Train).unwrap()),
        ["a.png"]
    );
}

#[test]
fn flickr8k_is_read_with_its_splits() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["a.png", "b.png"] {
        picture(&dir.path().join("Flicker8k_Dataset").join(name));
    }
    let captions = "a.png#0\tA dog , running .\na.png#1\tOne dog\nb.png#0\tA cat\nno caption\ngone.png#0\tA cow\n";
    fs::write(dir.path().join("Flickr8k.token.txt"), captions).unwrap();
    fs::write(
        dir.path().join("Flickr_8k.trainImages.txt"),
        "a.png\ngone.png\n",
    )
    .unwrap();
    fs::write(dir.path().join("Flickr_8k.devImages.txt"), "b.png\n").unwrap();

    let train = Photos::flickr(dir.path(), Split::Train).unwrap();
    assert_eq!(names(&train), ["a.png"]);
    assert_eq!(train.items()[0].captions, ["A dog , running .", "One dog"]);
    let said: Vec<String> = train.problems().iter().map(DataError::to_string).collect();
    assert!(
        said.iter().any(|problem| problem.contains("line 4")),
        "{said:?}"
    );
    assert!(
        said.iter().any(|problem| problem.contains("gone.png")),
        "{said:?}"
    );
    let validation = Photos::flickr(dir.path(), Split::Validation).unwrap();
    assert_eq!(names(&validation), ["b.png"]);
}

#[test]
fn without_split_files_every_picture_has_one_split() {
    let dir = tempfile::tempdir().unwrap();
    let mut captions = "image,caption\n".to_owned();
    for number in 0..40 {
        let name = format!("{number}.png");
        picture(&dir.path().join("Images").join(&name));
        let _ = writeln!(captions, "{name},\"A dog, number {number}\"");
    }
    fs::write(dir.path().join("captions.txt"), captions).unwrap();
    let of = |split| Photos::flickr(dir.path(), split).unwrap();
    let (train, validation) = (of(Split::Train), of(Split::Validation));
    assert_eq!(train.items().len() + validation.items().len(), 40);
    assert!(
        names(&train)
            .iter()
            .all(|name| !names(&validation).contains(name))
    );
    assert!(train.problems().is_empty(), "{:?}", train.problems());
    assert!(train.items()[0].captions[0].starts_with("A dog, number"));
}

#[test]
fn json_lines_are_read_and_a_bad_one_is_named() {
    let dir = tempfile::tempdir().unwrap();
    picture(&dir.path().join("p/a.png"));
    picture(&dir.path().join("p/b.png"));
    let file = dir.path().join("set.jsonl");
    let lines = "{\"image\": \"p/a.png\", \"captions\": [\"A dog\", \"One dog\"], \"split\": \"train\"}\n\n\
        {\"image\": \"p/b.png\", \"caption\": \"A cat\", \"split\": \"val\"}\n";
    fs::write(&file, lines).unwrap();
    let spec: DataSpec = format!("jsonl:{}", file.display()).parse().unwrap();
    assert_eq!(
        spec.open(Split::Train).unwrap().items()[0].captions.len(),
        2
    );
    assert_eq!(
        spec.open(Split::Validation).unwrap().items()[0].name,
        "p/b.png"
    );

    fs::write(&file, format!("{lines}{{\"image\": 3}}\n")).unwrap();
    let error = spec.open(Split::Train).unwrap_err().to_string();
    assert!(error.contains("line 4"), "{error}");
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    picture(&dir.path().join("secret.png"));
    let file = dir.path().join("set/set.jsonl");
    fs::create_dir_all(dir.path().join("set")).unwrap();
    let line = r#"{"image": "../secret.png", "caption": "A dog", "split": "train"}"#;
    fs::write(&file, line).unwrap();
    let error = Photos::jsonl(&file, Split::Train).unwrap_err();
    assert!(matches!(error, DataError::NoPicture { .. }), "{error}");
}

#[test]
fn what_is_missing_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let error = Photos::flickr(dir.path(), Split::Train)
        .unwrap_err()
        .to_string();
    assert!(error.contains("Flickr8k.token.txt"), "{error}");
    let file = dir.path().join("x.json");
    fs::write(&file, "[]").unwrap();
    let error = Photos::karpathy(&file, Split::Train)
        .unwrap_err()
        .to_string();
    assert!(error.contains("Karpathy"), "{error}");
}
