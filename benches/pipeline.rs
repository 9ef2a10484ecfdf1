//! The two parts of a run that are pure functions: a reply to Rust, captions to a corpus BLEU.
//!
//! `cargo bench --bench pipeline`
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use nn_caption::bleu::Bleu;
use nn_caption::caption_models::data::{DataSpec, Split};
use nn_caption::codegen::spec::NetSpec;
use nn_caption::{codegen, demo, run};

fn generate(c: &mut Criterion) {
    let options = run::options(60, [3, 64, 64], 16, std::collections::BTreeMap::new());
    let mut group = c.benchmark_group("codegen");
    group.throughput(Throughput::Bytes(demo::REPLY.len() as u64));
    group.bench_function("generate/demo", |b| {
        b.iter(|| codegen::generate(demo::REPLY, &options));
    });
    // Growth: every stage adds its blocks to the source and to the Program.
    for depth in [1, 2, 4] {
        let mut spec = NetSpec::example();
        for stage in &mut spec.encoder.stages {
            stage.depth = depth;
        }
        let net = spec.python();
        group.throughput(Throughput::Elements(depth as u64)); // blocks a stage
        group.bench_function(format!("generate/spec/{depth}"), |b| {
            b.iter(|| codegen::generate(&net, &options));
        });
    }
    group.finish();
}

/// Each picture's first caption against its others.
fn corpus_bleu(c: &mut Criterion) {
    let data = DataSpec::Scenes { n_train: 1000 }
        .open(Split::Train)
        .expect("scenes need no file");
    let mut group = c.benchmark_group("bleu");
    group.throughput(Throughput::Elements(data.items().len() as u64)); // pictures
    group.bench_function("corpus/coco", |b| {
        b.iter(|| {
            let mut captions = Bleu::coco().accumulator();
            for item in data.items() {
                captions
                    .push(&item.captions[0], &item.captions[1..])
                    .expect("four references");
            }
            captions.score()
        });
    });
    group.finish();
}

criterion_group!(benches, generate, corpus_bleu);
criterion_main!(benches);
