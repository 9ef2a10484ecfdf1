//! The side of the crate `bleuscore` in `benches/metrics/compare.py`, which runs it with one thread.
//!
//! The argument names a corpus: a hypothesis and its references a line, with tabs between them. CPU seconds and the
//! score are printed. The crate keeps tokenised texts for ever, so a process scores its corpus once.

use std::error::Error;
use std::fs;

use bleuscore::{RefLenMethod, compute_score};

/// Seconds on a processor, of all threads: a pool does the work.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let mut nanoseconds = 0.0;
    for thread in fs::read_dir("/proc/self/task")? {
        let schedule = fs::read_to_string(thread?.path().join("schedstat"))?;
        let on_processor = schedule.split(' ').next().unwrap_or_default();
        nanoseconds += on_processor.parse::<f64>()?;
    }
    Ok(nanoseconds / 1e9)
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("a corpus is needed")?;
    let (mut hyps, mut refs) = (Vec::new(), Vec::new());
    for line in fs::read_to_string(path)?.lines() {
        let mut texts = line.split('\t').map(str::to_owned);
        hyps.extend(texts.next());
        refs.push(texts.collect::<Vec<String>>());
    }
    let before = cpu_seconds()?;
    let score = compute_score(&refs, &hyps, 4, false, RefLenMethod::Closest);
    println!("{} {}", cpu_seconds()? - before, score.bleu);
    Ok(())
}
