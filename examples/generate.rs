//! Uses codegen as a library: the Rust source of a reply's net, for a vocabulary of 60 words and 64×64 pictures.
//!
//! `cargo run --release --example generate [REPLY]`
use std::error::Error;
use std::io::{self, Write};

use nn_caption::codegen::{self, Style};
use nn_caption::{demo, run};

fn main() -> Result<(), Box<dyn Error>> {
    let reply = match std::env::args_os().nth(1) {
        Some(path) => std::fs::read_to_string(path)?,
        None => demo::REPLY.to_owned(),
    };
    let options = run::options(60, [3, 64, 64], 16, [("lr".to_owned(), 0.01.into())].into());
    match codegen::generate(&reply, &options) {
        Ok(generated) => Ok(io::stdout().write_all(generated.source.as_bytes())?),
        Err(rejected) => Err(codegen::render(&rejected.diagnostics, &reply, Style::Plain).into()),
    }
}
