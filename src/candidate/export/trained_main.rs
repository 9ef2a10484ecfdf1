//! Captions pictures: `cargo run --release -- picture.jpg ..`
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use caption_models::decode::DecodeOptions;
use caption_models::device;
use caption_models::trained::TrainedNet;

/// Weights, vocabulary and sizes.
const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/model.safetensors");
/// Longest caption, in tokens.
const MAX_LENGTH: usize = 20;

fn main() -> ExitCode {
    let pictures: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if pictures.is_empty() {
        eprintln!("usage: cargo run --release -- PICTURE..");
        return ExitCode::from(2);
    }
    match caption_all(&pictures) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn caption_all(pictures: &[PathBuf]) -> Result<(), Box<dyn std::error::Error>> {
    let device = device::parse("cpu")?;
    let net = TrainedNet::system(Path::new(MODEL), &device)?;
    for picture in pictures {
        let caption = net.caption(picture, &DecodeOptions::greedy(MAX_LENGTH))?;
        println!("{}: {caption}", picture.display());
    }
    Ok(())
}
