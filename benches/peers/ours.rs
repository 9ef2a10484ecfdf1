//! Our side of `compare.py`: for every line of stdin, a case's id and a number of runs, the seconds of each run on
//! stdout. Without a case's name, all of them.
#[path = "../cases/mod.rs"]
mod cases;

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::time::Instant;

use burn::tensor::Device;

fn main() -> std::io::Result<()> {
    let device = Device::default();
    let mut prepared: BTreeMap<String, cases::Work> = BTreeMap::new();
    let cases = cases::cases();
    let mut out = std::io::stdout();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let mut words = line.split_whitespace();
        let (Some(id), Some(Ok(n_runs))) = (words.next(), words.next().map(str::parse::<usize>))
        else {
            for case in &cases {
                writeln!(out, "{}", case.id)?;
            }
            writeln!(out)?;
            out.flush()?;
            continue;
        };
        let Some(case) = cases.iter().find(|case| case.id == id) else {
            writeln!(out, "there is no case {id}")?;
            out.flush()?;
            continue;
        };
        let work = prepared
            .entry(id.to_owned())
            .or_insert_with(|| (case.prepare)(&device));
        for _ in 0..n_runs {
            let start = Instant::now();
            work();
            write!(out, "{} ", start.elapsed().as_secs_f64())?;
        }
        writeln!(out)?;
        out.flush()?;
        prepared.retain(|kept, _| kept == id);
    }
    Ok(())
}
