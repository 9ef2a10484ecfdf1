//! Mutates golden replies, specs and replies with mistakes, and translates each: nothing may panic, abort or run away.
//!
//! `cargo run --release -p nn-caption-codegen --example mutate -- [REPLIES] [SEED]`
use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use codegen::spec::NetSpec;
use codegen::{Options, Repairs, Severity, generate};

/// No reply may take longer.
const LIMIT: Duration = Duration::from_secs(20);

/// Words and marks that nets are made of.
const PIECES: &[&str] = &[
    "self",
    "None",
    "True",
    "torch",
    "nn",
    "0",
    "-1",
    "1e9",
    "range(",
    ")",
    "(",
    "[",
    "]",
    "{",
    "}",
    ":",
    "\n",
    "\n        ",
    "captions",
    "images",
    "in_shape[0]",
    "out_shape[1]",
    "prm['x']",
    "for t in range(9):",
    "while True:",
    "return x, h",
    "lambda x: x",
    "**",
    "//",
    "'",
    "\"\"\"",
    "```",
    "nn.Conv2D(",
    "encoder_layer=",
    "momentum=",
    "é",
    "\u{202e}",
    "\0",
    "\"heads\": 3",
    "import os",
    ".view(-1)",
    ".item()",
    "yield",
    "@",
    "\\",
    "#",
];

/// A xorshift generator.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below.max(1) as u64).unwrap_or(0)
    }
}

fn replies() -> io::Result<Vec<String>> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut replies = Vec::new();
    for entry in std::fs::read_dir(golden)? {
        replies.push(std::fs::read_to_string(entry?.path().join("reply.md"))?);
    }
    replies.sort();
    let spec = NetSpec::example();
    replies.push(spec.python());
    replies.extend(serde_json::to_string_pretty(&spec));
    Ok(replies)
}

/// One to six changes of bytes, words or lines.
fn mutated(reply: &str, random: &mut Random) -> String {
    let mut bytes = reply.as_bytes().to_vec();
    for _ in 0..=random.next(6) {
        let at = random.next(bytes.len());
        let end = (at + 1 + random.next(12)).min(bytes.len());
        match random.next(6) {
            0 => drop(bytes.drain(at..end)),
            1 => bytes.truncate(bytes.len() - random.next(bytes.len() / 8)),
            2 => {
                let copy = bytes
                    .get(at..end)
                    .unwrap_or_default()
                    .repeat(1 + random.next(20));
                bytes.splice(at..at, copy);
            }
            3 => {
                let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
                let (from, to) = (random.next(lines.len()), random.next(lines.len()));
                let mut lines: Vec<Vec<u8>> = lines.into_iter().map(<[u8]>::to_vec).collect();
                lines.swap(from, to);
                bytes = lines.concat();
            }
            _ => {
                let piece = PIECES
                    .get(random.next(PIECES.len()))
                    .copied()
                    .unwrap_or_default();
                let end = if random.next(2) == 0 { at } else { end };
                bytes.splice(at..end, piece.bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What became of the replies.
#[derive(Debug, Default)]
struct Tally {
    accepted: usize,
    repaired: usize,
    rejected: usize,
    slowest: Duration,
    /// Seconds that the translations took together.
    seconds: f64,
}

fn translate(reply: &str, options: &Options, tally: &mut Tally) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let outcome = generate(reply, options);
    let took = start.elapsed();
    tally.slowest = tally.slowest.max(took);
    tally.seconds += took.as_secs_f64();
    if took > LIMIT {
        return Err(format!("a reply took {took:?}:\n{reply}").into());
    }
    let findings = match outcome {
        Ok(generated) => {
            syn::parse_file(&generated.source)?;
            tally.accepted += 1;
            tally.repaired += usize::from(generated.repairs.is_some());
            generated.diagnostics
        }
        Err(rejected) => {
            tally.rejected += 1;
            if rejected.is_bug() {
                return Err(format!("{rejected}:\n{reply}").into());
            }
            if !rejected
                .diagnostics
                .iter()
                .any(|finding| finding.severity == Severity::Error)
            {
                return Err(format!("rejected without an error:\n{reply}").into());
            }
            rejected.diagnostics
        }
    };
    let is_outside = |finding: &&codegen::Diagnostic| reply.get(finding.primary.range()).is_none();
    match findings.iter().find(is_outside) {
        Some(finding) => Err(format!("{finding:?} is outside of:\n{reply}").into()),
        None => Ok(()),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let n_replies = numbers.next().transpose()?.unwrap_or(1000);
    let mut random = Random(numbers.next().transpose()?.unwrap_or(1).max(1));
    let replies = replies()?;
    let mut options = Options {
        vocab: 60,
        image: [3, 64, 64],
        batch: 2,
        ..Options::default()
    };
    let mut tally = Tally::default();
    for at in 0..n_replies {
        options.repair = if at % 2 == 0 {
            Repairs::Safe
        } else {
            Repairs::All
        };
        let reply = replies
            .get(random.next(replies.len()))
            .map_or("", String::as_str);
        translate(&mutated(reply, &mut random), &options, &mut tally)?;
    }
    writeln!(io::stdout(), "{n_replies} replies: {tally:?}")?;
    Ok(())
}
