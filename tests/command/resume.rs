//! An interrupted training goes on as if nothing had happened.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{nn_caption, refuses, run, stderr};

const EPOCHS: usize = 2;

/// A training of seconds, with dropout.
fn training<'a>(out: &'a Path, seed: &'a str) -> Vec<&'a str> {
    let out = out.to_str().unwrap();
    let mut args = vec![
        "train",
        "resnet-lstm",
        "--data",
        "scenes:32",
        "--image",
        "32",
    ];
    args.extend(["--batch", "4", "--epochs", "2", "--no-verify"]);
    args.extend(["--seed", seed, "--out", out]);
    args
}

/// The rows of the history without what the clock says.
fn history(run: &Path) -> Vec<Value> {
    let rows = fs::read_to_string(run.join("history.jsonl")).unwrap_or_default();
    let row = |line: &str| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        for clock in ["seconds", "images_per_second"] {
            row.as_object_mut().unwrap().remove(clock).unwrap();
        }
        row
    };
    rows.lines().map(row).collect()
}

/// Kills a training `share` of an epoch after its first one.
fn kill_in_second_epoch(args: &[&str], run: &Path, share: f64) {
    let start = Instant::now();
    let mut command = nn_caption(args);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while history(run).is_empty() {
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before its first epoch"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    let row = fs::read_to_string(run.join("history.jsonl")).unwrap();
    let row: Value = serde_json::from_str(row.lines().next().unwrap()).unwrap();
    let epoch = Duration::from_secs_f64(row["seconds"].as_f64().unwrap()).min(start.elapsed());
    std::thread::sleep(epoch.mul_f64(share));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_killed_training_ends_as_an_unbroken_one_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    for (seed, share) in [("1", 0.05), ("2", 0.3), ("3", 0.5), ("4", 0.7), ("5", 0.9)] {
        let whole = folder.path().join(format!("whole-{seed}"));
        let broken = folder.path().join(format!("broken-{seed}"));
        let output = run(&training(&whole, seed));
        assert!(output.status.success(), "{}", stderr(&output));
        kill_in_second_epoch(&training(&broken, seed), &broken, share);

        let output = run(&["resume", broken.to_str().unwrap()]);
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(history(&whole).len(), EPOCHS);
        assert_eq!(history(&broken), history(&whole), "seed {seed}");
        for file in ["checkpoint/model.safetensors", "captions.json"] {
            let [whole, broken] = [&whole, &broken].map(|run| fs::read(run.join(file)).unwrap());
            assert!(whole == broken, "{file} of seed {seed} differs");
        }
    }
}

#[test]
fn a_damaged_state_is_refused_and_the_last_good_one_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let output = run(&training(&path, "1"));
    assert!(output.status.success(), "{}", stderr(&output));
    let state = path.join("checkpoint/resume.safetensors");
    let mut bytes = fs::read(&state).unwrap();
    let last = bytes.len() - 9;
    bytes[last] ^= 1;
    fs::write(&state, bytes).unwrap();

    let args = ["resume", path.to_str().unwrap(), "--epochs", "3"];
    refuses(&args, 2, "resume-before.safetensors");
    fs::remove_file(&state).unwrap();
    let output = run(&args);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(history(&path).len(), 3);
}

#[test]
fn what_is_no_run_cannot_go_on() {
    let folder = tempfile::tempdir().unwrap();
    refuses(&["resume", folder.path().to_str().unwrap()], 2, "run.json");
}
