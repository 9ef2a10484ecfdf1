//! Trying what may take the process down, or binds it for good: in a process of its own.
use std::io::{self, Read, Write};
use std::panic::catch_unwind;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use burn::tensor::{Device, Tensor};
use caption_models::device::{self, DeviceError};
use caption_models::limits::{Applied, Limits, Needs};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The hidden subcommand that is a trial.
pub const TRIAL_COMMAND: &str = "doctor-trial";
/// The trial of the limits; other names are devices.
const LIMITS: &str = "limits";
/// A GPU compiles its first kernels in seconds; a driver that hangs does not.
const PATIENCE: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(10);

/// What came of a device.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DeviceTrial {
    /// It computes; this is what it calls itself, if it does.
    Computes(Option<String>),
    /// Its backend is not in this build.
    NotBuiltIn,
    /// It does not, for this reason.
    Fails(String),
}

/// The whole `main` of a trial: prints what came of it as JSON.
pub fn run_trial(what: &str) -> ExitCode {
    let answer = match what {
        LIMITS => json!(Limits::default().apply(&Needs::default())),
        device => json!(try_device(device)),
    };
    // A parent that has gone away wants no answer.
    let _closed = writeln!(io::stdout(), "{answer}");
    ExitCode::SUCCESS
}

/// What comes of the limits that a candidate sets on itself.
pub(super) fn of_limits() -> Result<Applied, String> {
    trial(LIMITS)
}

/// What comes of a device.
pub(super) fn of_device(name: &str) -> DeviceTrial {
    trial(name).unwrap_or_else(DeviceTrial::Fails)
}

fn try_device(name: &str) -> DeviceTrial {
    let tried = catch_unwind(|| match device::open(name) {
        Ok(device) => compute(&device),
        Err(DeviceError::NotBuiltIn { .. }) => DeviceTrial::NotBuiltIn,
        Err(error) => DeviceTrial::Fails(error.to_string()),
    });
    tried.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        DeviceTrial::Fails(text.unwrap_or("its backend panicked").to_owned())
    })
}

/// A product of matrices.
fn compute(device: &Device) -> DeviceTrial {
    let ones = Tensor::<2>::ones([32, 32], device);
    let sum = ones.clone().matmul(ones).sum().into_scalar::<f32>();
    if (sum - 32_768.0).abs() < 1.0 {
        DeviceTrial::Computes(identity(device))
    } else {
        DeviceTrial::Fails(format!("the sum of a product is {sum}, not 32768"))
    }
}

#[cfg(any(feature = "wgpu", feature = "cuda"))]
fn identity(device: &Device) -> Option<String> {
    device.identity().map(|identity| identity.name)
}

#[cfg(not(any(feature = "wgpu", feature = "cuda")))]
fn identity(_device: &Device) -> Option<String> {
    None
}

/// Starts a trial and reads its answer, or says why there is none.
fn trial<T: DeserializeOwned>(what: &str) -> Result<T, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut child = Command::new(program)
        .args([TRIAL_COMMAND, what])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("its trial cannot be started: {error}"))?;
    let started = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if started.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            _ => {
                // One that has ended meanwhile needs no kill.
                let _gone = child.kill();
                let _gone = child.wait();
                return Err(format!("no answer in {} s", PATIENCE.as_secs()));
            }
        }
    };
    let mut answer = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        // What cannot be read is no JSON either.
        let _broken = stdout.read_to_string(&mut answer);
    }
    serde_json::from_str(&answer).map_err(|_| format!("its trial ended with {status}"))
}
