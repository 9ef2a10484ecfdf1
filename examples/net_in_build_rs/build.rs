//! Turns `net.py` into a Rust module before the crate is compiled; a net with a mistake fails the build with its lines.
use std::path::Path;
use std::{env, fs, process};

use codegen::{Options, Repairs, Style};

fn main() {
    println!("cargo::rerun-if-changed=net.py");
    let net = fs::read_to_string("net.py").expect("net.py stands beside build.rs");
    let options = Options {
        vocab: 500,
        image: [3, 64, 64],
        // A file under version control is corrected by hand.
        repair: Repairs::None,
        ..Options::default()
    };
    let generated = codegen::generate(&net, &options).unwrap_or_else(|rejected| {
        eprintln!("{}", codegen::render(&rejected.diagnostics, &net, Style::Plain));
        process::exit(1);
    });
    let out = env::var_os("OUT_DIR").expect("cargo sets it");
    // `include!` takes no documentation of the file itself.
    let source = generated.source.replace("\n//! ", "\n// ");
    fs::write(Path::new(&out).join("net.rs"), source).expect("OUT_DIR can be written");
}
