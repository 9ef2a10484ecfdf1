//! A generated net as a crate of its own, for people.
use std::path::Path;
use std::{fs, io};

use super::build::{BuildError, Builder};
use super::scratch::manifest;

/// Shows the net; does a candidate's job when it is given one.
const MAIN: &str = r#"//! Shows the net and what it says of a grey picture before any training; with a job file, does the job.
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
"#;

impl Builder {
    /// Writes a crate of the generated file `net` into `folder`, which may be there. `cargo run --release` in it builds
    /// against the checkout and its compiled dependencies.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn export(&self, folder: &Path, net: &str) -> Result<(), BuildError> {
        self.write(folder, net).map_err(|cause| BuildError::Files {
            path: folder.to_path_buf(),
            cause,
        })
    }

    fn write(&self, folder: &Path, net: &str) -> io::Result<()> {
        let (src, cargo) = (folder.join("src"), folder.join(".cargo"));
        fs::create_dir_all(&src)?;
        fs::create_dir_all(&cargo)?;
        fs::write(
            folder.join("Cargo.toml"),
            manifest("generated-net", self.source())?,
        )?;
        fs::copy(self.source().join("Cargo.lock"), folder.join("Cargo.lock"))?;
        let target = toml::Value::from(self.target().to_string_lossy().into_owned());
        fs::write(
            cargo.join("config.toml"),
            format!("[build]\ntarget-dir = {target}\n"),
        )?;
        fs::write(src.join("net.rs"), net)?;
        fs::write(src.join("main.rs"), MAIN)
    }
}
