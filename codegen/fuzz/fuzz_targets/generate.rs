//! A reply of any bytes: codegen may reject it, and may not panic; what it accepts is Rust.
#![no_main]

use codegen::{Options, generate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let reply = String::from_utf8_lossy(bytes);
    let options = Options {
        vocab: 60,
        image: [3, 64, 64],
        batch: 2,
        ..Options::default()
    };
    if let Ok(generated) = generate(&reply, &options) {
        syn::parse_file(&generated.source).expect("the source is Rust");
    }
});
