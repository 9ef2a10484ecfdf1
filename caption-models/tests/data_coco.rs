//! COCO folders and picture files, good and bad, written by the tests themselves.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

use std::fs;
use std::path::{Path, PathBuf};

use caption_models::data::{
    DataError, DataSet, Loader, LoaderConfig, Photos, Split, load_image, load_picture,
};
use caption_models::vocab::Vocab;
use image::{Rgb, RgbImage};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

fn picture(red: u8) -> RgbImage {
    RgbImage::from_fn(60, 40, |x, y| {
        let wave = if (x / 10 + y / 10) % 2 == 0 { 40 } else { 200 };
        Rgb([red, wave, 90])
    })
}

/// A picture for each name, two captions each.
fn captions(names: &[&str]) -> Value {
    let images = (1..)
        .zip(names)
        .map(|(id, name)| json!({"id": id, "file_name": name, "width": 60}));
    let lines = (1..).zip(names).flat_map(|(id, _)| {
        ["A dog. ", "Two dogs run!"]
            .map(|caption| json!({"image_id": id, "id": 7, "caption": caption}))
    });
    json!({"info": {}, "images": images.collect::<Vec<_>>(), "annotations": lines.collect::<Vec<_>>()})
}

fn write_json(dir: &Path, name: &str, value: &Value) {
    fs::create_dir_all(dir.join("annotations")).unwrap();
    fs::write(dir.join("annotations").join(name), value.to_string()).unwrap();
}

/// A validation split of `year` with pictures `a.jpg` and `b.png`.
fn folder(year: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    write_json(
        dir.path(),
        &format!("captions_val{year}.json"),
        &captions(&["a.jpg", "b.png"]),
    );
    let pictures = dir.path().join(format!("val{year}"));
    fs::create_dir(&pictures).unwrap();
    picture(10).save(pictures.join("a.jpg")).unwrap();
    picture(250).save(pictures.join("b.png")).unwrap();
    dir
}

fn open(dir: &Path) -> Result<Photos, DataError> {
    Photos::coco(dir, Split::Validation)
}

#[track_caller]
fn fails(result: Result<impl Sized, DataError>, needles: &[&str]) {
    let message = result.err().expect("it should fail").to_string();
    for needle in needles {
        assert!(message.contains(needle), "`{needle}` is not in `{message}`");
    }
}

#[test]
fn reads_the_layouts_of_2017_and_2014_and_generic_names() {
    for year in ["2017", "2014", ""] {
        let dir = folder(year);
        let set = open(dir.path()).unwrap();
        let names: Vec<&str> = set.items().iter().map(|item| item.name.as_str()).collect();
        assert_eq!(names, ["a.jpg", "b.png"]);
        assert_eq!(set.items()[0].captions, ["A dog.", "Two dogs run!"]);
        assert!(set.problems().is_empty());
        let colours = [0, 1].map(|idx| set.picture(idx, [20, 20]).unwrap().get_pixel(9, 9)[0]);
        assert!(colours[0] < 40 && colours[1] > 220, "{colours:?}");
        fails(
            Photos::coco(dir.path(), Split::Train),
            &[
                "captions_train2017.json",
                &format!("captions_val{year}.json"),
            ],
        );
    }
}

#[test]
fn generic_names_find_pictures_in_images() {
    let dir = folder("");
    fs::rename(dir.path().join("val"), dir.path().join("images")).unwrap();
    assert_eq!(open(dir.path()).unwrap().items().len(), 2);
}

#[test]
fn missing_places_say_what_was_wanted_and_found() {
    fails(
        open(Path::new("/nowhere/coco")),
        &[
            "no folder /nowhere/coco",
            "annotations/captions_train2017.json",
        ],
    );
    let empty = tempfile::tempdir().unwrap();
    fails(
        open(empty.path()),
        &["`annotations/captions_val2017.json`", "found nothing"],
    );
    write_json(empty.path(), "instances_val2017.json", &json!({}));
    fails(
        open(empty.path()),
        &[
            "`annotations/captions_val.json`",
            "found `instances_val2017.json`",
        ],
    );
    let bare = folder("2017");
    fs::remove_dir_all(bare.path().join("val2017")).unwrap();
    fails(
        open(bare.path()),
        &["wanted a folder `val2017`", "found `annotations`"],
    );
}

