//! Shows the net and what it says of a grey picture before any training; with a job file, does the job.
mod net;

use std::process::ExitCode;

use burn::tensor::Tensor;
use caption_models::harness::{self, Captioner};

fn main() -> ExitCode {
    if std::env::args_os().len() > 1 {
        return harness::main::<net::Net>();
    }
    let device = caption_models::device::parse("cpu").expect("the CPU is built in");
    let net = net::Net::new(&device);
    println!("{net}");
    let [channels, height, width] = net::Net::SPEC.image;
    let picture = Tensor::<4>::zeros([1, channels, height, width], &device);
    match Captioner::infer(&net, picture) {
        Some(words) => println!("ids of a grey picture: {}", words.into_ids()),
        None => println!("the net has no decoding of its own"),
    }
    ExitCode::SUCCESS
}
