//! Limits that a candidate's process sets on itself before it builds its net.
//!
//! Every limit is one-way: the process cannot lift it again. What the system does not offer is reported as missing and
//! is no error, so that a net trains in a container without user namespaces too. The wall clock is the parent's.
//!
//! | limit | by | ends in |
//! |---|---|---|
//! | memory | `RLIMIT_DATA`: heap, stacks of threads, private mappings | abort, see [`Exceeded::of`] |
//! | CPU time | `RLIMIT_CPU` | signal `XCPU` |
//! | file size | `RLIMIT_FSIZE` | signal `XFSZ` |
//! | core dumps | `RLIMIT_CORE` 0 | none is written |
//! | files | Landlock: writes to the run folder, reads what the job names, runs no program | permission denied |
//! | network | an empty network namespace, and Landlock's TCP | unreachable or denied |

mod exceeded;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod network;
mod resources;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use exceeded::Exceeded;
pub use resources::machine_memory_mb;

/// What a process may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// MiB of memory. `None`: three quarters of the machine's on the CPU, no limit on a GPU, whose drivers map more
    /// than they use.
    pub memory_mb: Option<u64>,
    /// Seconds of CPU time, all threads together. `None`: no limit
    pub cpu_seconds: Option<u64>,
    /// MiB of one file. `None`: no limit
    pub file_mb: Option<u64>,
    /// Whether the network may be used.
    pub network: bool,
    /// Whether any file may be read and written.
    pub files: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_mb: None,
            cpu_seconds: None,
            file_mb: Some(8192),
            network: false,
            files: false,
        }
    }
}

/// What a job reads, writes and computes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Files and folders to read.
    pub read: Vec<PathBuf>,
    /// Folders to read and write.
    pub write: Vec<PathBuf>,
    /// Whether a GPU's driver must find its libraries, devices and caches: then all files may be read, and the devices
    /// and the user's cache written.
    pub gpu: bool,
}

/// What came of the limits, one sentence each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// In force.
    pub applied: Vec<String>,
    /// Asked for, but not to be had here.
    pub missing: Vec<String>,
}

impl Applied {
    fn note(&mut self, what: String, outcome: Result<(), impl std::fmt::Display>) {
        match outcome {
            Ok(()) => self.applied.push(what),
            Err(error) => self.missing.push(format!("{what}: {error}")),
        }
    }
}

impl Limits {
    /// Limits the calling process for good. To be called before it starts a thread: namespaces and Landlock bind the
    /// calling thread and those it starts.
    pub fn apply(&self, needs: &Needs) -> Applied {
        let mut applied = Applied::default();
        self.apply_network(&mut applied);
        resources::apply(self, needs.gpu, &mut applied);
        self.apply_files(needs, &mut applied);
        applied
    }

    #[cfg(target_os = "linux")]
    fn apply_network(&self, applied: &mut Applied) {
        if !self.network {
            applied.note("an empty network".to_owned(), network::leave());
        }
    }

    #[cfg(target_os = "linux")]
    fn apply_files(&self, needs: &Needs, applied: &mut Applied) {
        files::apply(self, needs, applied);
    }

    #[cfg(not(target_os = "linux"))]
    fn apply_network(&self, applied: &mut Applied) {
        if !self.network {
            applied.note("an empty network".to_owned(), Err("only on Linux"));
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn apply_files(&self, _needs: &Needs, applied: &mut Applied) {
        if !self.files {
            applied.note("only the job's files".to_owned(), Err("only on Linux"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_has_its_default() {
        let limits: Limits = serde_json::from_str(r#"{"memory_mb":512}"#).unwrap();
        let expected = Limits {
            memory_mb: Some(512),
            ..Limits::default()
        };
        assert_eq!(limits, expected);
    }

    #[test]
    fn a_misspelt_limit_is_no_limit_but_an_error() {
        assert!(serde_json::from_str::<Limits>(r#"{"memory":512}"#).is_err());
    }

    #[test]
    fn what_cannot_be_had_is_said_with_the_reason() {
        let mut applied = Applied::default();
        applied.note("a".to_owned(), Ok::<(), &str>(()));
        applied.note("b".to_owned(), Err("not here"));
        assert_eq!(applied.applied, ["a"]);
        assert_eq!(applied.missing, ["b: not here"]);
    }
}
