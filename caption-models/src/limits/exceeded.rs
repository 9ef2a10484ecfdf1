//! Which limit ended a process.

use rustix::process::Signal;

/// A limit that ended a process before its last word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    /// Memory ran out: the process's own limit or the machine's.
    Memory,
    /// CPU time ran out.
    CpuTime,
    /// A file grew too large.
    FileSize,
}

impl Exceeded {
    /// What Rust writes on stderr before it aborts for want of memory.
    const OUT_OF_MEMORY: &str = "memory allocation of ";

    /// The limit that ended a process killed by `signal`, whose stderr ends in `log`; `None` when it was none.
    ///
    /// - `ABRT` after `memory allocation of N bytes failed`: [`Memory`](Self::Memory). A failed allocation aborts and
    ///   safe Rust cannot say a last event; the line on stderr is what tells it from other aborts.
    /// - `XCPU`: [`CpuTime`](Self::CpuTime). `XFSZ`: [`FileSize`](Self::FileSize).
    /// - `KILL`: `None`. The kernel kills so when the machine's memory is gone, but so does a person; only the parent
    ///   can tell, see [`oom_kills`](Self::oom_kills).
    pub fn of(signal: i32, log: &str) -> Option<Self> {
        let is = |known: Signal| signal == known.as_raw();
        if is(Signal::ABORT) && log.contains(Self::OUT_OF_MEMORY) {
            Some(Self::Memory)
        } else if is(Signal::XCPU) {
            Some(Self::CpuTime)
        } else if is(Signal::XFSZ) {
            Some(Self::FileSize)
        } else {
            None
        }
    }

    /// How often the kernel has killed a process for want of memory since the machine started; `None` where it does not
    /// count. A process killed while the number rose has [run out of memory](Self::Memory).
    pub fn oom_kills() -> Option<u64> {
        count(&std::fs::read_to_string("/proc/vmstat").ok()?)
    }

    /// Whether the message of a panic says that memory, a GPU's included, or a thread for want of it, could not be had.
    pub(crate) fn is_out_of_memory(panic: &str) -> bool {
        [
            "Cannot allocate memory",
            "failed to spawn thread",
            "out of device memory allocating ",
            "can't allocate buffer of size",
            Self::OUT_OF_MEMORY,
        ]
        .iter()
        .any(|text| panic.contains(text))
    }
}

/// The number in the line `oom_kill`.
fn count(vmstat: &str) -> Option<u64> {
    let line = |line: &str| line.strip_prefix("oom_kill ")?.trim().parse().ok();
    vmstat.lines().find_map(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_kills_are_counted() {
        assert_eq!(count("pgfault 7\noom_kill 3\n"), Some(3));
        assert_eq!(count("pgfault 7\n"), None);
    }

    #[test]
    fn a_thread_without_a_stack_is_want_of_memory() {
        let panic = "failed to spawn thread: Os { code: 11, kind: WouldBlock }";
        assert!(Exceeded::is_out_of_memory(panic));
        assert!(!Exceeded::is_out_of_memory("index out of bounds"));
    }

    #[test]
    fn a_gpu_without_memory_is_want_of_memory() {
        let panic = "Error while reading data: out of device memory allocating 4096 bytes";
        assert!(Exceeded::is_out_of_memory(panic));
    }

    #[test]
    fn a_kill_is_no_limit_by_itself() {
        assert_eq!(Exceeded::of(Signal::KILL.as_raw(), ""), None);
    }

    #[test]
    fn an_abort_is_for_want_of_memory_only_if_it_says_so() {
        let abort = Signal::ABORT.as_raw();
        let log = "memory allocation of 4096 bytes failed\n";
        assert_eq!(Exceeded::of(abort, log), Some(Exceeded::Memory));
        assert_eq!(Exceeded::of(abort, "thread panicked while panicking"), None);
    }

    #[test]
    fn a_fault_of_the_program_is_no_limit() {
        assert_eq!(
            Exceeded::of(Signal::SEGV.as_raw(), "memory allocation of 1"),
            None
        );
    }

    #[test]
    fn each_limit_has_its_signal() {
        let cases = [
            (Signal::XCPU, Exceeded::CpuTime),
            (Signal::XFSZ, Exceeded::FileSize),
        ];
        for (signal, expected) in cases {
            assert_eq!(Exceeded::of(signal.as_raw(), ""), Some(expected));
        }
    }
}
