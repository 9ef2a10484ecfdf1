//! A net of a Python file as a module of this crate: `build.rs` writes it.
use burn::tensor::Tensor;
use caption_models::harness::Captioner;

/// The net of `net.py`.
mod net {
    include!(concat!(env!("OUT_DIR"), "/net.rs"));
}

fn main() {
    let device = caption_models::device::parse("cpu").expect("the CPU is built in");
    let net = net::Net::new(&device);
    println!("{net}");
    let pictures = Tensor::<4>::zeros([2, 3, 64, 64], &device);
    let words = Captioner::infer(&net, pictures).expect("net.py decodes by itself");
    println!("ids before training: {}", words.into_ids());
}
