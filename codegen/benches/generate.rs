//! From a reply to Rust source: LEMUR's captioning nets, and how the time grows with the size of a net.
//!
//! `cargo bench -p nn-caption-codegen --bench generate` needs no Burn. LEMUR's nets are not ours to hand on: they are read
//! from the folder `NN_CAPTION_LEMUR_NETS`, else from `~/.cache/nn-caption/lemur/nets`, and left out where there is none.
mod growth;

use std::hint::black_box;
use std::path::PathBuf;
use std::{env, fs, io};

use codegen::{Options, generate};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// What the names of LEMUR's captioning nets hold.
const CAPTIONERS: [&str; 3] = ["RESNETLSTM", "ResNetTransformer", "ConvNeXtTransformer"];

/// How large the nets of [`growth::CASES`] are.
const SIZES: [usize; 5] = [32, 64, 128, 256, 512];

fn folder() -> PathBuf {
    let cache = || PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cache");
    env::var_os("NN_CAPTION_LEMUR_NETS")
        .map_or_else(|| cache().join("nn-caption/lemur/nets"), PathBuf::from)
}

/// Name and text of each captioning net, in the order of the names.
fn captioners(folder: &PathBuf) -> io::Result<Vec<(String, String)>> {
    let mut nets = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if CAPTIONERS.iter().any(|part| name.contains(part)) {
            nets.push((name.into_owned(), fs::read_to_string(&path)?));
        }
    }
    nets.sort();
    Ok(nets)
}

#[expect(clippy::print_stderr, reason = "a skipped case prints a line")]
fn lemur(c: &mut Criterion) {
    let folder = folder();
    let nets = captioners(&folder).unwrap_or_default();
    if nets.is_empty() {
        eprintln!("no captioning nets in {}: skipped", folder.display());
        return;
    }
    let options = Options::default();
    let mut group = c.benchmark_group("lemur");
    for (name, net) in &nets {
        assert!(generate(net, &options).is_ok(), "{name} is rejected");
        group.throughput(Throughput::Bytes(net.len() as u64));
        group.bench_function(name, |b| b.iter(|| generate(black_box(net), &options)));
    }
    group.finish();
}

/// Throughput is in parts a second: it stays the same where the time is proportional to the size.
fn growing(c: &mut Criterion) {
    let options = Options::default();
    let mut group = c.benchmark_group("growth");
    for (name, net) in growth::CASES {
        for size in SIZES {
            let net = net(size);
            if let Err(rejected) = generate(&net, &options) {
                panic!("{name}/{size}: {rejected}");
            }
            group.throughput(Throughput::Elements(size as u64));
            group.bench_function(format!("{name}/{size}"), |b| {
                b.iter(|| generate(black_box(&net), &options));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, lemur, growing);
criterion_main!(benches);
