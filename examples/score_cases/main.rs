//! Scores every case of a golden file with this project's metrics.
//!
//! `cargo run --release --example score_cases -- FILE` reads a file laid out as the golden set of caption
//! metrics, forgets what is expected of each case, and writes the same layout to the standard output with our
//! numbers in its place. What we do not compute is left out.

mod document;

use std::error::Error;
use std::io::{self, Write};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os()
        .nth(1)
        .ok_or("a golden file is needed")?;
    let document = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &document::scored(document)?)?;
    writeln!(out)?;
    Ok(())
}
