//! What several test files share: the golden replies and their options.
use std::path::{Path, PathBuf};

use codegen::Options;

/// Sizes that keep goldens small.
pub(crate) fn options() -> Options {
    Options {
        vocab: 60,
        image: [3, 64, 64],
        batch: 2,
        ..Options::default()
    }
}

/// The folder of a golden case.
pub(crate) fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

/// The reply of a golden case.
#[track_caller]
pub(crate) fn reply(name: &str) -> String {
    let path = case(name).join("reply.md");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
