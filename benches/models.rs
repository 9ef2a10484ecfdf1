//! Every model and layer: what a pass or a step of training costs.
//!
//! `cargo bench --bench models -- encoder/resnet50`; `BURN_DEVICE` picks the device.
#[path = "cases/mod.rs"]
mod cases;

use std::time::Duration;

use burn::tensor::Device;
use criterion::{Criterion, criterion_group, criterion_main};

fn models(c: &mut Criterion) {
    let device = Device::default();
    for case in cases::cases() {
        // Prepared inside, so that only what the filter names is built.
        c.bench_function(&case.id, |bencher| {
            let mut work = (case.prepare)(&device);
            bencher.iter(&mut work);
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_secs(1));
    targets = models
}
criterion_main!(benches);
