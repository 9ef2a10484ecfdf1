//! Runs codegen on a sample of a folder of nets and tallies what stops it:
//! `cargo run --example corpus DIR [N] [PREFIX]`.
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

use codegen::corpus::{self, Ending, Line};
use codegen::{Options, Task};

fn main() {
    let args: Vec<String> = env::args().collect();
    let dir = args.get(1).expect("a folder");
    let every = args
        .get(2)
        .and_then(|n| n.parse::<usize>().ok())
        .unwrap_or(1);
    let prefix = args.get(3).cloned().unwrap_or_default();
    let mut files: Vec<String> = fs::read_dir(dir)
        .expect("a folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| {
            let is_python = std::path::Path::new(name)
                .extension()
                .is_some_and(|extension| extension == "py");
            is_python && name.starts_with(&prefix)
        })
        .collect();
    files.sort();
    let files: Vec<String> = files.into_iter().step_by(every).collect();
    let next = AtomicUsize::new(0);
    let lines = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let text = fs::read_to_string(format!("{dir}/{file}")).unwrap_or_default();
                    let (line, _) = corpus::examine(file, &text, &options());
                    lines.lock().expect("no panic").push(line);
                }
            });
        }
    });
    tell(&lines.into_inner().expect("no panic"));
}

fn options() -> Options {
    Options {
        task: Task::Classify,
        vocab: 10,
        image: [3, 32, 32],
        batch: 2,
        ..Options::default()
    }
}

#[expect(clippy::print_stdout, reason = "an example")]
fn tell(lines: &[Line]) {
    let mut by_family: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    let mut reasons: BTreeMap<String, Vec<(&str, String)>> = BTreeMap::new();
    for line in lines {
        let [done, all] = by_family.entry(line.family).or_default();
        *all += 1;
        *done += usize::from(line.outcome == Ending::Generated);
        if let Some(first) = line.diagnostics.first() {
            reasons
                .entry(format!("{} {}", first.rule, first.message))
                .or_default()
                .push((&line.file, format!("{}: {}", first.line, first.construct)));
        }
    }
    for (family, [done, all]) in &by_family {
        println!(
            "{family:12} {done:5} of {all:5}  {:.1} %",
            100.0 * *done as f64 / *all as f64
        );
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, files)| std::cmp::Reverse(files.len()));
    for (reason, files) in reasons.iter().take(60) {
        let (file, place) = &files[0];
        println!("{:4} {reason}   [{file}:{place}]", files.len());
    }
    let slowest = lines.iter().max_by_key(|line| line.milliseconds);
    if let Some(line) = slowest {
        println!("slowest {} {} ms", line.file, line.milliseconds);
    }
}
