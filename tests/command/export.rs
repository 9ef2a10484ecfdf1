//! Trained nets that leave their run folder.
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use nn_caption::caption_models::decode::DecodeOptions;
use nn_caption::caption_models::device;
use nn_caption::caption_models::trained::{About, TrainedNet};
use serde_json::Value;

use super::trained::{draw, system};
use super::{REPLY, refuses, run, stderr, stdout};

/// What `caption` says about a picture.
fn captioned(run_folder: &str, picture: &str) -> String {
    let output = run(&["caption", run_folder, picture]);
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

/// The header of a safetensors file, which its first eight bytes give the length of.
fn header(file: &Path) -> Value {
    let bytes = fs::read(file).unwrap();
    let (length, rest) = bytes.split_first_chunk::<8>().unwrap();
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap();
    serde_json::from_slice(&rest[..length]).unwrap()
}

#[test]
fn an_exported_file_has_pytorchs_names_and_says_how_pictures_are_prepared() {
    let folder = tempfile::tempdir().unwrap();
    let (run_folder, file) = (system("resnet-lstm"), folder.path().join("net.safetensors"));
    let [run_folder, out] = [&run_folder, &file].map(|path| path.to_str().unwrap());
    assert!(
        run(&["export", run_folder, "--best", "--out", out])
            .status
            .success()
    );
    let header = header(&file);
    let convolution = &header["encoder.layer4.1.conv2.weight"];
    assert_eq!(convolution["shape"], serde_json::json!([512, 512, 3, 3]));
    let metadata = &header["__metadata__"];
    assert_eq!(metadata["format"], "pt");
    let preprocessing = metadata["preprocessing"].as_str().unwrap();
    let preprocessing: Value = serde_json::from_str(preprocessing).unwrap();
    assert_eq!(
        preprocessing["mean"],
        serde_json::json!([0.485, 0.456, 0.406])
    );
    let vocabulary = metadata["vocabulary"].as_str().unwrap();
    let vocabulary: Value = serde_json::from_str(vocabulary).unwrap();
    let special = &vocabulary["words"].as_array().unwrap()[..4];
    assert_eq!(special, ["<pad>", "<sos>", "<eos>", "<unk>"]);
}

#[test]
fn a_safetensors_file_is_all_that_captioning_needs() {
    let folder = tempfile::tempdir().unwrap();
    draw(folder.path(), 1);
    let (run_folder, picture) = (system("resnet-transformer"), folder.path().join("0.png"));
    let file = folder.path().join("net.safetensors");
    let [run_folder, out] = [&run_folder, &file].map(|path| path.to_str().unwrap());
    let output = run(&["export", run_folder, "--out", out, "--json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["bytes"], fs::metadata(&file).unwrap().len());

    let about = About::read(&file).unwrap();
    assert_eq!(about.config["name"], "resnet-transformer");
    let net = TrainedNet::system(&file, &device::parse("cpu").unwrap()).unwrap();
    let caption = net.caption(&picture, &DecodeOptions::default()).unwrap();
    let picture = picture.to_str().unwrap();
    assert_eq!(
        captioned(run_folder, picture),
        format!("{picture}: {caption}\n")
    );
    refuses(&["export", run_folder, "--out", out], 2, "is there already");
}

/// Every crate's program has one name, and the tests have one target directory: one crate at a time.
static ONE_CRATE: Mutex<()> = Mutex::new(());

/// Runs the crate in `folder` as its README says, on a picture.
fn run_crate(folder: &Path, picture: &str) -> String {
    let _alone = ONE_CRATE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut command = Command::new(env!("CARGO"));
    command.arg("run").arg("--quiet").current_dir(folder);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    // With what cargo sets for this test, cargo would take compiled packages for stale.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"]
            .iter()
            .any(|start| name.starts_with(start))
            || name == "OUT_DIR"
        {
            command.env_remove(&*name);
        }
    }
    let output = command.args(["--", picture]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

#[track_caller]
fn crate_captions_as_the_run_does(run_folder: &Path, folder: &Path) {
    draw(folder, 1);
    let (out, picture) = (folder.join("captioner"), folder.join("0.png"));
    let [run_folder, out_text, picture] =
        [run_folder, &out, &picture].map(|path| path.to_str().unwrap());
    let output = run(&["export", run_folder, "--format", "crate", "--out", out_text]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(run_crate(&out, picture), captioned(run_folder, picture));
}

#[test]
fn the_crate_of_a_system_captions_as_its_run_does() {
    let folder = tempfile::tempdir().unwrap();
    crate_captions_as_the_run_does(&system("resnet-lstm"), folder.path());
}

#[test]
fn the_crate_of_a_generated_net_captions_as_its_run_does() {
    let folder = tempfile::tempdir().unwrap();
    let run_folder = folder.path().join("run");
    let mut args = vec![
        "train",
        REPLY,
        "--data",
        "scenes:16",
        "--image",
        "32",
        "--no-verify",
    ];
    args.extend(["--out", run_folder.to_str().unwrap()]);
    let output = run(&args);
    assert!(output.status.success(), "{}", stderr(&output));
    crate_captions_as_the_run_does(&run_folder, folder.path());
}

#[test]
fn a_file_that_was_not_exported_says_what_it_lacks() {
    let run_folder = system("resnet-lstm");
    let checkpoint = run_folder.join("checkpoint/model.safetensors");
    let net = TrainedNet::system(&checkpoint, &device::parse("cpu").unwrap());
    let error = net.err().unwrap().to_string();
    assert!(error.contains("its metadata have no `config`"), "{error}");
}
