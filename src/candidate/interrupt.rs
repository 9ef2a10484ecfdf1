//! Ctrl-C and its like: candidates die with this process although each has a group of its own, and what must be said
//! last is said.
use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::{emulate_default_handler, signal_name};

static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
static WILL: Mutex<Option<Act>> = Mutex::new(None);
static WATCHING: Once = Once::new();
static ENDING: AtomicBool = AtomicBool::new(false);

type Act = Box<dyn FnOnce(&'static str) + Send>;

/// What is done when a signal ends this process while the value lives, after the candidates have been killed.
#[derive(Debug)]
pub struct LastWill(());

impl LastWill {
    /// `act` receives the signal's name, such as `SIGINT`. A process has one last will, the latest.
    pub fn new(act: impl FnOnce(&'static str) + Send + 'static) -> Self {
        WATCHING.call_once(watch);
        *lock(&WILL) = Some(Box::new(act));
        Self(())
    }
}

impl Drop for LastWill {
    fn drop(&mut self) {
        yield_to_signal();
        *lock(&WILL) = None;
    }
}

/// A process group that dies with this value, or with this process on a signal that ends it.
#[derive(Debug)]
pub(super) struct Group(Pid);

impl Group {
    /// Takes charge of the group led by `leader`.
    pub(super) fn of(leader: Pid) -> Self {
        WATCHING.call_once(watch);
        lock(&GROUPS).insert(leader.as_raw_pid());
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
        lock(&GROUPS).remove(&self.0.as_raw_pid());
    }
}

/// Waits for the end when a signal is ending this process: a candidate that has just died was killed by us, which is
/// nobody's result.
pub(super) fn yield_to_signal() {
    while ENDING.load(Ordering::Acquire) {
        thread::sleep(Duration::from_millis(10));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits on a thread for a signal that ends this process. Where no handler can be installed a signal ends this process
/// alone, as it would without us.
fn watch() {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let heard = if ignores(&status, SIGHUP) {
        &[SIGINT, SIGTERM][..] // as `nohup` wants it
    } else {
        &[SIGINT, SIGTERM, SIGHUP]
    };
    let Ok(mut signals) = Signals::new(heard) else {
        return;
    };
    thread::spawn(move || {
        for signal in signals.forever() {
            end(signal);
        }
    });
}

/// Whether a process with this `/proc/PID/status` ignores a signal: bit 0 of the mask `SigIgn` is signal 1.
fn ignores(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

fn end(signal: i32) {
    ENDING.store(true, Ordering::Release);
    for pid in lock(&GROUPS).iter().filter_map(|&pid| Pid::from_raw(pid)) {
        let _ = kill_process_group(pid, Signal::KILL);
    }
    // Taken before it acts: a will that panics must not leave the lock behind.
    let will = lock(&WILL).take();
    if let Some(act) = will {
        act(signal_name(signal).unwrap_or("a signal"));
    }
    let _ = emulate_default_handler(signal);
    // Only a handler that cannot be removed leads here: the process goes on, as it must then.
    ENDING.store(false, Ordering::Release);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_the_bits_of_the_mask() {
        let nohup = "Name:\tsleep\nSigBlk:\t0000000000000002\nSigIgn:\t0000000000001001\n";
        assert!(ignores(nohup, SIGHUP));
        assert!(!ignores(nohup, SIGINT));
        assert!(!ignores("Name:\tsleep\n", SIGHUP));
        assert!(!ignores("SigIgn:\tnone\n", SIGHUP));
    }
}
