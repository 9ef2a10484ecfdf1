use std::fs;

use super::{LemurError, export, rows};
use crate::report::search::fixtures::run_folder;
use crate::search::fixtures::trial;

#[test]
fn what_is_exported_is_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("lemur");
    let mut first = trial(1, &[0.15, 0.25]);
    run_folder(dir.path(), &mut first, 3);
    let failed = trial(2, &[]);
    let name = first.net.as_ref().unwrap().name.clone();
    let exported = export(dir.path(), &[first, failed], &out).unwrap();
    assert_eq!(
        (exported.nets.as_slice(), exported.results),
        ([name.clone()].as_slice(), 3)
    );
    assert!(out.join(format!("nn/{name}.py")).is_file());
    let best = &rows(&out).unwrap()[&name];
    // Epoch 3 was scored in training only, and best; epochs 1 and 2 have their rungs' scores.
    assert_eq!((best.epoch, best.data.as_str()), (3, "scenes"));
    assert!((best.row.accuracy - 0.3).abs() < 1e-9);
    assert_eq!(best.row.duration, 6_000_000_000);
    assert_eq!(best.row.prm["batch"], 16);
    assert_eq!(best.row.prm["transform"], "echo_64");
}

#[test]
fn a_row_has_lemurs_keys_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = trial(1, &[0.15]);
    run_folder(dir.path(), &mut first, 1);
    let name = first.net.as_ref().unwrap().name.clone();
    export(dir.path(), &[first], dir.path()).unwrap();
    let stat = format!("stat/train/img-captioning_scenes_bleu_{name}/1.json");
    let text = fs::read_to_string(dir.path().join(stat)).unwrap();
    let keys = [
        "accuracy",
        "batch",
        "duration",
        "lr",
        "momentum",
        "transform",
        "uid",
    ];
    let places: Vec<_> = keys
        .iter()
        .map(|key| text.find(&format!("\"{key}\":")).unwrap())
        .collect();
    assert!(places.is_sorted(), "{text}");
    assert!(
        text.starts_with('[') && text.contains("\"accuracy\": 0.15"),
        "{text}"
    );
}

#[test]
fn a_name_that_leads_elsewhere_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut bad = trial(1, &[0.1]);
    run_folder(dir.path(), &mut bad, 1);
    bad.net.as_mut().unwrap().name = "../../C1C-A-1".to_owned();
    let error = export(dir.path(), &[bad], dir.path()).unwrap_err();
    assert!(matches!(error, LemurError::Name { trial: 1, .. }));
}

#[test]
fn a_trial_whose_folder_is_gone_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut gone = trial(4, &[0.1]);
    gone.folder = Some("trials/0004".to_owned());
    let error = export(dir.path(), &[gone], dir.path())
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("trial 4 cannot be exported"), "{error}");
}
