//! An interrupted training goes on as if nothing had happened.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use super::{nn_caption, refuses, run, stderr};

const EPOCHS: usize = 2;

/// A training of seconds, with dropout; a small encoder, since each run keeps four states of all weights.
fn training<'a>(out: &'a Path, seed: &'a str) -> Vec<&'a str> {
    let out = out.to_str().unwrap();
    let mut args = vec![
        "train",
        "resnet-lstm",
        "--encoder",
        "mobilenet_v3_small",
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

/// Starts a training, waits until `is_time`, and for what it then says, and kills it.
fn kill_when(args: &[&str], is_time: impl Fn() -> bool, then: impl FnOnce() -> Duration) {
    let mut command = nn_caption(args);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !is_time() {
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(then());
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Kills a training in the epoch after `n_epochs` whole ones, when `share` of the time of one has passed.
fn kill_after(args: &[&str], run: &Path, n_epochs: usize, share: f64) {
    let start = Instant::now();
    let of_epoch = || {
        let rows = fs::read_to_string(run.join("history.jsonl")).unwrap();
        let row: Value = serde_json::from_str(rows.lines().last().unwrap()).unwrap();
        let epoch = Duration::from_secs_f64(row["seconds"].as_f64().unwrap());
        epoch.min(start.elapsed()).mul_f64(share)
    };
    kill_when(args, || history(run).len() == n_epochs, of_epoch);
}

/// Whether two runs came to the same, to the last bit.
#[track_caller]
fn assert_same(whole: &Path, broken: &Path) {
    assert_eq!(history(broken), history(whole));
    for file in ["checkpoint/model.safetensors", "captions.json"] {
        let [whole, broken] = [whole, broken].map(|run| fs::read(run.join(file)).unwrap());
        assert!(whole == broken, "{file} differs");
    }
}

fn resume(path: &Path) {
    let output = run(&["resume", path.to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
}

/// Trains without interruption.
fn train(args: &[&str]) {
    let output = run(args);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_killed_training_ends_as_an_unbroken_one_to_the_last_bit() {
    for (seed, share) in [("1", 0.05), ("2", 0.3), ("3", 0.5), ("4", 0.7), ("5", 0.9)] {
        let folder = tempfile::tempdir().unwrap();
        let whole = folder.path().join(format!("whole-{seed}"));
        let broken = folder.path().join(format!("broken-{seed}"));
        train(&training(&whole, seed));
        kill_after(&training(&broken, seed), &broken, 1, share);
        resume(&broken);
        assert_eq!(history(&whole).len(), EPOCHS);
        assert_same(&whole, &broken);
    }
}

/// Augmented pictures, an encoder that thaws, and self-critical epochs: all follow from the seed.
#[test]
fn every_kind_of_epoch_goes_on_as_if_there_had_been_no_kill() {
    let folder = tempfile::tempdir().unwrap();
    let with = |out: &Path| {
        let out = out.to_str().unwrap().to_owned();
        let line = format!(
            "train resnet-lstm --encoder mobilenet_v3_small --data scenes:16 --image 32 --batch 4 --epochs 2 --no-verify --seed 6 --out {out} \
             --freeze all --unfreeze 2:1 --augment flip,crop:0.6,colour:0.2 --self-critical 1:0.5"
        );
        line.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let whole = folder.path().join("whole");
    let args = with(&whole);
    train(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let rows = history(&whole);
    assert_eq!(rows.len(), 3);
    assert!(rows[1]["reward"].is_null() && rows[2]["reward"]["drawn"].is_number());
    for n_epochs in [1, 2] {
        let broken = folder.path().join(format!("broken-{n_epochs}"));
        let args = with(&broken);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        kill_after(&args, &broken, n_epochs, 0.5);
        resume(&broken);
        assert_same(&whole, &broken);
    }
}

/// The files of a feature cache and when they were written.
fn entries(folder: &Path) -> Vec<(PathBuf, SystemTime)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(entries(&path));
        } else if path.extension().is_some_and(|kind| kind == "safetensors") {
            found.extend(
                entry
                    .metadata()
                    .and_then(|file| file.modified())
                    .map(|time| (path, time)),
            );
        }
    }
    found
}

#[test]
fn features_outlive_a_kill_and_change_no_bit() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let cache_text = cache.to_str().unwrap();
    let [uncached, cached] = ["uncached", "cached"].map(|name| folder.path().join(name));
    let mut args = training(&uncached, "7");
    args.extend(["--freeze", "all", "--no-cache"]);
    train(&args);

    let mut args = training(&cached, "7");
    args.extend(["--freeze", "all", "--cache", cache_text]);
    kill_when(&args, || entries(&cache).len() >= 3, Duration::default);
    let before = entries(&cache);
    resume(&cached);
    assert_same(&uncached, &cached);
    let after = entries(&cache);
    assert!(
        before.iter().all(|entry| after.contains(entry)),
        "computed twice"
    );
    assert_eq!(after.len(), 40, "32 training pictures and 8 to score on");
}

/// A disk without room, as a process sees it that may write no large file and does not mind the signal.
#[cfg(unix)]
#[test]
fn where_a_checkpoint_finds_no_room_the_last_good_state_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    train(&training(&path, "1"));
    let info = path.join("run.json");
    let mut asked: Value = serde_json::from_slice(&fs::read(&info).unwrap()).unwrap();
    asked["limits"]["file_mb"] = 1.into();
    fs::write(&info, asked.to_string()).unwrap();

    let mut shell = std::process::Command::new("sh");
    shell.args([
        "-c",
        "trap '' XFSZ; exec \"$@\"",
        "sh",
        env!("CARGO_BIN_EXE_nn-caption"),
    ]);
    shell.args(["resume", path.to_str().unwrap(), "--epochs", "3"]);
    let output = shell.output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    let state = path.join("checkpoint/resume.safetensors");
    assert!(said.contains(state.to_str().unwrap()), "{said}");

    let mut asked: Value = serde_json::from_slice(&fs::read(&info).unwrap()).unwrap();
    asked["limits"]["file_mb"] = 8192.into();
    fs::write(&info, asked.to_string()).unwrap();
    resume(&path);
    assert_eq!(history(&path).len(), 3);
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
