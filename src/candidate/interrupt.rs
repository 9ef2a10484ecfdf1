//! Ctrl-C reaches the candidates too, although each has a process group of its own.
use std::collections::BTreeSet;
use std::sync::{Mutex, Once, PoisonError};
use std::thread;

use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
static WATCHING: Once = Once::new();

/// A process group that dies with this value, or with this process on a signal that ends it.
#[derive(Debug)]
pub(super) struct Group(Pid);

impl Group {
    /// Takes charge of the group led by `leader`.
    pub(super) fn of(leader: Pid) -> Self {
        WATCHING.call_once(watch);
        groups(|groups| groups.insert(leader.as_raw_pid()));
        Self(leader)
    }

    /// Kills every process of the group. A group that has ended is no error.
    pub(super) fn kill(&self) {
        let _ = kill_process_group(self.0, Signal::KILL);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
        groups(|groups| groups.remove(&self.0.as_raw_pid()));
    }
}

fn groups<T>(act: impl FnOnce(&mut BTreeSet<i32>) -> T) -> T {
    act(&mut GROUPS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Waits on a thread for a signal that ends this process, and kills the groups first. Where no handler can be installed
/// a signal ends this process alone, as it would without us.
fn watch() {
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else {
        return;
    };
    thread::spawn(move || {
        for signal in signals.forever() {
            groups(|groups| {
                for pid in groups.iter().filter_map(|&pid| Pid::from_raw(pid)) {
                    let _ = kill_process_group(pid, Signal::KILL);
                }
            });
            let _ = emulate_default_handler(signal);
        }
    });
}
