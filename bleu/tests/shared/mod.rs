//! Files of `../shared`, the goldens that are never part of the repository.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// The JSON file `path` of the shared folder. `None`, after a line that says so, without that folder.
///
/// # Panics
///
/// If the folder is there and the file is not, lacks a field.
#[track_caller]
#[expect(clippy::print_stderr, reason = "a skipped check says so")]
pub(crate) fn json<T: DeserializeOwned>(path: &str) -> Option<T> {
    let folder = folder();
    if !folder.is_dir() {
        eprintln!("skipped: {path}: no ../shared");
        return None;
    }
    let file = folder.join(path);
    let text =
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())))
}

fn folder() -> PathBuf {
    let beside_the_workspace = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    std::env::var_os("NN_CAPTION_SHARED").map_or_else(beside_the_workspace, PathBuf::from)
}
