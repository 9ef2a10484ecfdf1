//! Does a device compute what the CPU computes? Small nets of every kind, from the same weights and on the same pictures,
//! on both: scores, gradients, and a short training.
//!
//! `cargo run --release --features wgpu --example device_check -- wgpu`
//!
//! Exit codes: 0 the numbers agree, 1 they differ, 2 no device is called so, 3 the device cannot be had.

mod compare;
mod nets;
mod trace;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use burn::tensor::Device;
use caption_models::device::{self, DeviceError};

use self::compare::{Check, compare};
use self::nets::{NETS, Net};
use self::trace::{Trace, weights};

const USAGE: &str = "usage: device_check DEVICE, which is cpu, wgpu[:index] or cuda[:index]";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut errors = io::stderr();
    let Some(name) = std::env::args().nth(1) else {
        writeln!(errors, "{USAGE}")?;
        return Ok(ExitCode::from(2));
    };
    let (cpu, other) = match (device::open("cpu"), device::open(&name)) {
        (Ok(cpu), Ok(other)) => (cpu, other),
        (Err(error), _) | (_, Err(error)) => {
            writeln!(errors, "error: {error}")?;
            return Ok(exit_code(&error));
        }
    };
    let mut agree = true;
    for net in NETS {
        agree &= check(net, &cpu, &name, &other)?;
    }
    Ok(ExitCode::from(u8::from(!agree)))
}

fn exit_code(error: &DeviceError) -> ExitCode {
    ExitCode::from(match error {
        DeviceError::Unknown { .. } => 2,
        _ => 3,
    })
}

/// Whether a net computes the same on both devices; says how far apart they are.
fn check(net: &Net, cpu: &Device, name: &str, other: &Device) -> Result<bool, Box<dyn Error>> {
    let mut reference = (net.build)(cpu)?;
    let start = weights(reference.as_ref());
    let reference = Trace::of(reference.as_mut(), &start);
    let found = Trace::of((net.build)(other)?.as_mut(), &start);
    let checks = compare(&found, &reference, &start);

    let mut out = io::stdout();
    writeln!(out, "{}, {} parameters", net.name, reference.n_parameters())?;
    writeln!(out, "  cpu   {}", reference.summary())?;
    writeln!(out, "  {name:5} {}", found.summary())?;
    for check in &checks {
        writeln!(out, "  {check}")?;
    }
    Ok(checks.iter().all(Check::holds))
}
