//! Bakes into the library what the build of a candidate must repeat, so that no dependency is compiled twice.
use std::env;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let (target, profile) = places(Path::new(&variable("OUT_DIR")));
    bake("TARGET", &target.display().to_string());
    bake("PROFILE", &profile);
    bake("RUSTFLAGS", &variable("CARGO_ENCODED_RUSTFLAGS"));
    bake("TOOLCHAIN", &variable("RUSTUP_TOOLCHAIN"));
}

/// The target directory and the profile's name. `OUT_DIR` is `<target>/[<triple>/]<profile>/build/<package>/out`.
fn places(out_dir: &Path) -> (PathBuf, String) {
    let mut above = out_dir.ancestors().skip(3);
    let folder = above
        .next()
        .expect("OUT_DIR has the profile's folder three levels up");
    let parent = above
        .next()
        .expect("OUT_DIR has the target directory four levels up");
    let crossed = parent
        .file_name()
        .is_some_and(|name| name.to_str() == Some(&variable("TARGET")));
    let target = if crossed {
        parent.parent().unwrap_or(parent)
    } else {
        parent
    };
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    (target.to_path_buf(), profile.to_owned())
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

fn bake(name: &str, value: &str) {
    println!("cargo::rustc-env=NN_CAPTION_BAKED_{name}={value}");
}
