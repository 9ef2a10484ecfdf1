//! Devices by name: `cpu`, `wgpu`, `wgpu:1`, `cuda`, `cuda:0`.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::Device;
use thiserror::Error;

/// A device that cannot be had.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceError {
    /// Not a device name.
    #[error(
        "no device is called `{found}`; the names are `cpu`, `wgpu[:index]` and `cuda[:index]`"
    )]
    Unknown {
        /// The name given.
        found: String,
    },
    /// A device whose backend is not in this build.
    #[error("device `{found}` needs a build with `--features {feature}`")]
    NotBuiltIn {
        /// The name given.
        found: String,
        /// The missing feature.
        feature: &'static str,
    },
    /// A device whose hardware or driver is not on this machine.
    #[error("there is no device `{found}`: {missing}")]
    Absent {
        /// The name given.
        found: String,
        /// What is not there.
        missing: String,
    },
    /// A device that is there but cannot be used.
    #[error("device `{found}` cannot be used: {cause}")]
    Refused {
        /// The name given.
        found: String,
        /// What its driver says.
        cause: String,
    },
}

/// The device called `name`, if it is on this machine. An index counts the devices of its kind from 0; without one, it is
/// the adapter that wgpu prefers, or the first CUDA device.
///
/// # Errors
///
/// When the name is none, its backend is not built in, or no such hardware is found.
pub fn parse(name: &str) -> Result<Device, DeviceError> {
    let unknown = || DeviceError::Unknown {
        found: name.to_owned(),
    };
    let (kind, index) = match name.split_once(':') {
        None => (name, None),
        Some((kind, index)) => (kind, Some(index.parse::<usize>().map_err(|_| unknown())?)),
    };
    match (kind, index) {
        ("cpu", None) => cpu(name),
        ("wgpu", index) => wgpu(name, index),
        ("cuda", index) => cuda(name, index),
        _ => Err(unknown()),
    }
}

/// The device called `name`, ready to compute: its driver has been asked for it.
///
/// # Errors
///
/// Those of [`parse`], and when the driver refuses.
pub fn open(name: &str) -> Result<Device, DeviceError> {
    let device = parse(name)?;
    if name == "cpu" {
        return Ok(device);
    }
    ready(&device).map_err(|cause| DeviceError::Refused {
        found: name.to_owned(),
        cause,
    })?;
    Ok(device)
}

/// Burn opens a device when it is first used, on a thread of its own, and panics there where it cannot. While that may
/// happen, what a panic says is kept instead of printed.
fn ready(device: &Device) -> Result<(), String> {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let first = Arc::new(Mutex::new(None));
    let printing = panic::take_hook();
    panic::set_hook(Box::new({
        let first = Arc::clone(&first);
        move |info| {
            let said = info.payload_as_str().unwrap_or("the driver gave no reason");
            let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| said.to_owned());
        }
    }));
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| device.sync()));
    panic::set_hook(printing);
    if let Ok(done) = outcome {
        return done.map_err(|error| error.to_string());
    }
    let said = first.lock().unwrap_or_else(PoisonError::into_inner).take();
    Err(said.unwrap_or_default())
}

#[cfg(feature = "flex")]
#[expect(clippy::unnecessary_wraps, reason = "absent without the feature")]
fn cpu(_name: &str) -> Result<Device, DeviceError> {
    Ok(Device::flex())
}

#[cfg(not(feature = "flex"))]
fn cpu(name: &str) -> Result<Device, DeviceError> {
    Err(not_built_in(name, "flex"))
}

#[cfg(feature = "wgpu")]
fn wgpu(name: &str, index: Option<usize>) -> Result<Device, DeviceError> {
    use burn::tensor::{DeviceKind, DeviceType};
    const NONE: &str = "no graphics adapter is found; install the Vulkan driver of the card, or one in software (on \
                        Debian the package mesa-vulkan-drivers)";
    let adapters = Device::enumerate(DeviceType::Wgpu).into_vec();
    let adapter = pick(name, adapters, index, NONE)?;
    Ok(match index {
        Some(_) => adapter,
        None => Device::wgpu(DeviceKind::DefaultDevice),
    })
}

#[cfg(not(feature = "wgpu"))]
fn wgpu(name: &str, _index: Option<usize>) -> Result<Device, DeviceError> {
    Err(not_built_in(name, "wgpu"))
}

#[cfg(feature = "cuda")]
fn cuda(name: &str, index: Option<usize>) -> Result<Device, DeviceError> {
    use burn::tensor::DeviceType;
    const NONE: &str =
        "no NVIDIA card with its driver (libcuda) is found; `nvidia-smi` must list it";
    pick(
        name,
        Device::enumerate(DeviceType::Cuda).into_vec(),
        index,
        NONE,
    )
}

#[cfg(not(feature = "cuda"))]
fn cuda(name: &str, _index: Option<usize>) -> Result<Device, DeviceError> {
    Err(not_built_in(name, "cuda"))
}

#[cfg(not(all(feature = "flex", feature = "wgpu", feature = "cuda")))]
fn not_built_in(name: &str, feature: &'static str) -> DeviceError {
    DeviceError::NotBuiltIn {
        found: name.to_owned(),
        feature,
    }
}

/// The device of that index; without one, the first. `none` says what to do when there is no device at all.
#[cfg(any(feature = "wgpu", feature = "cuda", test))]
fn pick<T>(
    name: &str,
    mut devices: Vec<T>,
    index: Option<usize>,
    none: &str,
) -> Result<T, DeviceError> {
    let n_devices = devices.len();
    let index = index.unwrap_or(0);
    if index < n_devices {
        return Ok(devices.swap_remove(index));
    }
    let missing = match n_devices {
        0 => none.to_owned(),
        1 => "there is one, with index 0".to_owned(),
        _ => format!("there are {n_devices}, with indices 0 to {}", n_devices - 1),
    };
    Err(DeviceError::Absent {
        found: name.to_owned(),
        missing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_names_are_answered_with_the_known_ones() {
        for name in ["gpu", "cpu:0", "cuda:x", "wgpu:", ""] {
            let error = parse(name).unwrap_err();
            assert!(
                matches!(error, DeviceError::Unknown { .. }),
                "{name}: {error}"
            );
        }
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_missing_backend_is_answered_with_the_feature() {
        let error = parse("cuda:1").unwrap_err();
        assert_eq!(
            error.to_string(),
            "device `cuda:1` needs a build with `--features cuda`"
        );
    }

    #[cfg(feature = "flex")]
    #[test]
    fn the_cpu_is_built_in() {
        assert!(open("cpu").is_ok());
    }

    #[test]
    fn devices_are_counted_from_zero() {
        let pick = |index| pick("wgpu", vec!["a", "b"], index, "none");
        assert_eq!(pick(None), Ok("a"));
        assert_eq!(pick(Some(1)), Ok("b"));
        let error = pick(Some(2)).unwrap_err().to_string();
        assert!(
            error.ends_with("there are 2, with indices 0 to 1"),
            "{error}"
        );
    }

    #[test]
    fn a_machine_without_the_hardware_is_told_what_to_do() {
        let error = pick::<()>("cuda", Vec::new(), None, "install a driver").unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no device `cuda`: install a driver"
        );
    }
}
