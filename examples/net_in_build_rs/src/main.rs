//! A net of a Python file as a module of this crate: `build.rs` writes it.

/// The generated module.
mod net {
    // `include!` takes no inner documentation, so the module is a file by path.
    #[path = "net.rs"]
    mod file;
    pub use file::Net;
}
fn main() {}
