//! Runs codegen over a folder of nets, without Burn: one JSON line a file, and a table by family on stderr.
//!
//! `cargo run --release -p nn-caption-codegen --example corpus -- FOLDER [WORD...] > lines.jsonl`: only files whose name
//! holds one of the words.
use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::{fs, thread};

use codegen::corpus::{Ending, FAMILIES, Line, examine};
use codegen::{Options, Task};

/// Characters of a message in the list of the most frequent ones.
const SHOWN: usize = 100;

/// What LEMUR's classifiers are generated for: ten classes of pictures of 32 by 32.
fn options() -> Options {
    Options {
        task: Task::Classify,
        vocab: 10,
        image: [3, 32, 32],
        ..Options::default()
    }
}

/// `C5C-RESNETLSTM-...`, `RESNETLSTM`, `ResNetTransformer`, `ConvNeXtTransformer`.
fn is_captioner(name: &str) -> bool {
    ["RESNETLSTM", "ResNetTransformer", "ConvNeXtTransformer"]
        .iter()
        .any(|anchor| name.contains(anchor))
}

fn files(folder: &str, words: &[String]) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_wanted = words.is_empty() || words.iter().any(|word| name.contains(word));
        if name.ends_with(".py") && is_wanted {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn line(path: &PathBuf) -> Line {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let text = fs::read(path).unwrap_or_default();
    let options = if is_captioner(&name) {
        Options::default()
    } else {
        options()
    };
    examine(&name, &String::from_utf8_lossy(&text), &options).0
}

/// All lines, in the order of the files.
fn lines(paths: &[PathBuf]) -> Vec<Line> {
    let (next, lines) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            let line = line(path);
            lines
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(line);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let mut lines = lines.into_inner().unwrap_or_else(PoisonError::into_inner);
    lines.sort_by(|a, b| a.file.cmp(&b.file));
    lines
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().ok_or("which folder?")?;
    let paths = files(&folder, &args.collect::<Vec<_>>())?;
    let lines = lines(&paths);
    let (mut out, mut told) = (io::stdout().lock(), io::stderr().lock());
    let mut missing: BTreeMap<String, usize> = BTreeMap::new();
    for line in &lines {
        writeln!(out, "{}", serde_json::to_string(line)?)?;
        if let Some(found) = line.diagnostics.first() {
            let message = found.message.chars().take(SHOWN).collect();
            *missing.entry(message).or_default() += 1;
        }
    }
    for family in FAMILIES {
        let of = || lines.iter().filter(|line| line.family == family);
        let generated = of()
            .filter(|line| line.outcome == Ending::Generated)
            .count();
        let percent = 100.0 * generated as f64 / of().count().max(1) as f64;
        writeln!(
            told,
            "{family:12} {generated:6} of {:6} {percent:5.1} %",
            of().count()
        )?;
    }
    let mut missing: Vec<_> = missing.into_iter().collect();
    missing.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (message, count) in missing.iter().take(20) {
        writeln!(told, "{count:5}  {message}")?;
    }
    Ok(())
}