#[test]
fn other_json_is_named_with_its_place() {
    let dir = folder("2017");
    let write =
        |text: &str| fs::write(dir.path().join("annotations/captions_val2017.json"), text).unwrap();
    write("{\"images\": [");
    fails(
        open(dir.path()),
        &[
            "captions_val2017.json is no COCO caption file",
            "line 1 column 12",
        ],
    );
    write("{\"images\": [], \"annotations\": [{\"image_id\": 1, \"bbox\": []}]}");
    fails(
        open(dir.path()),
        &["missing field `caption`", "take `captions_*.json`"],
    );
    write("[]");
    fails(open(dir.path()), &["no COCO caption file"]);
    write("{\"images\": [], \"annotations\": []}");
    fails(open(dir.path()), &["holds no pictures"]);
}

#[test]
fn pictures_that_cannot_be_used_are_named_and_left_out() {
    let dir = folder("2017");
    let mut file = captions(&["gone.jpg", "a.jpg", "../escape.jpg", "/etc/hosts", "b.png"]);
    let images = file["images"].as_array_mut().unwrap();
    images.push(json!({"id": 50, "file_name": "silent.jpg"}));
    images.push(json!({"id": 2, "file_name": "again.jpg"}));
    let lines = file["annotations"].as_array_mut().unwrap();
    lines.push(json!({"image_id": 50, "caption": " ... "}));
    lines.push(json!({"image_id": 99, "caption": "nobody's"}));
    write_json(dir.path(), "captions_val2017.json", &file);
    let set = open(dir.path()).unwrap();
    assert_eq!(set.items().len(), 2);
    let problems: Vec<String> = set.problems().iter().map(ToString::to_string).collect();
    for needle in [
        "gone.jpg",
        "`../escape.jpg`",
        "`/etc/hosts`",
        "silent.jpg has no caption",
        "id 99",
        "again.jpg",
    ] {
        assert!(
            problems.iter().any(|problem| problem.contains(needle)),
            "{needle}: {problems:?}"
        );
    }
    assert_eq!(problems.len(), 6);
}

#[test]
fn a_set_without_any_picture_file_is_an_error() {
    let dir = folder("2017");
    fs::remove_file(dir.path().join("val2017/a.jpg")).unwrap();
    fs::remove_file(dir.path().join("val2017/b.png")).unwrap();
    fails(open(dir.path()), &["none of the 2 pictures", "a.jpg"]);
}

fn loader(dir: &Path, batch: usize) -> Loader {
    let vocab = Vocab::build(["a dog two dogs run"], 1);
    Loader::new(
        std::sync::Arc::new(open(dir).unwrap()),
        &vocab,
        LoaderConfig::new(batch, [3, 16, 16]),
    )
    .unwrap()
}

#[test]
fn a_damaged_picture_is_skipped_and_reported_once() {
    for (damaged, left) in [("a.jpg", 1), ("b.png", 0)] {
        for batch in [1, 2] {
            let dir = folder("2017");
            fs::write(dir.path().join("val2017").join(damaged), b"not a picture").unwrap();
            let batches: Result<Vec<_>, _> = loader(dir.path(), batch).epoch(0).collect();
            let batches = batches.unwrap();
            assert_eq!(batches.len(), 1);
            assert_eq!(batches[0].indices, [left]);
            assert_eq!(batches[0].image_shape, [1, 3, 16, 16]);
            let [skipped] = &batches[0].skipped[..] else {
                panic!("{:?}", batches[0].skipped)
            };
            assert!(skipped.to_string().contains(damaged), "{skipped}");
        }
    }
}

