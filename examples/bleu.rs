//! Scores captions as coco-caption does, with a bootstrap interval.
//!
//! `cargo run --release --example bleu`
use std::error::Error;
use std::io::{self, Write};

use nn_caption::bleu::{Bleu, Bootstrap};

/// A generated caption and what people wrote.
const CAPTIONS: [(&str, [&str; 2]); 3] = [
    (
        "a cat sits on a mat",
        ["the cat is on the mat", "a cat sits on a rug"],
    ),
    (
        "a dog runs",
        ["a dog runs on the grass", "the dog is running"],
    ),
    (
        "two red boats on a lake",
        ["two red boats on the water", "red boats on a quiet lake"],
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut captions = Bleu::coco().accumulator();
    for (caption, references) in CAPTIONS {
        captions.push(caption, &references)?;
    }
    let mut out = io::stdout();
    for (n, interval) in (1..).zip(captions.intervals(&Bootstrap::default())?) {
        writeln!(
            out,
            "BLEU-{n} {:.3}, 95 % between {:.3} and {:.3}",
            interval.score, interval.low, interval.high
        )?;
    }
    Ok(())
}
