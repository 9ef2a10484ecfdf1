//! Devices by name: `cpu`, `wgpu`, `wgpu:1`, `cuda`, `cuda:0`.

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
}

/// The device called `name`.
///
/// # Errors
///
/// When the name is none, or its backend is not built in.
pub fn parse(name: &str) -> Result<Device, DeviceError> {
    let unknown = || DeviceError::Unknown {
        found: name.to_owned(),
    };
    let (kind, index) = match name.split_once(':') {
        None => (name, None),
        Some((kind, index)) => (kind, Some(index.parse::<usize>().map_err(|_| unknown())?)),
    };
    let (device, feature) = match (kind, index) {
        ("cpu", None) => (cpu(), "flex"),
        ("wgpu", index) => (wgpu(index), "wgpu"),
        ("cuda", index) => (cuda(index.unwrap_or(0)), "cuda"),
        _ => return Err(unknown()),
    };
    device.ok_or_else(|| DeviceError::NotBuiltIn {
        found: name.to_owned(),
        feature,
    })
}

#[cfg(feature = "flex")]
#[expect(clippy::unnecessary_wraps, reason = "absent without the feature")]
fn cpu() -> Option<Device> {
    Some(Device::flex())
}

#[cfg(not(feature = "flex"))]
fn cpu() -> Option<Device> {
    None
}

#[cfg(feature = "wgpu")]
#[expect(clippy::unnecessary_wraps, reason = "absent without the feature")]
fn wgpu(index: Option<usize>) -> Option<Device> {
    use burn::tensor::DeviceKind;
    Some(Device::wgpu(
        index.map_or(DeviceKind::DefaultDevice, DeviceKind::DiscreteGpu),
    ))
}

#[cfg(not(feature = "wgpu"))]
fn wgpu(_index: Option<usize>) -> Option<Device> {
    None
}

#[cfg(feature = "cuda")]
#[expect(clippy::unnecessary_wraps, reason = "absent without the feature")]
fn cuda(index: usize) -> Option<Device> {
    Some(Device::cuda(index))
}

#[cfg(not(feature = "cuda"))]
fn cuda(_index: usize) -> Option<Device> {
    None
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
        assert!(parse("cpu").is_ok());
    }
}