#[test]
fn an_epoch_of_damaged_pictures_is_one_error() {
    let dir = folder("2017");
    for name in ["a.jpg", "b.png"] {
        fs::write(dir.path().join("val2017").join(name), b"").unwrap();
    }
    let mut batches = loader(dir.path(), 1).epoch(0);
    fails(
        batches.next().unwrap(),
        &[
            "none of the 2 pictures",
            "a.jpg is no picture",
            "an empty file",
        ],
    );
    assert!(batches.next().is_none());
}

fn saved(dir: &TempDir, name: &str) -> (PathBuf, Vec<u8>) {
    let path = dir.path().join(name);
    picture(99).save(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    (path, bytes)
}

#[test]
fn a_picture_file_says_what_is_wrong_with_it() {
    let dir = tempfile::tempdir().unwrap();
    fails(
        load_image(&dir.path().join("gone.png"), [3, 8, 8]),
        &["no picture", "gone.png"],
    );
    fails(load_image(dir.path(), [3, 8, 8]), &["cannot read"]);
    let (path, _) = saved(&dir, "gif.jpg");
    fs::write(&path, b"GIF89a........").unwrap();
    fails(
        load_image(&path, [3, 8, 8]),
        &["gif.jpg is no picture", "found Gif"],
    );
}

#[test]
fn a_picture_that_breaks_off_is_damaged() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["cut.jpg", "cut.png"] {
        let (path, bytes) = saved(&dir, name);
        for n_bytes in [bytes.len() / 4, bytes.len() / 2, bytes.len() - 20] {
            fs::write(&path, &bytes[..n_bytes]).unwrap();
            fails(load_image(&path, [3, 8, 8]), &[name, "damaged"]);
        }
    }
}

#[test]
fn the_format_is_read_from_the_file_and_not_from_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let (path, _) = saved(&dir, "a.png");
    let other = dir.path().join("a.jpg");
    fs::rename(&path, &other).unwrap();
    assert_eq!(load_image(&other, [3, 8, 12]).unwrap().len(), 3 * 8 * 12);
}

#[test]
fn grey_and_transparent_pictures_have_three_channels_too() {
    let dir = tempfile::tempdir().unwrap();
    let grey = dir.path().join("grey.jpg");
    image::GrayImage::from_pixel(9, 9, image::Luma([80]))
        .save(&grey)
        .unwrap();
    let clear = dir.path().join("clear.png");
    image::RgbaImage::from_pixel(9, 9, image::Rgba([1, 2, 3, 128]))
        .save(&clear)
        .unwrap();
    let pixel = load_picture(&grey, [4, 4]).unwrap().get_pixel(1, 1).0;
    assert!(pixel.iter().all(|byte| byte.abs_diff(80) < 3), "{pixel:?}");
    assert_eq!(
        load_picture(&clear, [4, 4]).unwrap().get_pixel(1, 1).0,
        [1, 2, 3]
    );
}

/// Two fields of CMYK (0 200 40 30 and 220 10 0 100), written by Pillow 13.0.0, which reads them as the RGB below.
#[test]
fn a_picture_for_print_is_read_as_pillow_reads_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures/cmyk.jpg");
    let picture = load_picture(&path, [8, 16]).unwrap();
    for (place, expected) in [((3, 3), [225, 49, 190]), ((12, 4), [21, 149, 155])] {
        let found = picture.get_pixel(place.0, place.1).0;
        let near = |(one, other): (&u8, &u8)| one.abs_diff(*other) <= 2;
        assert!(
            found.iter().zip(&expected).all(near),
            "{found:?}, not {expected:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn mangled_files_are_pictures_or_errors(
        jpeg: bool,
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        keep in any::<prop::sample::Index>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let (path, mut bytes) = saved(&dir, if jpeg { "x.jpg" } else { "x.png" });
        for (at, byte) in hits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(keep.index(2 * bytes.len()));
        fs::write(&path, bytes).unwrap();
        if let Ok(values) = load_image(&path, [3, 8, 8]) {
            prop_assert!(values.len() == 192 && values.iter().all(|value| value.is_finite()));
        }
    }
}
