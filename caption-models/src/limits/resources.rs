//! `setrlimit`.

use std::fs;

use rustix::io;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{Applied, Limits};

const MB: u64 = 1 << 20;
/// CPU seconds between the signal that says so and the one that kills.
const CPU_GRACE: u64 = 5;

pub(super) fn apply(limits: &Limits, gpu: bool, applied: &mut Applied) {
    let default = || machine_memory_mb().filter(|_| !gpu).map(|mb| mb / 4 * 3);
    if let Some(mb) = limits.memory_mb.or_else(default) {
        let bytes = mb.saturating_mul(MB);
        applied.note(
            format!("{mb} MiB of memory"),
            lower(Resource::Data, bytes, bytes),
        );
    }
    if let Some(seconds) = limits.cpu_seconds {
        let hard = seconds.saturating_add(CPU_GRACE);
        applied.note(
            format!("{seconds} s of CPU time"),
            lower(Resource::Cpu, seconds, hard),
        );
    }
    if let Some(mb) = limits.file_mb {
        let bytes = mb.saturating_mul(MB);
        applied.note(
            format!("files of {mb} MiB"),
            lower(Resource::Fsize, bytes, bytes),
        );
    }
    applied.note("no core dump".to_owned(), lower(Resource::Core, 0, 0));
}

/// Sets the limits that are not lower already.
fn lower(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let now = getrlimit(resource);
    let lower_of = |old: Option<u64>, new: u64| Some(old.map_or(new, |old| old.min(new)));
    let new = Rlimit {
        current: lower_of(now.current, soft),
        maximum: lower_of(now.maximum, hard),
    };
    setrlimit(resource, new)
}

/// MiB of memory of the machine, or of the control group that this process lives in when that is less; `None` where the
/// system does not tell.
pub fn machine_memory_mb() -> Option<u64> {
    let machine = total_mb(&fs::read_to_string("/proc/meminfo").ok()?)?;
    let group = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let group = group.and_then(|bytes| bytes.trim().parse::<u64>().ok());
    Some(group.map_or(machine, |bytes| machine.min(bytes / MB)))
}

fn total_mb(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kb: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kb / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_memory_is_read_in_kilobytes() {
        let meminfo = "MemTotal:       16384 kB\nMemFree: 1 kB\n";
        assert_eq!(total_mb(meminfo), Some(16));
        assert_eq!(total_mb("MemFree: 1 kB"), None);
    }

    #[test]
    fn a_limit_is_never_raised() {
        lower(Resource::Core, 0, 0).unwrap();
        lower(Resource::Core, 100, 100).unwrap();
        let now = getrlimit(Resource::Core);
        assert_eq!((now.current, now.maximum), (Some(0), Some(0)));
    }
}
