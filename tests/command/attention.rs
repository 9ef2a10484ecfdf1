//! Maps of where a net looked.
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::trained::{draw, system};
use super::{refuses, run, stderr};

/// What `caption --attention` answers about one picture.
fn attend(name: &str, folder: &Path, decoding: &[&str]) -> Value {
    draw(folder, 1);
    let (run_folder, maps) = (system(name), folder.join("maps"));
    let picture = folder.join("0.png");
    let [run_folder, picture, maps] =
        [&run_folder, &picture, &maps].map(|path| path.to_str().unwrap());
    let args = [
        "caption",
        run_folder,
        picture,
        "--attention",
        maps,
        "--json",
        "--min-length",
        "3",
    ];
    let output = run(&[&args[..], decoding].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_word_has_a_map_and_the_page_holds_them_all() {
    for name in ["resnet-lstm", "resnet-gru", "resnet-transformer"] {
        for decoding in [&[][..], &["--beam", "3"]] {
            let folder = tempfile::tempdir().unwrap();
            let answer = attend(name, folder.path(), decoding);
            let line = &answer["captions"][0];
            let words = line["attention"]["words"].as_array().unwrap();
            let said: Vec<&str> = words
                .iter()
                .map(|word| word["word"].as_str().unwrap())
                .collect();
            let known: Vec<&str> = said
                .iter()
                .copied()
                .filter(|word| !word.starts_with('<'))
                .collect();
            assert_eq!(known.join(" "), line["caption"].as_str().unwrap(), "{name}");
            assert!(words.len() >= 3, "{name}: {said:?}");
            for word in words {
                let weights = word["weights"].as_array().unwrap();
                let sum: f64 = weights.iter().map(|weight| weight.as_f64().unwrap()).sum();
                assert_eq!(weights.len(), 2 * 3, "{name}");
                assert!((sum - 1.0).abs() < 1e-4, "{name}: {sum}");
                let map = image::open(word["map"].as_str().unwrap()).unwrap();
                assert_eq!((map.width(), map.height()), (448, 224));
            }
            let page = fs::read_to_string(answer["page"].as_str().unwrap()).unwrap();
            assert_eq!(page.matches("<img ").count(), words.len() + 1);
            assert_eq!(
                page.matches("<img src=\"data:image/").count(),
                words.len() + 1
            );
            let weights = match name {
                "resnet-transformer" => {
                    "cross attention of the last of 3 layers, mean over 4 heads"
                }
                _ => "additive attention",
            };
            assert!(page.contains(weights), "{name}");
        }
    }
}

#[test]
fn a_net_that_does_not_tell_where_it_looks_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    draw(folder.path(), 1);
    let (run_folder, picture) = (system("show-and-tell"), folder.path().join("0.png"));
    let maps = folder.path().join("maps");
    let [run_folder, picture, maps] =
        [&run_folder, &picture, &maps].map(|path| path.to_str().unwrap());
    refuses(
        &["caption", run_folder, picture, "--attention", maps],
        2,
        "does not tell where it looks",
    );
    assert!(!Path::new(maps).exists(), "an empty folder is left");
}

#[test]
fn a_folder_for_maps_that_cannot_be_made_is_named_before_anything_is_done() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let maps = file.path().join("maps");
    let run_folder = system("resnet-lstm");
    let [picture, run_folder, maps] =
        [file.path(), &run_folder, &maps].map(|path| path.to_str().unwrap());
    refuses(
        &["caption", run_folder, picture, "--attention", maps],
        2,
        "cannot write",
    );
}
