//! The devices that nets can be trained on.
use std::path::Path;

use super::trial::{DeviceTrial, of_device};
use super::{Finding, Section, State};

/// Name, how its backend is built in, and what it needs of the machine.
const DEVICES: [(&str, &str, &str); 3] = [
    (
        "cpu",
        "build with the default features",
        "the backend `flex` needs nothing: this is a bug of nn-caption",
    ),
    (
        "wgpu",
        "build with `cargo build --release --features wgpu`",
        "install a Vulkan or Metal driver; on Debian mesa-vulkan-drivers has one that needs no GPU",
    ),
    (
        "cuda",
        "build with `cargo build --release --features cuda`, which takes a network: the build fetches LLVM",
        "install NVIDIA's driver and the CUDA toolkit's NVRTC, and look whether nvidia-smi shows the GPU",
    ),
];

pub(super) fn section() -> Section {
    let mut findings: Vec<Finding> = DEVICES.iter().map(finding).collect();
    if findings.iter().all(|finding| finding.state != State::Good) {
        findings.push(Finding::bad(
            "any device",
            "none computes",
            "training needs one of these devices",
        ));
    }
    findings.extend(drivers());
    Section {
        title: "devices",
        findings,
    }
}

fn finding((name, build, needs): &(&str, &str, &str)) -> Finding {
    match of_device(name) {
        DeviceTrial::NotBuiltIn => Finding::absent(*name, "not built in", *build),
        DeviceTrial::Computes(None) => Finding::good(*name, "computes"),
        DeviceTrial::Computes(Some(identity)) => {
            Finding::good(*name, format!("computes: {identity}")).with(identity)
        }
        DeviceTrial::Fails(reason) => {
            Finding::absent(*name, format!("does not compute: {reason}"), *needs)
        }
    }
}

/// Drivers of GPUs that the system has, whether or not a backend for them is built in.
fn drivers() -> Vec<Finding> {
    let icds = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
    let names = icds.iter().flat_map(|folder| names_in(Path::new(folder)));
    let vulkan: Vec<String> = names.collect();
    let nvidia = Path::new("/proc/driver/nvidia/version").exists();
    let mut found = Vec::new();
    if !vulkan.is_empty() {
        found.push(Finding::good("Vulkan drivers", vulkan.join(", ")).with(vulkan));
    }
    if nvidia {
        found.push(Finding::good("NVIDIA's driver", "loaded"));
    }
    if found.is_empty() {
        found.push(Finding::absent(
            "GPU drivers",
            "none found",
            "without one only the CPU computes",
        ));
    }
    found
}

/// Names in a folder, without their extension, sorted.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let stem = |path: std::path::PathBuf| Some(path.file_stem()?.to_string_lossy().into_owned());
    let mut names: Vec<String> = entries.filter_map(|entry| stem(entry.path())).collect();
    names.sort_unstable();
    names
}
