//! Threads, vector instructions, memory, room on disks.
use std::path::{Path, PathBuf};

use caption_models::limits::machine_memory_mb;
use rustix::fs::statvfs;

use super::{Finding, Section};
use crate::candidate::Builder;

const MB: u64 = 1 << 20;
/// Below this a system of the registry does not train.
const LITTLE_MEMORY_MB: u64 = 1024;
/// Below this a run may end for want of room.
const LITTLE_DISK_MB: u64 = 2048;
/// Below this not even a candidate can be compiled.
const NO_DISK_MB: u64 = 200;

pub(super) fn section() -> Section {
    let mut findings = vec![threads(), simd(), memory()];
    findings.extend(disks());
    Section {
        title: "machine",
        findings,
    }
}

fn threads() -> Finding {
    let n_threads = std::thread::available_parallelism().map_or(1, usize::from);
    let found = match std::env::var("RAYON_NUM_THREADS") {
        Ok(limit) => format!("{n_threads}, of which RAYON_NUM_THREADS allows {limit}"),
        Err(_) => n_threads.to_string(),
    };
    Finding::good("threads", found).with(n_threads)
}

fn simd() -> Finding {
    let sets = instruction_sets();
    if sets.is_empty() {
        return Finding::absent(
            "vector instructions",
            "none that nn-caption knows",
            "training works, slowly",
        );
    }
    Finding::good("vector instructions", sets.join(", ")).with(sets)
}

#[cfg(target_arch = "x86_64")]
fn instruction_sets() -> Vec<&'static str> {
    let all = [
        ("sse4.2", is_x86_feature_detected!("sse4.2")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
    ];
    all.into_iter()
        .filter_map(|(name, on)| on.then_some(name))
        .collect()
}

#[cfg(target_arch = "aarch64")]
fn instruction_sets() -> Vec<&'static str> {
    vec!["neon"] // part of the architecture
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn instruction_sets() -> Vec<&'static str> {
    Vec::new()
}

fn memory() -> Finding {
    let Some(total) = machine_memory_mb() else {
        return Finding::absent(
            "memory",
            "the system does not tell",
            "give trainings a limit with --memory",
        );
    };
    let free = available_mb();
    let found = match free {
        Some(free) => format!("{total} MiB, {free} MiB free; a candidate may use three quarters"),
        None => format!("{total} MiB; a candidate may use three quarters"),
    };
    let value = serde_json::json!({ "total_mb": total, "available_mb": free });
    let finding = if free.unwrap_or(total) < LITTLE_MEMORY_MB {
        let advice = "use small pictures and batches: --image 64 --batch 4";
        Finding::absent("memory", found, advice)
    } else {
        Finding::good("memory", found)
    };
    finding.with(value)
}

fn available_mb() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kb: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kb / 1024)
}

fn disks() -> Vec<Finding> {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let target = Builder::find()
        .ok()
        .map(|builder| builder.target().to_path_buf());
    let places = [
        Some(("disk for runs, here", here)),
        target.map(|target| ("disk for compiling", target)),
        Some(("disk for temporary files", std::env::temp_dir())),
    ];
    let places = places.into_iter().flatten();
    places.map(|(what, place)| disk(what, &place)).collect()
}

fn disk(what: &str, place: &Path) -> Finding {
    let free = match statvfs(place) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize) / MB,
        Err(error) => {
            let found = format!("{}: {error}", place.display());
            return Finding::bad(what, found, "choose a folder that can be read");
        }
    };
    let found = format!("{free} MiB free at {}", place.display());
    let finding = match free {
        ..NO_DISK_MB => Finding::bad(what, found, "free some space"),
        NO_DISK_MB..LITTLE_DISK_MB => Finding::absent(
            what,
            found,
            "free some space: long trainings may run out of it",
        ),
        _ => Finding::good(what, found),
    };
    finding.with(free)
}
