//! What the build of this library decided and the build of a candidate must repeat.
use std::path::Path;

/// The root manifest, whose profiles a candidate repeats.
pub(super) const MANIFEST: &str = include_str!("../../Cargo.toml");
/// The checkout.
pub(super) const SOURCE: &str = env!("CARGO_MANIFEST_DIR");
/// The target directory.
pub(super) const TARGET: &str = env!("NN_CAPTION_BAKED_TARGET");
/// The profile's name.
pub(super) const PROFILE: &str = env!("NN_CAPTION_BAKED_PROFILE");
/// Compiler flags as cargo encodes them, empty for none.
pub(super) const RUSTFLAGS: &str = env!("NN_CAPTION_BAKED_RUSTFLAGS");
/// rustup's toolchain, empty without rustup.
pub(super) const TOOLCHAIN: &str = env!("NN_CAPTION_BAKED_TOOLCHAIN");

/// The features that choose a backend. The others choose what this package offers.
pub(super) const BACKENDS: [&str; 3] = ["flex", "wgpu", "cuda"];

/// The features this package was built with.
pub(super) fn features() -> Vec<&'static str> {
    let all = [
        ("cli", cfg!(feature = "cli")),
        ("search", cfg!(feature = "search")),
        ("flex", cfg!(feature = "flex")),
        ("wgpu", cfg!(feature = "wgpu")),
        ("cuda", cfg!(feature = "cuda")),
    ];
    all.into_iter()
        .filter_map(|(name, on)| on.then_some(name))
        .collect()
}

/// The cargo that built this library, or the one on the path when that has gone.
pub(super) fn cargo() -> &'static str {
    let built_with = env!("CARGO");
    if Path::new(built_with).exists() {
        built_with
    } else {
        "cargo"
    }
}
